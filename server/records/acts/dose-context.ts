import { eq, sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { preparedOnce } from '../../database/prepared.ts';
import { Problem } from '../../problem.ts';
import { patients } from '../patients/patients.table.ts';
import { personsOf } from '../patients/persons.ts';
import type { DoseHistory } from '../rules/dose-rules/history.ts';
import { adverseEvents, consultations, injections } from './acts.table.ts';

/** What an act is judged against, read in one statement. */
export interface DoseContext {
  /** YYYY-MM-DD */
  readonly birthDate: string;
  readonly history: DoseHistory;
}

/**
 * The patient and what stands in the record, merged records included.
 * @throws Problem 404 `no-such-patient`; 409 `patient-merged` with the id of the record that goes on (`patient`).
 */
export async function getDoseContext(db: Database, patientId: string): Promise<DoseContext> {
  const [found] = await contextOf(db).execute({ patientId });
  if (!found) throw new Problem(404, 'no-such-patient');
  const { birthDate, mergedInto, ...history } = found;
  if (mergedInto !== null) throw new Problem(409, 'patient-merged', { extensions: { patient: mergedInto } });
  return { birthDate, history };
}

const contextOf = preparedOnce((db) => {
  const persons = personsOf(sql.placeholder('patientId'));
  // One dose entered in two records that were merged counts once.
  const doses = sql<DoseHistory['doses']>`coalesce((select json_agg(dose) from (
    select distinct on (vaccine, day, dose_rank, case when not_a_duplicate then id end)
      id, vaccine, day, dose_rank as "doseRank", dose_total as "doseTotal"
    from ${injections} where patient_id in ${persons} and state = 'recorded'
    order by vaccine, day, dose_rank, case when not_a_duplicate then id end, created_at) dose), '[]')`;
  const events = sql<DoseHistory['events']>`coalesce((select json_agg(json_build_object(
      'id', id, 'injectionId', injection_id, 'serious', serious,
      'day', (occurred_at at time zone 'Europe/Paris')::date))
    from ${adverseEvents} where patient_id in ${persons} and state = 'recorded'), '[]')`;
  const held = sql`${consultations} where patient_id in ${persons} and state = 'recorded'`;
  const past = sql<DoseHistory['consultations']>`coalesce((select json_agg(json_build_object(
      'day', (occurred_at at time zone 'Europe/Paris')::date, 'decision', decision,
      'deferredUntil', deferred_until))
    from ${held}), '[]')`;
  const infections = sql<DoseHistory['infections']>`coalesce((
    select json_agg(distinct questionnaire->>'pastInfectionDate')
    from ${held} and questionnaire->>'pastInfectionDate' is not null), '[]')`;
  return db
    .select({
      birthDate: patients.birthDate,
      mergedInto: patients.mergedInto,
      doses: doses.as('doses'),
      events: events.as('events'),
      consultations: past.as('past'),
      infections: infections.as('infections'),
    })
    .from(patients)
    .where(eq(patients.id, sql.placeholder('patientId')))
    .prepare('dose_context');
});
