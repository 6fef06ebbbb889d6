import { sql } from 'drizzle-orm';
import type { Database } from '#server/database/client.ts';

/**
 * Fills a hotline's queue straight in the database: `waiting` cases, and `closed` ones behind them, opened one
 * second apart up to now.
 */
export async function fillQueue(
  db: Database,
  counts: { readonly hotline: string; readonly waiting: number; readonly closed: number },
): Promise<void> {
  const { hotline, waiting, closed } = counts;
  await db.execute(sql`
    insert into cases (hotline_id, state, priority_rank, opened_at, waiting_since, resolved_at, contact_name,
      contact_email, language, profession, mode, setting, follow_ups, routing_reason, wizard_session_id, flow,
      flow_version, trail, summary, tracking_token)
    select ${hotline}, case when n <= ${closed}::int then 'closed' else 'waiting' end, 1 + n % 3, at, at,
      case when n <= ${closed}::int then at + interval '1 hour' end, 'Personne ' || n, 'personne' || n || '@exemple.test', 'fr',
      '60', 'S', 'establishment', true, '{"code": "place", "setting": "establishment", "known": "declared"}', gen_random_uuid(), 'connection', 1,
      '[{"node": "way", "answer": "ecps", "title": {"fr": "Comment vous connectez-vous ?", "en": "How do you sign in?"}, "label": {"fr": "e-CPS", "en": "e-CPS"}}]',
      '{"fr": "e-CPS · code non reçu par SMS", "en": "e-CPS · code not received by SMS"}', gen_random_uuid()::text
    from (select n, now() - (${waiting + closed}::int - n) * interval '1 second' as at
      from generate_series(1, ${waiting + closed}::int) as n) as numbered`);
  await db.execute(sql`vacuum analyze cases`);
}
