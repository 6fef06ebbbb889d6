import { sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';

/** How many patients' chains are shortened in one transaction. */
const batchSize = 200;

/** The database deletes nothing younger, whatever it is asked (`purge_access_log`). */
export const accessLogLeastDays = 180;

/**
 * Deletes the entries of the access log that are older than is kept, by the one function of the database that may. What
 * is left of each patient's chain goes on from the last entry deleted, whose place and digest stay. Of a chain, only its
 * beginning goes: never one from its middle. Stopped half-way, or run by several at once, it goes on the next time.
 * @param days how long entries are kept; less than `accessLogLeastDays` counts as that.
 * @returns how many entries were deleted; running it again deletes nothing more.
 */
export async function purgeAccessLog(db: Database, days: number, now: Date): Promise<number> {
  const before = new Date(now.getTime() - days * 24 * 60 * 60_000).toISOString();
  let deleted = 0;
  for (;;) {
    const { rows } = await db.execute<{ chains: number; entries: number }>(
      sql`select chains, entries from purge_access_log(${before}::timestamptz, ${batchSize})`,
    );
    const { chains, entries } = rows[0] ?? { chains: 0, entries: 0 };
    deleted += entries;
    if (chains < batchSize) return deleted;
  }
}
