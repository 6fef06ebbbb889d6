import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { patients } from '../patients/patients.table.ts';

/**
 * Locks the record that each of these goes on in (itself, unless it was merged), to the end of the transaction: whoever
 * changes an act holds it shared, whoever issues of it holds it alone. So a change is seen by what is issued, or comes after it
 * and finds it; also a change that came by the address of a merged record, whose log nobody else waits for. Not the key:
 * whoever records a dose asks for that after the end of the log, which is asked for after this.
 */
export async function lockPersons(
  tx: Pick<Database, 'execute'>,
  patientIds: readonly string[],
  how: 'to change' | 'to issue',
): Promise<void> {
  const ids = sql.param([...new Set(patientIds)]);
  const strength: SQL = how === 'to issue' ? sql`for no key update` : sql`for share`;
  await tx.execute(sql`
    select person.id from ${patients} person
    where person.merged_into is null and person.id in (
      with recursive up (id, next) as (
        select id, merged_into from ${patients} where id = any(${ids}::uuid[])
        union select above.id, above.merged_into from up join ${patients} above on above.id = up.next)
      select id from up)
    order by person.id ${strength} of person`);
}
