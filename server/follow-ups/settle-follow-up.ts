import { and, eq, type SQL, sql } from 'drizzle-orm';
import { type CaseEventKind, caseEvents, cases } from '../cases/cases.table.ts';
import type { Database } from '../database/client.ts';
import type { FollowUp } from './claim-follow-up.ts';
import { followUps } from './follow-ups.table.ts';
import type { NotWanted } from './not-wanted.ts';

/** Why a mail was given up, for the agents; the sentence is the catalogue's. */
export type FailureCode = 'recipient_refused' | 'message_refused' | 'outcome_unknown' | 'too_late';

/**
 * The mail was accepted: said on the case, once. Whoever holds the follow-up by now, this is certain, so it
 * settles the follow-up for all.
 * @returns whether this call settled it.
 */
export function markSent(db: Database, { id }: Pick<FollowUp, 'id'>, now: Date): Promise<boolean> {
  return settle(db, {
    id,
    when: eq(followUps.state, 'sending'),
    set: sql`state = 'sent', sent_at = ${now}::timestamptz, failure = null`,
    event: { kind: 'mail_sent', data: {} },
    now,
  });
}

/** The mail will not arrive: said on the case with its code, once. `answer` is the mail server's code, if any. */
export function markFailed(
  db: Database,
  followUp: Pick<FollowUp, 'id' | 'state' | 'sendingSince'>,
  { code, answer, now }: { readonly code: FailureCode; readonly answer?: string; readonly now: Date },
): Promise<boolean> {
  const failure = answer ? `${code} ${answer}` : code;
  return settle(db, {
    id: followUp.id,
    when: held(followUp),
    set: sql`state = 'failed', failure = ${failure}`,
    event: { kind: 'mail_failed', data: { code } },
    now,
  });
}

/** The mail is not wanted any more; `failure` keeps why. Nothing to tell the agents. */
export async function markCancelled(db: Database, followUp: FollowUp, reason: NotWanted): Promise<boolean> {
  const { rowCount } = await db
    .update(followUps)
    .set({ state: 'cancelled', failure: reason })
    .where(and(eq(followUps.id, followUp.id), held(followUp)));
  return rowCount === 1;
}

/** The mail certainly did not go out this time: the delivery does not count, and another may begin at once. */
export async function giveBack(db: Database, followUp: FollowUp): Promise<boolean> {
  const { rowCount } = await db
    .update(followUps)
    .set({ state: 'planned', sendingSince: null, attempts: sql`${followUps.attempts} - 1` })
    .where(and(eq(followUps.id, followUp.id), held(followUp)));
  return rowCount === 1;
}

/** Still as it was when read or claimed: nobody else took it since. */
function held({ state, sendingSince }: Pick<FollowUp, 'state' | 'sendingSince'>): SQL {
  return sql`${followUps.state} = ${state}
    and ${followUps.sendingSince} is not distinct from ${sendingSince}::timestamptz`;
}

interface Settlement {
  readonly id: number;
  readonly when: SQL;
  readonly set: SQL;
  readonly event: { readonly kind: CaseEventKind; readonly data: Readonly<Record<string, string>> };
  readonly now: Date;
}

/**
 * The new state and its event, or neither. The case's row is locked first, as by every change to a case: so the
 * events of a case get their ids in the order in which they commit, and no two writers wait for each other.
 */
async function settle(db: Database, { id, when, set, event, now }: Settlement): Promise<boolean> {
  const result = await db.execute(sql`
    with subject as (
      select id, hotline_id, version from ${cases}
      where id = (select case_id from ${followUps} where id = ${id})
      for no key update
    ), settled as (
      update ${followUps} set ${set} from subject
      where ${followUps.id} = ${id} and ${followUps.caseId} = subject.id and ${when}
      returning ${followUps.id}, ${followUps.kind}
    )
    insert into ${caseEvents} (case_id, hotline_id, kind, version, at, actor, data)
    select subject.id, subject.hotline_id, ${event.kind}::text, subject.version, ${now}::timestamptz, 'system',
      ${JSON.stringify(event.data)}::jsonb || jsonb_build_object('followUpId', settled.id, 'mail', settled.kind)
    from subject, settled`);
  return result.rowCount === 1;
}
