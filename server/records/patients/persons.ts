import { type Placeholder, type SQL, sql } from 'drizzle-orm';
import { patients } from './patients.table.ts';

/** The ids of a patient's record and of all that were merged into it, however far: their acts stay on them. */
export function personsOf(patientId: string | Placeholder): SQL {
  return sql`(with recursive persons (id) as (
      select ${patientId}::uuid
      union select merged.id from ${patients} merged join persons on merged.merged_into = persons.id)
    select id from persons)`;
}
