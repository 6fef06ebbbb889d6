import { randomUUID } from 'node:crypto';
import { Problem } from '../../problem.ts';
import type { PatientAccess } from '../access-log/log-access.ts';
import { authorityAmong, onBehalf } from '../acts/act-authority.ts';
import { type Entry, personOf, validatesOwn } from '../acts/act-entry.ts';
import type { injections } from '../acts/acts.table.ts';
import { checkInjection } from '../acts/check-injection.ts';
import type { DoseContext } from '../acts/dose-context.ts';
import { findingsOf, needsReason } from '../acts/record-injection.ts';
import { unknownPlace } from '../acts/unknown-finess.ts';
import type { Authority, GivenDelegation } from '../delegations/delegations.ts';
import type { PastDose } from '../rules/dose-rules/history.ts';
import type { RecordRules } from '../rules/load-rules.ts';
import { errorsOf } from './import-rows.ts';
import type { RowError } from './imports.table.ts';
import type { PatientBook } from './patient-book.ts';
import type { PreparedRow, ReadyRow } from './prepare-row.ts';

/** What a batch's rows are judged by. Rows already judged are part of it. */
export interface Judging {
  readonly entry: Entry;
  readonly rules: RecordRules;
  readonly now: Date;
  readonly book: PatientBook;
  readonly delegations: readonly GivenDelegation[];
  /** Of the rows' places, the FINESS numbers that the directory does not know. */
  readonly unknownFiness: ReadonlySet<string>;
  /** Of the patients who are in the database, by id; of those merged into others, none. */
  readonly contexts: ReadonlyMap<string, DoseContext>;
  /** Doses that rows of this batch gave, by patient. */
  readonly given: Map<string, PastDose[]>;
  /** Injections that rows made earlier, by the rows' identifiers: those of this batch are added. */
  readonly noted: Map<string, string | null>;
  /** Injections recorded earlier of which no row tells, by their keys. */
  readonly byKey: ReadonlyMap<string, string>;
}

export type NewInjectionRow = Omit<typeof injections.$inferSelect, 'state' | 'version'>;

/** What becomes of a row, and what is to be logged of it. */
export interface Judgement {
  readonly line: number;
  readonly state: 'recorded' | 'known' | 'refused';
  readonly injectionId: string | null;
  /** What is wrong with it; of one that is recorded, what is doubtful. */
  readonly errors: readonly RowError[];
  readonly accesses: readonly PatientAccess[];
  /** To be stored with it. */
  readonly injection?: NewInjectionRow;
  readonly newPatient?: { readonly id: string; readonly row: ReadyRow };
}

/**
 * Says of a row what the commands for a single patient and a single injection would, in their order. Nothing is stored:
 * a person whose injection is refused is not recorded either.
 */
export function judgeRow(judging: Judging, row: PreparedRow): Judgement {
  const { noted, byKey, entry, book } = judging;
  const { line } = row;
  const refused = (errors: readonly RowError[], accesses: readonly PatientAccess[] = []): Judgement => ({
    ...{ line, state: 'refused', injectionId: null, errors, accesses },
  });
  if ('errors' in row) return refused(row.errors);
  const { rowId, idempotencyKey } = row;
  const earlier = noted.get(rowId);
  if (earlier !== undefined) {
    return { line, state: 'known', injectionId: earlier, errors: [], accesses: [] };
  }
  const unnoted = byKey.get(idempotencyKey);
  if (unnoted !== undefined) {
    noted.set(rowId, unnoted);
    return { line, state: 'recorded', injectionId: unnoted, errors: [], accesses: [] };
  }
  const { who, seen } = book.meet(row);
  const looked = seen.map((each): PatientAccess => ({ ...accessOf(entry), ...each }));
  if (who === 'unclear')
    return refused([{ field: 'birthFamilyName', key: 'records-import.errors.likely' }], looked);
  const isNew = who === 'nobody-yet';
  const patientId = isNew ? randomUUID() : who.id;
  const context = contextOf(judging, row, isNew ? undefined : patientId, isNew);
  if (context === undefined) return refused(problemErrors(new Problem(409, 'patient-merged')), looked);
  try {
    const judged = judgeInjection(judging, row, patientId, context);
    const access = { ...accessOf(entry), patientId, onBehalfOf: onBehalf(entry, judged.authority) };
    // Nobody's record is read for a person who has none.
    if ('errors' in judged) {
      const read = isNew ? [] : [{ ...access, action: judged.action }];
      return refused(judged.errors, [...looked, ...read]);
    }
    const { injection, warnings } = judged;
    const made = isNew ? [{ ...access, onBehalfOf: null, action: 'patient.create' }] : [];
    note(judging, row, injection, isNew);
    return {
      ...{ line, state: 'recorded', injectionId: injection.id, injection },
      errors: [...(isNew ? row.doubts : []), ...warnings],
      accesses: [...looked, ...made, { ...access, action: 'injection.create' }],
      ...(isNew && { newPatient: { id: patientId, row } }),
    };
  } catch (error) {
    // What our commands refuse is the row's fault; anything else is ours, and tried again.
    if (!(error instanceof Problem) || error.statusCode >= 500) throw error;
    return refused(problemErrors(error), looked);
  }
}

