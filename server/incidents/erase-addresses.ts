import { sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { incidentNotices } from './incident-notices.table.ts';
import { incidentSubscriptions, incidents, symptomCounts } from './incidents.table.ts';

const dayMs = 24 * 60 * 60_000;
/** Days that a rise is compared with, and some more. */
const countsKeptMs = 15 * dayMs;

/**
 * Erases the addresses of whoever asked to be told, and of the mails that told them, `days` after the incident was
 * closed; how many they were stays known. Counts of symptoms go after 15 days. Running it again erases nothing more.
 */
export async function eraseAddresses(
  db: Database,
  { days, now }: { readonly days: number; readonly now: Date },
): Promise<{ readonly addresses: number; readonly counts: number }> {
  const before = new Date(now.getTime() - days * dayMs);
  const over = sql`(select id from ${incidents} where closed_at < ${before}::timestamptz)`;
  const asked = await db.execute(sql`
    update ${incidentSubscriptions} set email = null where email is not null and incident_id in ${over}`);
  const told = await db.execute(sql`
    update ${incidentNotices} set email = null
    where email is not null and state not in ('planned', 'sending') and incident_id in ${over}`);
  const counted = await db.execute(sql`
    delete from ${symptomCounts} where bucket < ${new Date(now.getTime() - countsKeptMs)}::timestamptz`);
  return { addresses: (asked.rowCount ?? 0) + (told.rowCount ?? 0), counts: counted.rowCount ?? 0 };
}
