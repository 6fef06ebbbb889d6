/**
 * Purpose: adverse events after an injection, and their declaration to the pharmacovigilance centre.
 * Entry points: declare-adverse-event.ts, change-adverse-event.ts, declaration-document.ts, adverse-events.routes.ts.
 * May import: server/records/acts and patients, server/identity, server/database, server/http (routes only).
 */
import { and, eq, sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { type FieldProblem, Problem } from '../../problem.ts';
import { logAccess } from '../access-log/log-access.ts';
import { answersForOwn, type Entry, personOf, refuseWithoutRight } from '../acts/act-entry.ts';
import { checkPlace } from '../acts/act-place.ts';
import { adverseEvents } from '../acts/acts.table.ts';
import { getAct } from '../acts/find-act.ts';
import { warningsOfPlace } from '../acts/unknown-finess.ts';
import { type Authority, getDelegation } from '../delegations/delegations.ts';
import type { AdverseEventInput } from './adverse-event-body.ts';
import { checkAdverseEvent } from './check-adverse-event.ts';
import { type AdverseEvent, getAdverseEvent, selectAdverseEvents } from './find-adverse-events.ts';

export interface NewAdverseEvent {
  readonly patientId: string;
  readonly input: AdverseEventInput;
  readonly idempotencyKey?: string | undefined;
}

export interface DeclaredAdverseEvent {
  readonly event: AdverseEvent;
  /** Made now, and not known by its key. */
  readonly created: boolean;
  /** What is doubtful in the place that was given, and was recorded all the same. */
  readonly warnings: readonly FieldProblem[];
}

/**
 * Records an adverse event after an injection, its declaration a draft. Sent again with its key it is the same one.
 * @throws Problem 404 `no-such-act` for the injection; 403 `no-delegation`; 422 `invalid` for what contradicts itself;
 *   409 `act-in-error`; 503 `access-not-logged`.
 */
export async function declareAdverseEvent(
  db: Database,
  entry: Entry,
  { patientId, input, idempotencyKey = undefined }: NewAdverseEvent,
  now: Date,
): Promise<DeclaredAdverseEvent> {
  return db.transaction(async (tx) => {
    const injection = await getAct(tx, 'injection', patientId, input.injectionId);
    if (injection.state !== 'recorded') throw new Problem(409, 'act-in-error');
    const checked = checkAdverseEvent(input, injection.occurredAt, now);
    const place = input.place && checkPlace(input.place);
    const errors = [
      ...('errors' in checked ? checked.errors : []),
      ...(place && 'errors' in place ? place.errors : []),
    ];
    if (errors.length > 0 || 'errors' in checked) throw new Problem(422, 'invalid', { errors });
    const given = place && 'place' in place ? place : undefined;
    const { placeKind, placeFiness, placeName } = given?.place ?? injection;
    // What the injection’s own place has of doubtful was told when that was recorded.
    const warnings = given ? await warningsOfPlace(tx, entry, placeFiness, given.warnings) : [];
    const authority = await authorityToDeclare(tx, entry, input.performedBy, { at: now, placeFiness });
    const me = entry.professional.id;
    const own = authority.delegationId === null;
    const validated = own && answersForOwn(entry);
    const [inserted] = await tx
      .insert(adverseEvents)
      .values({
        ...checked.facts,
        patientId: injection.patientId,
        injectionId: injection.id,
        placeKind,
        placeFiness,
        placeName,
        performedBy: authority.performer.id,
        enteredBy: me,
        validatedBy: validated ? me : null,
        validatedAt: validated ? now : null,
        delegationId: authority.delegationId,
        idempotencyKey: idempotencyKey ?? null,
        createdAt: now,
        updatedAt: now,
      })
      .onConflictDoNothing()
      .returning({ id: adverseEvents.id });
    const onBehalfOf = own ? null : authority.performer.id;
    const action = inserted ? 'adverse_event.create' : 'adverse_event.read';
    await logAccess(tx, { ...entry, patientId, onBehalfOf, action }, now);
    if (inserted)
      return { event: await getAdverseEvent(tx, patientId, inserted.id), created: true, warnings };
    const [earlier] = await selectAdverseEvents(
      tx,
      and(
        eq(adverseEvents.enteredBy, me),
        sql`${adverseEvents.idempotencyKey} = ${idempotencyKey ?? null}`,
        eq(adverseEvents.injectionId, injection.id),
      ),
    );
    if (!earlier) throw new Problem(422, 'key-used-otherwise');
    return { event: earlier, created: false, warnings };
  });
}

/** One's own, or that of the professional of that national identifier, by delegation as of now. */
async function authorityToDeclare(
  db: Database,
  entry: Entry,
  performedBy: string | undefined,
  covered: { readonly at: Date; readonly placeFiness: string | null },
): Promise<Authority> {
  const { professional } = entry;
  const performer = performedBy?.trim() || professional.nationalIdentifier;
  if (performer !== professional.nationalIdentifier) {
    return getDelegation(db, professional, performer, covered);
  }
  refuseWithoutRight(entry, 'adverse_event.declare');
  return { performer: personOf(professional), delegationId: null };
}
