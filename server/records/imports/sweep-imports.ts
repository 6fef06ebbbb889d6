import { sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { outbox } from '../../database/outbox.table.ts';
import { recordImports } from './imports.table.ts';

/** A job leaves its place to the next after seconds: one handed over longer ago than this is lost, or tried no more. */
const lostMs = 10 * 60_000;

/**
 * Puts imports back in the outbox whose job the queue lost, or gave up: it was emptied, or a process was killed. Handed
 * over twice, rows are recorded once.
 * @returns how many.
 */
export async function sweepImports(db: Database, now: Date): Promise<number> {
  const lost = new Date(now.getTime() - lostMs);
  const { rowCount } = await db.execute(sql`
    insert into ${outbox} (job, payload, not_before, created_at)
    select 'import-injections', jsonb_build_object('importId', id), ${now}::timestamptz, ${now}::timestamptz
    from ${recordImports} unfinished
    where state in ('waiting', 'running') and not exists (
      select from ${outbox} recent
      where recent.job = 'import-injections'
        and (recent.relayed_at is null or recent.relayed_at > ${lost}::timestamptz)
        and recent.payload ->> 'importId' = unfinished.id::text)`);
  return rowCount ?? 0;
}
