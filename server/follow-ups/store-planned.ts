import { sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { outbox } from '../database/outbox.table.ts';
import { followUps } from './follow-ups.table.ts';
import type { PlannedMail } from './plan.ts';

/**
 * Stores planned mails and, for each that was not stored before, the job that sends it: one statement, so that
 * planning twice, or two planners at once, change nothing.
 * @returns how many are new.
 */
export async function storePlanned(
  db: Database,
  {
    caseId,
    mails,
    now,
  }: { readonly caseId: number; readonly mails: readonly PlannedMail[]; readonly now: Date },
): Promise<number> {
  if (mails.length === 0) return 0;
  const rows = mails.map(({ kind, round, dueAt }) => sql`(${kind}, ${round}::bigint, ${dueAt}::timestamptz)`);
  const stored = await db.execute(sql`
    with planned as (
      insert into ${followUps} (case_id, kind, round, due_at)
      select ${caseId}::bigint, mail.kind, mail.round, mail.due_at
      from (values ${sql.join(rows, sql`, `)}) as mail (kind, round, due_at)
      on conflict (case_id, kind, round) do nothing
      returning id, due_at
    )
    insert into ${outbox} (job, payload, not_before, created_at)
    select 'send-follow-up', jsonb_build_object('followUpId', id), due_at, ${now}::timestamptz from planned`);
  return stored.rowCount ?? 0;
}
