import { sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { accessLogEnds } from '../access-log/access-log.table.ts';
import { patients } from '../patients/patients.table.ts';
import { adverseEvents, consultations, injections } from './acts.table.ts';
import { type ContextRead, contextFrom, type DoseContext } from './dose-context.ts';

/** Of several patients, what their acts are judged against: by id, in one statement. Who was merged has none. */
export async function findDoseContexts(
  db: Database,
  patientIds: readonly string[],
): Promise<ReadonlyMap<string, DoseContext>> {
  if (patientIds.length === 0) return new Map();
  const theirs = sql`patient_id = any(persons.ids) and state = 'recorded'`;
  // As in the statement for one patient (dose-context.ts); the merged records are gathered once for all its parts.
  const { rows } = await db.execute<ContextRead & { id: string } & Record<string, unknown>>(sql`
    select patient.id, patient.birth_date::text as "birthDate",
      coalesce((select place from ${accessLogEnds} ends where ends.patient_id = patient.id), 0) as "asOf",
      coalesce((select json_agg(json_build_object('id', id, 'vaccine', vaccine, 'day', day, 'doseRank', dose_rank,
          'doseTotal', dose_total, 'state', state, 'patientId', patient_id, 'notADuplicate', not_a_duplicate,
          'createdAt', created_at at time zone 'UTC'))
        from ${injections} where ${theirs}), '[]') as doses,
      coalesce((select json_agg(json_build_object('id', id, 'injectionId', injection_id, 'serious', serious,
          'day', (occurred_at at time zone 'Europe/Paris')::date))
        from ${adverseEvents} where ${theirs}), '[]') as events,
      coalesce((select json_agg(json_build_object('day', (occurred_at at time zone 'Europe/Paris')::date,
          'decision', decision, 'deferredUntil', deferred_until))
        from ${consultations} where ${theirs}), '[]') as consultations,
      coalesce((select json_agg(distinct questionnaire->>'pastInfectionDate')
        from ${consultations} where ${theirs} and questionnaire->>'pastInfectionDate' is not null), '[]') as infections
    from ${patients} patient cross join lateral (select array(
      with recursive person (id) as (select patient.id
        union select merged.id from ${patients} merged join person on merged.merged_into = person.id)
      select id from person) as ids) persons
    where patient.id = any(${sql.param([...patientIds])}::uuid[]) and patient.merged_into is null`);
  return new Map(rows.map(({ id, ...read }) => [id, contextFrom(id, read)]));
}
