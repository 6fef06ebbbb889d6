import { sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { outbox } from '../../database/outbox.table.ts';
import { patientDocuments, summaryBatches, summaryBatchItems } from './documents.table.ts';

/**
 * Asks again for batches that came to a halt: not done, handed over a quarter of an hour ago or more, and no document of theirs
 * issued for five minutes, because the queue lost the job or gave it up. A run that is alive after all does no harm: each
 * document is made once. Those that never got anywhere within a day are left to be purged.
 * @returns how many were asked for.
 */
export async function sweepBatches(db: Database, now: Date): Promise<number> {
  const at = sql`${now.toISOString()}::timestamptz`;
  const { rows } = await db.execute(sql`
    insert into ${outbox} (job, payload, not_before, created_at)
    select 'make-summaries', jsonb_build_object('batchId', batch.id), ${at}, ${at}
    from ${summaryBatches} batch
    where batch.state <> 'done' and batch.created_at between ${at} - interval '1 day' and ${at} - interval '15 minutes'
      and not exists (select from ${outbox} asked where asked.job = 'make-summaries'
        and asked.payload ->> 'batchId' = batch.id::text and asked.created_at > ${at} - interval '15 minutes')
      and not exists (select from ${summaryBatchItems} item join ${patientDocuments} document on document.id = item.document_id
        where item.batch_id = batch.id and document.issued_at > ${at} - interval '5 minutes')
    returning id`);
  return rows.length;
}
