import { type Placeholder, type SQL, sql } from 'drizzle-orm';
import { patients } from './patients.table.ts';

/** The ids of a patient's record and of all that were merged into it, however far: their acts stay on them. */
export function personsOf(patientId: string | Placeholder): SQL {
  return sql`(with recursive persons (id) as (
      select ${patientId}::uuid
      union select merged.id from ${patients} merged join persons on merged.merged_into = persons.id)
    select id from persons)`;
}

/** The same, of the record that goes on, whichever of the merged ones is asked for. */
export function wholePersonOf(patientId: string): SQL {
  return sql`(with recursive ends (id, merged_into) as (
      select id, merged_into from ${patients} where id = ${patientId}::uuid
      union select further.id, further.merged_into from ${patients} further join ends on further.id = ends.merged_into),
    persons (id) as (
      select id from ends where merged_into is null
      union select merged.id from ${patients} merged join persons on merged.merged_into = persons.id)
    select id from persons)`;
}
