import { and, desc, eq, sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { professionals } from '../../identity/identity.table.ts';
import { Problem } from '../../problem.ts';
import { logAccess } from '../access-log/log-access.ts';
import { authorityToChange, authorityToValidate, onBehalf } from '../acts/act-authority.ts';
import { answersForOwn, type Entry } from '../acts/act-entry.ts';
import { adverseEvents, recordVersions } from '../acts/acts.table.ts';
import type { Authority } from '../delegations/delegations.ts';
import type { AdverseEventChange, DeclarationInput } from './adverse-event-body.ts';
import { checkAdverseEvent } from './check-adverse-event.ts';
import { type AdverseEvent, getAdverseEvent } from './find-adverse-events.ts';

/** Which event, as its caller last saw it. */
export interface KnownAdverseEvent {
  readonly patientId: string;
  readonly id: string;
  /** Undefined: whichever it is now. */
  readonly version: number | undefined;
}

/** What may be done to an adverse event, each with its reason where history needs one. */
export type AdverseEventAct =
  | { readonly change: 'correct'; readonly reason: string; readonly fields: AdverseEventChange }
  | { readonly change: 'enter_in_error'; readonly reason: string }
  | { readonly change: 'restore'; readonly reason: string }
  | { readonly change: 'validate' }
  | ({ readonly change: 'declare' } & DeclarationInput);

/**
 * Changes an adverse event, keeping what it was: one conditional update on its version. A correction after the
 * declaration was sent makes it a draft again: what the centre holds is no longer what is known. A refusal that tells
 * of the record is logged as a read.
 * @throws Problem 404 `no-such-act`; 412 `stale-record` with the `version` that stands; 409 `act-in-error`,
 *   `declaration-state`; 403 `act-of-another`, `may-not-…`, `no-delegation`; 422 `invalid`; 503 `access-not-logged`.
 */
export async function changeAdverseEvent(
  db: Database,
  entry: Entry,
  known: KnownAdverseEvent,
  act: AdverseEventAct,
  now: Date,
): Promise<AdverseEvent> {
  const { patientId, id } = known;
  const outcome = await db.transaction(
    async (tx): Promise<{ event: AdverseEvent } | { problem: Problem }> => {
      const refuse = async (problem: Problem) => {
        await logAccess(tx, { ...entry, patientId, action: 'adverse_event.read' }, now);
        return { problem };
      };
      const before = await getAdverseEvent(tx, patientId, id);
      if (known.version !== undefined && before.version !== known.version)
        return refuse(await stale(tx, before));
      let authority: Authority;
      let changes: Changes | undefined;
      try {
        const authorise = act.change === 'validate' ? authorityToValidate : authorityToChange;
        authority = await authorise(tx, entry, declaredThen(before));
        changes = changesOf(before, act, entry, authority, now);
      } catch (error) {
        if (error instanceof Problem) return refuse(error);
        throw error;
      }
      if (changes === undefined) {
        // As it was already: whoever asked is shown it.
        await logAccess(tx, { ...entry, patientId, action: 'adverse_event.read' }, now);
        return { event: before };
      }
      const [updated] = await tx
        .update(adverseEvents)
        .set({ ...changes, version: before.version + 1, updatedAt: now })
        .where(and(eq(adverseEvents.id, id), eq(adverseEvents.version, before.version)))
        .returning({ id: adverseEvents.id });
      const after = await getAdverseEvent(tx, patientId, id);
      // Somebody else's change came between the reading and this one.
      if (!updated) return refuse(await stale(tx, after));
      await tx.insert(recordVersions).values({
        kind: 'adverse_event',
        recordId: id,
        version: before.version,
        patientId: before.patientId,
        changedAt: now,
        changedBy: entry.professional.id,
        change: act.change,
        reason: 'reason' in act ? act.reason.trim() : null,
        before: keptOf(before, changes),
        after: keptOf(after, changes),
      });
      const onBehalfOf = onBehalf(entry, authority);
      await logAccess(tx, { ...entry, patientId, action: `adverse_event.${act.change}`, onBehalfOf }, now);
      return { event: after };
    },
  );
  if ('problem' in outcome) throw outcome.problem;
  return outcome.event;
}

/** Declaring is an act of the day on which it is done: a delegation must have held then. */
export function declaredThen(event: AdverseEvent) {
  return { ...event, occurredAt: event.createdAt };
}

type Changes = Partial<typeof adverseEvents.$inferInsert>;

/** The columns to set; undefined when it is already so. */
function changesOf(
  event: AdverseEvent,
  act: AdverseEventAct,
  entry: Entry,
  authority: Authority,
  now: Date,
): Changes | undefined {
  const me = entry.professional.id;
  if (act.change === 'enter_in_error') {
    return event.state === 'recorded' ? { state: 'entered_in_error' } : undefined;
  }
  if (act.change === 'restore') return event.state === 'recorded' ? undefined : { state: 'recorded' };
  if (event.state !== 'recorded') throw new Problem(409, 'act-in-error');
  if (act.change === 'correct') {
    const checked = checkAdverseEvent(merged(event, act.fields), event.injection.occurredAt, now);
    if ('errors' in checked) throw new Problem(422, 'invalid', { errors: checked.errors });
    const validated = authority.delegationId === null && answersForOwn(entry);
    return {
      ...checked.facts,
      declaration: 'draft',
      validatedBy: validated ? me : null,
      validatedAt: validated ? now : null,
    };
  }
  if (act.change === 'validate') {
    return event.validatedBy === null ? { validatedBy: me, validatedAt: now } : undefined;
  }
  // What a delegate entered leaves the house only once it was validated.
  const expected = act.state === 'sent' ? 'draft' : 'sent';
  if (event.declaration !== expected || event.validatedBy === null)
    throw new Problem(409, 'declaration-state');
  return act.state === 'sent'
    ? { declaration: 'sent', declaredAt: now, declaredBy: me }
    : {
        declaration: 'acknowledged',
        acknowledgedAt: now,
        acknowledgedBy: me,
        acknowledgement: act.acknowledgement?.trim() ?? null,
      };
}

/** The event as it stands with what is corrected in its place. */
function merged(event: AdverseEvent, fields: AdverseEventChange) {
  const { description, serious, outcome, hospitalisedFrom, hospitalisedTo, diedOn, endedOn } = event;
  const { pregnancy, pregnancyWeeks, lotSuspected, terms, criteria, occurredAt } = event;
  return {
    ...{ description, serious, outcome, hospitalisedFrom, hospitalisedTo, diedOn, endedOn },
    ...{ pregnancy, pregnancyWeeks, lotSuspected, terms: [...terms], criteria: [...criteria] },
    onset: occurredAt.toISOString(),
    ...fields,
  };
}

/** Of a version, what the change touched. */
function keptOf(event: AdverseEvent, changes: Changes): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(event).filter(([name]) => name in changes));
}

/** Somebody else changed it first: who, when, and which version it has now. */
async function stale(tx: Database, { id, version }: AdverseEvent): Promise<Problem> {
  const [last] = await tx
    .select({
      name: sql<string>`${professionals.givenNames} || ' ' || ${professionals.familyName}`,
      at: recordVersions.changedAt,
      change: recordVersions.change,
    })
    .from(recordVersions)
    .innerJoin(professionals, eq(professionals.id, recordVersions.changedBy))
    .where(and(eq(recordVersions.kind, 'adverse_event'), eq(recordVersions.recordId, id)))
    .orderBy(desc(recordVersions.version))
    .limit(1);
  return new Problem(412, 'stale-record', {
    parameters: { name: last?.name ?? '–' },
    extensions: {
      version,
      ...(last && { changedBy: last.name, changedAt: last.at.toISOString(), change: last.change }),
    },
  });
}
