import { sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { outbox } from '../../database/outbox.table.ts';
import { recordVersions } from '../acts/acts.table.ts';
import { patientDocuments } from './documents.table.ts';

/**
 * Asks again for what was withdrawn within a day and has nothing in its place: a job that gave up, because nothing could
 * be signed for a while. What cannot be issued anew costs a look.
 * @returns how many were asked for.
 */
export async function askAgain(db: Database, now: Date): Promise<number> {
  const at = sql`${now.toISOString()}::timestamptz`;
  const { rows } = await db.execute(sql`
    insert into ${outbox} (job, payload, not_before, created_at)
    select distinct 'renew-documents', jsonb_build_object('patientId', document.patient_id, 'changedBy', coalesce(
        (select changed_by from ${recordVersions} where patient_id = document.patient_id
          order by changed_at desc, version desc, record_id desc limit 1), document.requested_by)), ${at}, ${at}
    from ${patientDocuments} document
    where replaced_by is null and withdrawn_at between ${at} - interval '1 day' and ${at}
    returning id`);
  return rows.length;
}
