import { sql } from 'drizzle-orm';
import { cases } from '../cases/cases.table.ts';
import type { Database } from '../database/client.ts';
import { outbox } from '../database/outbox.table.ts';
import { incidentNotices } from './incident-notices.table.ts';
import { incidentSubscriptions, incidents } from './incidents.table.ts';

/**
 * Plans the mails of a closed incident: one for each address that asked to be told or has a linked case still open that
 * accepts mails; an address that is both, or has several cases, gets one. Planning again, or twice at once, adds only
 * who is not there yet; an incident that was reopened meanwhile has nothing to plan.
 * @returns how many are newly planned.
 */
export async function planNotices(db: Database, incidentId: number, now: Date): Promise<number> {
  const result = await db.execute<{ planned: number }>(sql`
    with everybody as (
      select contact_email as email, language, id as case_id, null::bigint as subscription_id from ${cases}
      where incident_id = ${incidentId} and state in ('waiting', 'in_progress', 'pending')
        and merged_into is null and follow_ups and contact_email is not null
      union all
      select email, language, null, id from ${incidentSubscriptions}
      where incident_id = ${incidentId} and email is not null
    ), planned as (
      insert into ${incidentNotices} (incident_id, email, language, case_id, subscription_id)
      select ${incidentId}::bigint,
        -- As it stands on the newest case, since the mail leads to its page.
        (array_agg(email order by case_id desc nulls last))[1],
        (array_agg(language order by case_id desc nulls last))[1],
        max(case_id), max(subscription_id)
      from everybody
      where exists (select 1 from ${incidents} where id = ${incidentId} and closed_at is not null)
      group by lower(email)
      on conflict do nothing
      returning id
    ), handed as (
      insert into ${outbox} (job, payload, not_before, created_at)
      select 'send-incident-notices', jsonb_build_object('incidentId', ${incidentId}::bigint),
        ${now}::timestamptz, ${now}::timestamptz
      where exists (select 1 from planned)
    )
    select count(*)::int as planned from planned`);
  return result.rows[0]?.planned ?? 0;
}
