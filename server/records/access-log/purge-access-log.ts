import { sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';

/** How many patients' chains are shortened in one transaction. */
const batchSize = 200;

/**
 * Deletes the entries of the access log that are older than is kept. What is left of each patient's chain goes on from
 * the last entry deleted, whose place and digest stay. Of a chain, only its beginning goes: never one from its middle.
 * @param days how long entries are kept.
 * @returns how many entries were deleted; running it again deletes nothing more.
 */
export async function purgeAccessLog(db: Database, days: number, now: Date): Promise<number> {
  const before = new Date(now.getTime() - days * 24 * 60 * 60_000).toISOString();
  let deleted = 0;
  for (;;) {
    const { chains, entries } = await db.transaction((tx) => purgeBatch(tx, before));
    deleted += entries;
    if (chains < batchSize) break;
  }
  // Searches that found nobody are in no chain.
  return deleted + (await db.transaction((tx) => purgeUnchained(tx, before)));
}

async function purgeBatch(tx: Database, before: string) {
  await tx.execute(sql`set local records.purging_access_log = 'on'`);
  const { rows } = await tx.execute<{ chains: number; entries: number }>(sql`
    with due as (
      select distinct patient_id from access_log
      where at < ${before}::timestamptz and patient_id is not null
      order by patient_id limit ${batchSize}),
    locked as materialized (
      select ends.patient_id from access_log_ends ends join due using (patient_id)
      order by ends.patient_id for update of ends),
    -- Up to the first entry that is still kept: clocks of several servers may differ a little.
    reach as materialized (
      select locked.patient_id, coalesce(
        (select min(place) - 1 from access_log log
          where log.patient_id = locked.patient_id and at >= ${before}::timestamptz),
        (select max(place) from access_log log where log.patient_id = locked.patient_id)) as place
      from locked),
    shortened as (
      update access_log_ends ends set purged_to = log.place, purged_digest = log.digest
      from reach join access_log log on log.patient_id = reach.patient_id and log.place = reach.place
      where ends.patient_id = reach.patient_id and log.place > ends.purged_to returning ends.patient_id),
    gone as (
      delete from access_log log using reach, shortened
      where log.patient_id = reach.patient_id and log.place <= reach.place
        and shortened.patient_id = reach.patient_id
      returning 1)
    select (select count(*)::int from shortened) as chains, (select count(*)::int from gone) as entries`);
  return rows[0] ?? { chains: 0, entries: 0 };
}

async function purgeUnchained(tx: Database, before: string): Promise<number> {
  await tx.execute(sql`set local records.purging_access_log = 'on'`);
  const { rowCount } = await tx.execute(
    sql`delete from access_log where at < ${before}::timestamptz and patient_id is null`,
  );
  return rowCount ?? 0;
}
