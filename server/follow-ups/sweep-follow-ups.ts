import { and, eq, inArray, lt, or, sql } from 'drizzle-orm';
import { caseMessages, cases } from '../cases/cases.table.ts';
import type { Database } from '../database/client.ts';
import { outbox } from '../database/outbox.table.ts';
import { deliveryLeaseMs, mostDeliveries } from './claim-follow-up.ts';
import { followUps, mailedKinds } from './follow-ups.table.ts';
import { markFailed } from './settle-follow-up.ts';

/** What a sweep did. */
export interface Swept {
  /** Jobs put in the outbox again. */
  readonly requeued: number;
  /** Follow-ups given up. */
  readonly failed: number;
}

/** A job still being tried by the broker is not overdue: its own retries take less than this. */
const overdueMs = 10 * 60_000;

/** Past this a mail would puzzle more than help: it is given up, and the agents see it. */
const tooLateMs = 48 * 60 * 60_000;

/**
 * Finds what the queue lost (a broker that was emptied, a worker killed in the middle, a mail server that was
 * away for long) and hands it over again. Running it twice, or in several places at once, at worst hands a job
 * over twice, which sends nothing twice.
 */
export async function sweepFollowUps(db: Database, now: Date): Promise<Swept> {
  const failed = await giveUp(db, now);
  const requeued = (await requeueLostPlans(db, now)) + (await requeueOverdue(db, now));
  return { requeued, failed };
}

/** Those whose second delivery also ended unknown, and those that are far too late. */
async function giveUp(db: Database, now: Date): Promise<number> {
  const leaseEnded = new Date(now.getTime() - deliveryLeaseMs);
  const tooLate = new Date(now.getTime() - tooLateMs);
  const cutShort = and(eq(followUps.state, 'sending'), lt(followUps.sendingSince, leaseEnded));
  const hopeless = await db
    .select()
    .from(followUps)
    .where(
      and(
        inArray(followUps.state, ['planned', 'sending']),
        or(
          and(cutShort, sql`${followUps.attempts} >= ${mostDeliveries}`),
          and(or(eq(followUps.state, 'planned'), cutShort), lt(followUps.dueAt, tooLate)),
        ),
      ),
    );
  let failed = 0;
  for (const followUp of hopeless) {
    const code = followUp.attempts >= mostDeliveries ? 'outcome_unknown' : 'too_late';
    if (await markFailed(db, followUp, { code, now })) failed += 1;
  }
  return failed;
}

/** Mails due for a while whose last job was handed over a while ago, or never. */
async function requeueOverdue(db: Database, now: Date): Promise<number> {
  const overdue = new Date(now.getTime() - overdueMs);
  const leaseEnded = new Date(now.getTime() - deliveryLeaseMs);
  const result = await db.execute(sql`
    insert into ${outbox} (job, payload, not_before, created_at)
    select 'send-follow-up', jsonb_build_object('followUpId', late.id), ${now}::timestamptz, ${now}::timestamptz
    from ${followUps} late
    where late.due_at < ${overdue}::timestamptz
      and late.kind = any(${sql.param([...mailedKinds])})
      and (late.state = 'planned' or (late.state = 'sending' and late.sending_since < ${leaseEnded}::timestamptz))
      and not exists (
        select 1 from ${outbox} recent
        where recent.job = 'send-follow-up'
          and (recent.relayed_at is null or recent.relayed_at > ${overdue}::timestamptz)
          and (recent.payload ->> 'followUpId')::bigint = late.id
      )`);
  return result.rowCount ?? 0;
}

/**
 * Jobs that should have planned mails, were handed over a while ago, and left no follow-up though the case wants
 * them. The outbox is what tells: it keeps rows for longer than they can be of use here.
 */
async function requeueLostPlans(db: Database, now: Date): Promise<number> {
  const overdue = new Date(now.getTime() - overdueMs);
  const tooLate = new Date(now.getTime() - tooLateMs);
  const result = await db.execute(sql`
    insert into ${outbox} (job, payload, not_before, created_at)
    select lost.job, lost.payload, ${now}::timestamptz, ${now}::timestamptz
    from (
      select job, payload from ${outbox}
      where job in ('case-opened', 'message-sent')
        and (relayed_at is null or relayed_at > ${tooLate}::timestamptz)
      group by job, payload
      having max(coalesce(relayed_at, 'infinity')) < ${overdue}::timestamptz
    ) lost
    where case lost.job
      when 'case-opened' then exists (
        select 1 from ${cases} subject
        where subject.id = (lost.payload ->> 'caseId')::bigint
          and subject.opened_at > ${tooLate}::timestamptz
          and subject.follow_ups and subject.contact_email is not null
          and not exists (
            select 1 from ${followUps} planned
            where planned.case_id = subject.id and planned.kind = 'case_opened'
          )
      )
      else exists (
        select 1 from ${caseMessages} message join ${cases} subject on subject.id = message.case_id
        where message.id = (lost.payload ->> 'messageId')::bigint
          and message.at > ${tooLate}::timestamptz and message.author = 'agent' and not message.internal
          and subject.follow_ups and subject.contact_email is not null
          and not exists (
            select 1 from ${followUps} planned
            where planned.case_id = subject.id
              and planned.kind = 'message_from_desk' and planned.round = message.id
          )
      )
    end`);
  return result.rowCount ?? 0;
}
