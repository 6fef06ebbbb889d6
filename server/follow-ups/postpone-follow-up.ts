import { sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { outbox } from '../database/outbox.table.ts';
import type { FollowUp } from './claim-follow-up.ts';
import { followUps } from './follow-ups.table.ts';

/**
 * Gives a claimed follow-up back to be sent at another time: its new time and the job for it, or neither. The delivery
 * does not count.
 * @returns whether it was still in the caller's hands.
 */
export async function postponeFollowUp(
  db: Database,
  { id, sendingSince }: Pick<FollowUp, 'id' | 'sendingSince'>,
  { until, now }: { readonly until: Date; readonly now: Date },
): Promise<boolean> {
  const result = await db.execute(sql`
    with postponed as (
      update ${followUps}
      set state = 'planned', sending_since = null, attempts = attempts - 1, due_at = ${until}::timestamptz
      where id = ${id} and state = 'sending' and sending_since is not distinct from ${sendingSince}::timestamptz
      returning id
    )
    insert into ${outbox} (job, payload, not_before, created_at)
    select 'send-follow-up', jsonb_build_object('followUpId', id), ${until}::timestamptz, ${now}::timestamptz
    from postponed`);
  return result.rowCount === 1;
}
