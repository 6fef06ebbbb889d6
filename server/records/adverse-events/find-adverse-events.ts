import { and, desc, eq, type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Database } from '../../database/client.ts';
import { professionals } from '../../identity/identity.table.ts';
import { Problem } from '../../problem.ts';
import type { Person } from '../acts/act-entry.ts';
import { adverseEvents, injections } from '../acts/acts.table.ts';
import { personsOf } from '../patients/persons.ts';

/** The injection that an adverse event followed, as declarations name it. */
export interface SuspectedInjection {
  readonly id: string;
  readonly vaccine: string;
  readonly lot: string;
  readonly lotExpiry: string | null;
  readonly occurredAt: Date;
  readonly doseRank: number;
  readonly doseTotal: number;
  readonly arm: 'left' | 'right' | null;
  readonly site: string | null;
  readonly route: string;
  readonly placeName: string | null;
  readonly placeFiness: string | null;
}

export type AdverseEvent = Omit<
  typeof adverseEvents.$inferSelect,
  'performedBy' | 'enteredBy' | 'validatedBy' | 'declaredBy' | 'acknowledgedBy' | 'idempotencyKey'
> & {
  readonly performedBy: Person;
  readonly enteredBy: Person;
  /** Null while it waits for the performer's validation. */
  readonly validatedBy: Person | null;
  readonly declaredBy: Person | null;
  readonly acknowledgedBy: Person | null;
  readonly injection: SuspectedInjection;
};

const performer = alias(professionals, 'performer');
const enterer = alias(professionals, 'enterer');
const validator = alias(professionals, 'validator');
const declarer = alias(professionals, 'declarer');
const acknowledger = alias(professionals, 'acknowledger');

const names = {
  performedBy: {
    id: performer.id,
    nationalIdentifier: performer.nationalIdentifier,
    familyName: performer.familyName,
    givenNames: performer.givenNames,
  },
  enteredBy: {
    id: enterer.id,
    nationalIdentifier: enterer.nationalIdentifier,
    familyName: enterer.familyName,
    givenNames: enterer.givenNames,
  },
  validatedBy: {
    id: validator.id,
    nationalIdentifier: validator.nationalIdentifier,
    familyName: validator.familyName,
    givenNames: validator.givenNames,
  },
  declaredBy: {
    id: declarer.id,
    nationalIdentifier: declarer.nationalIdentifier,
    familyName: declarer.familyName,
    givenNames: declarer.givenNames,
  },
  acknowledgedBy: {
    id: acknowledger.id,
    nationalIdentifier: acknowledger.nationalIdentifier,
    familyName: acknowledger.familyName,
    givenNames: acknowledger.givenNames,
  },
};

/** Longer than any record that people made. */
const most = 500;

const latestFirst = [desc(adverseEvents.occurredAt), desc(adverseEvents.id)];

/** Adverse events that fit, the latest onset first unless told otherwise. Whoever shows them logs it. */
export async function selectAdverseEvents(
  db: Database,
  where: SQL | undefined,
  limit = most,
  orderBy: readonly SQL[] = latestFirst,
): Promise<readonly AdverseEvent[]> {
  const rows = await db
    .select({
      event: adverseEvents,
      ...names,
      injection: {
        id: injections.id,
        vaccine: injections.vaccine,
        lot: injections.lot,
        lotExpiry: injections.lotExpiry,
        occurredAt: injections.occurredAt,
        doseRank: injections.doseRank,
        doseTotal: injections.doseTotal,
        arm: injections.arm,
        site: injections.site,
        route: injections.route,
        placeName: injections.placeName,
        placeFiness: injections.placeFiness,
      },
    })
    .from(adverseEvents)
    .innerJoin(injections, eq(injections.id, adverseEvents.injectionId))
    .innerJoin(performer, eq(performer.id, adverseEvents.performedBy))
    .innerJoin(enterer, eq(enterer.id, adverseEvents.enteredBy))
    .leftJoin(validator, eq(validator.id, adverseEvents.validatedBy))
    .leftJoin(declarer, eq(declarer.id, adverseEvents.declaredBy))
    .leftJoin(acknowledger, eq(acknowledger.id, adverseEvents.acknowledgedBy))
    .where(where)
    .orderBy(...orderBy)
    .limit(limit);
  return rows.map(({ event, ...joined }) => {
    const { idempotencyKey: _, ...facts } = event;
    return { ...facts, ...joined };
  });
}

/** Every adverse event of a patient, merged records and what was entered in error included. */
export function listAdverseEvents(db: Database, patientId: string): Promise<readonly AdverseEvent[]> {
  return selectAdverseEvents(db, sql`${adverseEvents.patientId} in ${personsOf(patientId)}`);
}

/** What followed one injection of a patient's and stands. */
export function listEventsAfter(
  db: Database,
  patientId: string,
  injectionId: string,
): Promise<readonly AdverseEvent[]> {
  return selectAdverseEvents(
    db,
    and(
      eq(adverseEvents.injectionId, injectionId),
      eq(adverseEvents.state, 'recorded'),
      sql`${adverseEvents.patientId} in ${personsOf(patientId)}`,
    ),
  );
}

/** One of a patient's, or of a record merged into theirs. @throws Problem 404 `no-such-act`. */
export async function getAdverseEvent(db: Database, patientId: string, id: string): Promise<AdverseEvent> {
  const [found] = await selectAdverseEvents(
    db,
    and(eq(adverseEvents.id, id), sql`${adverseEvents.patientId} in ${personsOf(patientId)}`),
  );
  if (!found) throw new Problem(404, 'no-such-act');
  return found;
}
