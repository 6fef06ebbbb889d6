import { and, eq, ne, sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { preparedOnce } from '../../database/prepared.ts';
import { type FieldProblem, Problem } from '../../problem.ts';
import { logAccess, refusingUnlogged, structureOf } from '../access-log/log-access.ts';
import { untilCurrent } from '../access-log/until-current.ts';
import type { Authority } from '../delegations/delegations.ts';
import { personsOf } from '../patients/persons.ts';
import { evaluateDose, type Finding } from '../rules/dose-rules.ts';
import type { RecordRules } from '../rules/load-rules.ts';
import { authorityToEnter, onBehalf } from './act-authority.ts';
import { type Entry, personOf, validatesOwn } from './act-entry.ts';
import { consultations, injections } from './acts.table.ts';
import { checkInjection, type InjectionFacts } from './check-injection.ts';
import { type DoseContext, getDoseContext } from './dose-context.ts';
import { type Injection, selectInjections } from './find-act.ts';
import type { InjectionInput } from './injection-body.ts';
import { warningsOfPlace } from './unknown-finess.ts';

export interface NewInjection {
  readonly patientId: string;
  readonly input: InjectionInput;
  readonly idempotencyKey?: string | undefined;
}

export interface RecordedInjection {
  readonly injection: Injection;
  /** False when the same key had recorded it before: nothing was done again. */
  readonly created: boolean;
  readonly warnings: readonly FieldProblem[];
}

/** What would be stored, and what is to be said of it: shown before anything is confirmed. */
export interface InjectionProposal {
  readonly facts: InjectionFacts;
  readonly findings: readonly Finding[];
  readonly warnings: readonly FieldProblem[];
  readonly authority: Authority;
  /** The same vaccine stands on that day already. */
  readonly sameAct: boolean;
  /** Place of the last entry of the access log when this was worked out. */
  readonly asOf: number;
}

/**
 * Checks an injection without recording it. What it tells of the record must be logged before it is shown.
 * @throws Problem 404 `no-such-patient`; 409 `patient-merged`; 403 `no-delegation`; 422 `invalid` for the impossible.
 */
export async function proposeInjection(
  db: Database,
  entry: Entry,
  { patientId, input }: NewInjection,
  rules: RecordRules,
  now: Date,
): Promise<InjectionProposal> {
  const context = await getDoseContext(db, patientId, { proof: entry.proof, now });
  const checked = checkInjection(input, { vaccines: rules, birthDate: context.birthDate }, now);
  if ('errors' in checked) throw new Problem(422, 'invalid', { errors: checked.errors });
  const { facts } = checked;
  const warnings = await warningsOfPlace(db, entry, facts.placeFiness, checked.warnings);
  const authority = await authorityToEnter(db, entry, 'injection.record', {
    performedBy: input.performedBy,
    at: facts.occurredAt,
    placeFiness: facts.placeFiness,
  });
  if (facts.consultationId !== null) await checkConsultation(db, patientId, facts.consultationId);
  const { doses } = context.history;
  const sameAct = doses.some(({ vaccine, day }) => vaccine === facts.vaccine && day === facts.day);
  return {
    facts,
    warnings,
    authority,
    findings: findingsOf(facts, context, rules),
    sameAct,
    asOf: context.asOf,
  };
}

/**
 * Records an injection: one statement reads what it is judged by, one stores it with its entry in the access log.
 * Sent again with its key it is the same injection, whoever of many sendings comes first. The same vaccine on the same
 * day is recognised by a unique index, so also when two people enter it at once; of different doses entered at once,
 * the second to be stored is judged again with the first.
 * @throws Problem as `proposeInjection`; 422 `dose-findings` with the `findings` when a warning stands and no reason was
 *   given; 409 `same-act` with the `first`; 422 `key-used-otherwise`; 503 `access-not-logged`.
 */
export function recordInjection(
  db: Database,
  entry: Entry,
  given: NewInjection,
  rules: RecordRules,
  now: Date,
): Promise<RecordedInjection> {
  return untilCurrent(() => recordOnce(db, entry, given, rules, now));
}

async function recordOnce(
  db: Database,
  entry: Entry,
  given: NewInjection,
  rules: RecordRules,
  now: Date,
): Promise<RecordedInjection> {
  const { patientId, input, idempotencyKey = null } = given;
  const proposal = await proposeInjection(db, entry, given, rules, now);
  const { facts, findings, warnings, authority } = proposal;
  const overrideReason = input.overrideReason?.trim() || null;
  const repeated = proposal.sameAct && !input.notADuplicate;
  if (repeated || (overrideReason === null && findings.some(needsReason))) {
    // Sent again after it was recorded, it meets itself among the doses: its key tells.
    const earlier = idempotencyKey === null ? undefined : await findByKey(db, entry, idempotencyKey);
    if (earlier) return replayed(db, entry, given, earlier, facts, now);
    if (repeated) throw await sameActProblem(db, entry, patientId, facts, now);
    const access = { ...entry, patientId, action: 'injection.check', onBehalfOf: onBehalf(entry, authority) };
    await logAccess(db, access, now);
    throw new Problem(422, 'dose-findings', { extensions: { findings } });
  }
  const me = personOf(entry.professional);
  const validated = authority.delegationId === null && validatesOwn(entry);
  const stored = {
    ...facts,
    patientId,
    performedBy: authority.performer.id,
    enteredBy: me.id,
    delegationId: authority.delegationId,
    findings,
    overrideReason,
    notADuplicate: input.notADuplicate ?? false,
  };
  const [inserted] = await refusingUnlogged(() =>
    insertInjection(db).execute({
      ...stored,
      validatedBy: validated ? me.id : null,
      validatedAt: validated ? now.toISOString() : null,
      idempotencyKey,
      now,
      asOf: proposal.asOf,
      logAt: now.toISOString(),
      logStructure: structureOf(entry.professional),
      logBehalf: onBehalf(entry, authority),
      logRoute: entry.route,
      logRequest: entry.requestId,
    }),
  );
  if (inserted) {
    const injection: Injection = {
      kind: 'injection',
      id: inserted.id,
      version: 1,
      state: 'recorded',
      ...stored,
      performedBy: authority.performer,
      enteredBy: me,
      validatedBy: validated ? me : null,
      validatedAt: validated ? now : null,
      createdAt: now,
      updatedAt: now,
    };
    return { injection, created: true, warnings };
  }
  const earlier = idempotencyKey === null ? undefined : await findByKey(db, entry, idempotencyKey);
  if (earlier) return replayed(db, entry, given, earlier, facts, now);
  throw await sameActProblem(db, entry, patientId, facts, now);
}

/** Whether a finding asks for a reason; information does not. */
export function needsReason({ severity }: Finding): boolean {
  return severity !== 'info';
}

/** What the dose rules in force on the day say; `id` of the injection being corrected, or taken back. */
export function findingsOf(
  facts: Pick<InjectionFacts, 'vaccine' | 'doseRank' | 'doseTotal' | 'occurredAt'>,
  { birthDate, history }: DoseContext,
  rules: RecordRules,
  id?: string,
): readonly Finding[] {
  const { vaccine, doseRank, doseTotal, occurredAt } = facts;
  const dose = { vaccine, doseRank, doseTotal, ...(id !== undefined && { id }) };
  return evaluateDose(dose, history, { birthDate }, rules.doseRules, occurredAt);
}

/** The same patient, vaccine and day, already there: shown, and read by whoever is shown it. */
export async function sameActProblem(
  db: Database,
  entry: Entry,
  patientId: string,
  { vaccine, day }: Pick<InjectionFacts, 'vaccine' | 'day'>,
  now: Date,
  except: string | null = null,
): Promise<Problem> {
  return db.transaction(async (tx) => {
    const [first] = await selectInjections(
      tx,
      and(
        sql`${injections.patientId} in ${personsOf(patientId)}`,
        eq(injections.vaccine, vaccine),
        eq(injections.day, day),
        eq(injections.state, 'recorded'),
        eq(injections.notADuplicate, false),
        except === null ? undefined : ne(injections.id, except),
      ),
    );
    await logAccess(tx, { ...entry, patientId, action: 'injection.read' }, now);
    return new Problem(409, 'same-act', { ...(first && { extensions: { first: firstOf(first) } }) });
  });
}

function firstOf({
  id,
  version,
  vaccine,
  lot,
  occurredAt,
  doseRank,
  doseTotal,
  enteredBy,
  createdAt,
}: Injection) {
  const { familyName, givenNames } = enteredBy;
  return {
    id,
    version,
    vaccine,
    lot,
    occurredAt,
    doseRank,
    doseTotal,
    enteredBy: { familyName, givenNames },
    createdAt,
  };
}

async function findByKey(db: Database, { professional }: Entry, key: string): Promise<Injection | undefined> {
  const own = and(eq(injections.enteredBy, professional.id), eq(injections.idempotencyKey, key));
  return (await selectInjections(db, own))[0];
}

/** The answer that the first sending was given; a key that stands for something else is refused. */
async function replayed(
  db: Database,
  entry: Entry,
  { patientId }: NewInjection,
  earlier: Injection,
  facts: InjectionFacts,
  now: Date,
): Promise<RecordedInjection> {
  const same =
    earlier.patientId === patientId &&
    // Once corrected it is no longer what was sent; its key still stands for it.
    (earlier.version > 1 ||
      (earlier.vaccine === facts.vaccine &&
        earlier.lot === facts.lot &&
        earlier.occurredAt.getTime() === facts.occurredAt.getTime() &&
        earlier.doseRank === facts.doseRank));
  if (!same) throw new Problem(422, 'key-used-otherwise');
  await logAccess(db, { ...entry, patientId, action: 'injection.read' }, now);
  return { injection: earlier, created: false, warnings: [] };
}

/** @throws Problem 422 when it is none of the patient's. */
export async function checkConsultation(db: Database, patientId: string, id: string): Promise<void> {
  const found = await db.$count(
    consultations,
    sql`${consultations.id} = ${id} and ${consultations.state} = 'recorded'
      and ${consultations.patientId} in ${personsOf(patientId)}`,
  );
  if (found > 0) return;
  const errors = [{ path: '/consultationId', key: 'records-acts.errors.consultation' }];
  throw new Problem(422, 'invalid', { errors });
}

const given = (name: string) => sql.placeholder(name);

const insertInjection = preparedOnce((db) => {
  const inserted = db.$with('inserted').as(
    db
      .insert(injections)
      .values({
        patientId: given('patientId'),
        occurredAt: given('occurredAt'),
        placeKind: given('placeKind'),
        placeFiness: given('placeFiness'),
        placeName: given('placeName'),
        performedBy: given('performedBy'),
        enteredBy: given('enteredBy'),
        validatedBy: given('validatedBy'),
        // Null has no instant: the column's own encoder cannot take it.
        validatedAt: sql`${given('validatedAt')}::timestamptz`,
        delegationId: given('delegationId'),
        createdAt: given('now'),
        updatedAt: given('now'),
        consultationId: given('consultationId'),
        vaccine: given('vaccine'),
        lot: given('lot'),
        lotExpiry: given('lotExpiry'),
        gtin: given('gtin'),
        serial: given('serial'),
        arm: given('arm'),
        site: given('site'),
        route: given('route'),
        doseVolume: given('doseVolume'),
        doseRank: given('doseRank'),
        doseTotal: given('doseTotal'),
        day: given('day'),
        findings: given('findings'),
        overrideReason: given('overrideReason'),
        idempotencyKey: given('idempotencyKey'),
        notADuplicate: given('notADuplicate'),
      })
      .onConflictDoNothing()
      .returning({ id: injections.id, patientId: injections.patientId }),
  );
  return db
    .with(inserted)
    .select({
      id: inserted.id,
      logged:
        sql`log_access_after(${given('asOf')}::integer, ${inserted.patientId}, ${given('logAt')}::timestamptz, ${given('enteredBy')}::uuid,
        ${given('logBehalf')}::uuid, ${given('logStructure')}::text, 'injection.create', ${given('logRoute')}::text,
        ${given('logRequest')}::text)`.as('logged'),
    })
    .from(inserted)
    .prepare('injection_insert');
});
