import { sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import type { Entry } from './act-entry.ts';
import { adverseEvents, consultations, injections } from './acts.table.ts';
import { awaits } from './awaits.ts';

/**
 * How many acts and adverse events wait for one's validation: those that `/dossiers/a-valider` lists. It says nothing of
 * whose they are, and is read from the indexes of what waits.
 */
export async function countWaiting(db: Database, entry: Entry): Promise<number> {
  const counts = [injections, consultations, adverseEvents].map(
    (table) => sql`(select count(*) from ${table} where ${awaits(table, entry)})`,
  );
  const { rows } = await db.execute(sql`select (${sql.join(counts, sql` + `)})::int as waiting`);
  return Number(rows[0]?.waiting ?? 0);
}
