import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { preparedOnce } from '../database/prepared.ts';
import { deliveryLeaseMs, mostDeliveries } from '../follow-ups/claim-follow-up.ts';
import { incidentNotices } from './incident-notices.table.ts';
import { incidents } from './incidents.table.ts';

export type Notice = typeof incidentNotices.$inferSelect;

/**
 * Takes the next notice of a closed incident for one delivery: of several workers at once each gets another. One whose
 * delivery was cut short is taken once more when its lease has ended. Reopened, the incident has none to take.
 */
export async function claimNotice(db: Database, incidentId: number, now: Date): Promise<Notice | undefined> {
  const leaseEnded = new Date(now.getTime() - deliveryLeaseMs);
  const [claimed] = await claimNext(db).execute({ incidentId, now, leaseEnded });
  return claimed;
}

/** What waits to be sent: planned, or cut short and worth one more try. */
function toSend(leaseEnded: SQL): SQL {
  return sql`attempts < ${sql.raw(String(mostDeliveries))}
    and (state = 'planned' or (state = 'sending' and sending_since <= ${leaseEnded}::timestamptz))`;
}

const claimNext = preparedOnce((db) =>
  db
    .update(incidentNotices)
    .set({
      state: 'sending',
      sendingSince: sql`${sql.placeholder('now')}::timestamptz`,
      attempts: sql`${incidentNotices.attempts} + 1`,
    })
    .where(
      sql`${incidentNotices.id} = (
        select id from ${incidentNotices}
        where incident_id = ${sql.placeholder('incidentId')} and ${toSend(sql`${sql.placeholder('leaseEnded')}`)}
          and exists (select 1 from ${incidents}
            where id = ${sql.placeholder('incidentId')} and closed_at is not null)
        order by id limit 1 for update skip locked)`,
    )
    .returning()
    .prepare('incident_notice_claim'),
);

/** How many wait to be sent, `limit` at most. */
export async function countToSend(
  db: Database,
  incidentId: number,
  now: Date,
  limit: number,
): Promise<number> {
  const leaseEnded = new Date(now.getTime() - deliveryLeaseMs);
  const { rows } = await db.execute<{ count: number }>(sql`
    select count(*)::int as count from (
      select 1 from ${incidentNotices}
      where incident_id = ${incidentId} and ${toSend(sql`${leaseEnded}`)} limit ${limit}) as waiting`);
  return rows[0]?.count ?? 0;
}

/** How a notice ended; said by whoever holds it, and only while they do. @returns whether it was said. */
export async function settleNotice(
  db: Database,
  notice: Pick<Notice, 'id' | 'sendingSince'>,
  end: Pick<typeof incidentNotices.$inferInsert, 'state' | 'sentAt' | 'failure'>,
): Promise<boolean> {
  // Accepted by the mail server is certain, whoever holds the notice by now.
  const held =
    end.state === 'sent' ? undefined : sql`${incidentNotices.sendingSince} = ${notice.sendingSince}`;
  const { rowCount } = await db
    .update(incidentNotices)
    .set({ ...end, ...(end.state === 'planned' && { sendingSince: null, attempts: sql`attempts - 1` }) })
    .where(and(eq(incidentNotices.id, notice.id), eq(incidentNotices.state, 'sending'), held));
  return rowCount === 1;
}
