import { and, gt, isNull, lt, sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { outbox } from '../database/outbox.table.ts';
import { deliveryLeaseMs, mostDeliveries } from '../follow-ups/claim-follow-up.ts';
import { incidentNotices } from './incident-notices.table.ts';
import { incidents } from './incidents.table.ts';
import { linkCases } from './link-cases.ts';
import { planNotices } from './plan-notices.ts';

/** What a sweep did. */
export interface IncidentsSwept {
  readonly linked: number;
  readonly planned: number;
  /** Incidents whose mails had come to a halt. */
  readonly resumed: number;
  /** Mails given up. */
  readonly failed: number;
}

/** A turn that the queue still tries again is not lost: its own retries take less than this. */
const haltedMs = 10 * 60_000;
/** Past this nobody wants to hear any more that it is over. */
const tooLateMs = 48 * 60 * 60_000;

/**
 * Finds what the queue lost, or what a process did that had not heard of an incident yet: waiting cases to link, who is
 * to be written to, mails that came to a halt. Running it twice changes nothing more.
 */
export async function sweepIncidents(db: Database, now: Date): Promise<IncidentsSwept> {
  const recently = new Date(now.getTime() - tooLateMs);
  const open = await db.select({ id: incidents.id }).from(incidents).where(isNull(incidents.closedAt));
  const closed = await db
    .select({ id: incidents.id })
    .from(incidents)
    .where(and(gt(incidents.closedAt, recently), lt(incidents.closedAt, now)));
  let linked = 0;
  let planned = 0;
  for (const { id } of open) linked += await linkCases(db, id, now);
  for (const { id } of closed) planned += await planNotices(db, id, now);
  const failed = await giveUp(db, now);
  return { linked, planned, failed, resumed: await resume(db, now) };
}

/** Those whose second delivery also ended unknown, and those that are far too late. */
async function giveUp(db: Database, now: Date): Promise<number> {
  const leaseEnded = new Date(now.getTime() - deliveryLeaseMs);
  const tooLate = new Date(now.getTime() - tooLateMs);
  const { rowCount } = await db.execute(sql`
    update ${incidentNotices} set state = 'failed',
      failure = case when attempts >= ${mostDeliveries} then 'outcome_unknown' else 'too_late' end
    from ${incidents} where ${incidents.id} = ${incidentNotices.incidentId}
      and (state = 'planned' or (state = 'sending' and sending_since < ${leaseEnded}::timestamptz))
      and (attempts >= ${mostDeliveries} or ${incidents.closedAt} < ${tooLate}::timestamptz)`);
  return rowCount ?? 0;
}

/** A new turn for incidents with mails to send, whose last one was handed over a while ago, or never. */
async function resume(db: Database, now: Date): Promise<number> {
  const leaseEnded = new Date(now.getTime() - deliveryLeaseMs);
  const halted = new Date(now.getTime() - haltedMs);
  const { rowCount } = await db.execute(sql`
    insert into ${outbox} (job, payload, not_before, created_at)
    select 'send-incident-notices', jsonb_build_object('incidentId', incident_id), ${now}::timestamptz, ${now}::timestamptz
    from (
      select distinct incident_id from ${incidentNotices}
      where state = 'planned' or (state = 'sending' and sending_since < ${leaseEnded}::timestamptz)
    ) as waiting
    where exists (select 1 from ${incidents} where id = incident_id and closed_at is not null)
      and not exists (
        select 1 from ${outbox} recent
        where recent.job = 'send-incident-notices'
          and (recent.relayed_at is null or recent.relayed_at > ${halted}::timestamptz)
          and (recent.payload ->> 'incidentId')::bigint = incident_id)`);
  return rowCount ?? 0;
}
