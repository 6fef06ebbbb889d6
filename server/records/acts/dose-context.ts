import { and, eq, sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { preparedOnce } from '../../database/prepared.ts';
import type { SessionProof } from '../../identity/professional.ts';
import { proofValues, SessionNotProven, sessionStands } from '../../identity/session-proof.ts';
import { Problem } from '../../problem.ts';
import { accessLogEnds } from '../access-log/access-log.table.ts';
import { patients } from '../patients/patients.table.ts';
import { personsOf } from '../patients/persons.ts';
import type { DoseHistory, PastDose } from '../rules/dose-rules/history.ts';
import { adverseEvents, consultations, injections } from './acts.table.ts';
import { type EnteredDose, shownOnce } from './shown-once.ts';

/** What an act is judged against, read in one statement. */
export interface DoseContext {
  /** YYYY-MM-DD */
  readonly birthDate: string;
  readonly history: DoseHistory;
  /** Place of the last entry of the patient's access log, 0 without one: what is written by this follows it. */
  readonly asOf: number;
}

/**
 * The patient and what stands in the record, merged records included.
 * @param asked the proof of who asks, and when: nothing is read without it.
 * @throws SessionNotProven, also for a patient that there is not; without a proof that is Problem 404 `no-such-patient`;
 *   409 `patient-merged` with the id of the record that goes on (`patient`).
 */
export async function getDoseContext(
  db: Database,
  patientId: string,
  asked?: { readonly proof?: SessionProof | undefined; readonly now: Date },
): Promise<DoseContext> {
  const proven = asked?.proof !== undefined;
  const values = asked && proofValues(asked.proof, asked.now);
  const [found] = await contextOf(db, proven).execute({ patientId, ...values });
  if (!found && proven) throw new SessionNotProven();
  if (!found) throw new Problem(404, 'no-such-patient');
  if (found.mergedInto !== null) {
    throw new Problem(409, 'patient-merged', { extensions: { patient: found.mergedInto } });
  }
  return contextFrom(patientId, found);
}

/** What is read of a patient: of the doses and events of merged records, all. */
export interface ContextRead {
  readonly birthDate: string;
  readonly asOf: number;
  readonly doses: readonly (PastDose & EnteredDose)[];
  readonly events: DoseHistory['events'];
  readonly consultations: DoseHistory['consultations'];
  readonly infections: readonly string[];
}

/** The context that was read, each dose once. */
export function contextFrom(
  patientId: string,
  { birthDate, asOf, doses, events, consultations, infections }: ContextRead,
): DoseContext {
  const { once, doubles } = shownOnce(patientId, doses);
  // What followed a dose that is entered twice, followed the entry that stands for both.
  const standsFor = new Map([...doubles].flatMap(([kept, all]) => all.map(({ id }) => [id, kept] as const)));
  const told = events.map((event) => ({
    ...event,
    injectionId: standsFor.get(event.injectionId) ?? event.injectionId,
  }));
  const kept = once.map(({ id, vaccine, day, doseRank, doseTotal }) => ({
    id,
    vaccine,
    day,
    doseRank,
    doseTotal,
  }));
  return { birthDate, asOf, history: { consultations, infections, doses: kept, events: told } };
}

const contextOf = preparedOnce((db, proven: boolean) => {
  // Whose acts they are, found once for all that is read of them; as an array, so that each is read by its index.
  const all = db
    .$with('persons', { id: sql<string>`id` })
    .as(sql`select id from ${personsOf(sql.placeholder('patientId'))} each`);
  const theirs = sql`patient_id = any(array(select id from ${all}))`;
  const doses = sql<readonly (PastDose & EnteredDose)[]>`coalesce((select json_agg(dose) from (
    select id, vaccine, day, dose_rank as "doseRank", dose_total as "doseTotal", state,
      patient_id as "patientId", not_a_duplicate as "notADuplicate", created_at at time zone 'UTC' as "createdAt"
    from ${injections} where ${theirs} and state = 'recorded') dose), '[]')`;
  const events = sql<DoseHistory['events']>`coalesce((select json_agg(json_build_object(
      'id', id, 'injectionId', injection_id, 'serious', serious,
      'day', (occurred_at at time zone 'Europe/Paris')::date))
    from ${adverseEvents} where ${theirs} and state = 'recorded'), '[]')`;
  const held = sql`${consultations} where ${theirs} and state = 'recorded'`;
  const past = sql<DoseHistory['consultations']>`coalesce((select json_agg(json_build_object(
      'day', (occurred_at at time zone 'Europe/Paris')::date, 'decision', decision,
      'deferredUntil', deferred_until))
    from ${held}), '[]')`;
  const infections = sql<DoseHistory['infections']>`coalesce((
    select json_agg(distinct questionnaire->>'pastInfectionDate')
    from ${held} and questionnaire->>'pastInfectionDate' is not null), '[]')`;
  return db
    .with(all)
    .select({
      birthDate: patients.birthDate,
      mergedInto: patients.mergedInto,
      doses: doses.as('doses'),
      events: events.as('events'),
      consultations: past.as('past'),
      infections: infections.as('infections'),
      asOf: sql<number>`coalesce((select place from ${accessLogEnds} ends where ends.patient_id = ${sql.placeholder('patientId')}), 0)`.as(
        'as_of',
      ),
    })
    .from(patients)
    .where(and(eq(patients.id, sql.placeholder('patientId')), proven ? sessionStands : undefined))
    .prepare(proven ? 'dose_context_proven' : 'dose_context');
});