type Judged =
  | { readonly authority: Authority; readonly errors: readonly RowError[]; readonly action: string }
  | {
      readonly authority: Authority;
      readonly injection: NewInjectionRow;
      readonly warnings: readonly RowError[];
    };

/** @throws Problem as `recordInjection`, but for what is said of the record. */
function judgeInjection(
  { entry, rules, now, delegations, unknownFiness }: Judging,
  { injection: input, idempotencyKey }: ReadyRow,
  patientId: string,
  context: DoseContext,
): Judged {
  const checked = checkInjection(input, { vaccines: rules, birthDate: context.birthDate }, now);
  if ('errors' in checked) throw new Problem(422, 'invalid', { errors: checked.errors });
  const { facts } = checked;
  const warnings = [...checked.warnings, ...unknownPlace(facts.placeFiness, unknownFiness, checked.warnings)];
  const performed = { performedBy: input.performedBy, at: facts.occurredAt, placeFiness: facts.placeFiness };
  const authority = authorityAmong(delegations, entry, 'injection.record', performed);
  const { doses } = context.history;
  if (doses.some(({ vaccine, day }) => vaccine === facts.vaccine && day === facts.day)) {
    return { authority, errors: problemErrors(new Problem(409, 'same-act')), action: 'injection.read' };
  }
  const findings = findingsOf(facts, context, rules);
  const overrideReason = input.overrideReason?.trim() || null;
  const unanswered = overrideReason === null ? findings.filter(needsReason) : [];
  if (unanswered.length > 0) {
    const errors = unanswered.map(({ kind, parameters }) => ({
      field: 'reason',
      key: 'records-import.errors.needsReason',
      finding: { kind, parameters },
    }));
    return { authority, errors, action: 'injection.check' };
  }
  const me = personOf(entry.professional);
  const validated = authority.delegationId === null && validatesOwn(entry);
  const injection = {
    ...facts,
    id: randomUUID(),
    patientId,
    performedBy: authority.performer.id,
    enteredBy: me.id,
    validatedBy: validated ? me.id : null,
    validatedAt: validated ? now : null,
    delegationId: authority.delegationId,
    createdAt: now,
    updatedAt: now,
    findings,
    overrideReason,
    idempotencyKey,
    notADuplicate: false,
  };
  return { authority, injection, warnings: errorsOf(warnings) };
}

/** What the injection is judged against; undefined for a record that was merged into another. */
function contextOf(
  { contexts, given }: Judging,
  { traits }: ReadyRow,
  patientId: string | undefined,
  isNew: boolean,
): DoseContext | undefined {
  if (isNew || patientId === undefined)
    return { birthDate: traits.birthDate, history: emptyHistory, asOf: 0 };
  const added = given.get(patientId);
  const known = contexts.get(patientId);
  // One that this batch made has nothing but what this batch gave.
  if (known === undefined) {
    return added && { birthDate: traits.birthDate, history: { ...emptyHistory, doses: added }, asOf: 0 };
  }
  if (added === undefined) return known;
  const { history } = known;
  return { ...known, history: { ...history, doses: [...history.doses, ...added] } };
}

const emptyHistory: DoseContext['history'] = { doses: [], events: [], consultations: [], infections: [] };

/** Makes an injection part of what the following rows are judged by. */
function note(
  { book, given, noted }: Judging,
  row: ReadyRow,
  { id, patientId, vaccine, day, doseRank, doseTotal }: NewInjectionRow,
  isNew: boolean,
): void {
  if (isNew) book.add(row, patientId);
  given.set(patientId, [...(given.get(patientId) ?? []), { id, vaccine, day, doseRank, doseTotal }]);
  noted.set(row.rowId, id);
}

/** Of one's own accesses, all but the patient and what is done. */
function accessOf({ professional, route, requestId }: Entry) {
  return { professional, route, requestId };
}

function problemErrors(problem: Problem): readonly RowError[] {
  if (problem.errors.length > 0) return errorsOf(problem.errors);
  return [{ field: 'rowId', key: `problems.${problem.code}.title` }];
}
