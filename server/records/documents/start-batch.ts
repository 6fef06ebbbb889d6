import { sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { outbox } from '../../database/outbox.table.ts';
import { Problem } from '../../problem.ts';
import { type Entry, refuseWithoutRight } from '../acts/act-entry.ts';
import { injections } from '../acts/acts.table.ts';
import { patients } from '../patients/patients.table.ts';
import { summaryBatches, summaryBatchItems } from './documents.table.ts';

export interface BatchRequest {
  /** Days of Europe/Paris, both included, on which somebody was injected in the establishment. */
  readonly firstDay: string;
  readonly lastDay: string;
  readonly bilingual: boolean;
}

/** The most people whose summaries go into one file. */
const most = 2000;

/**
 * Has the summaries made of everybody who was injected, between two days, in the establishment acted for: in the order of
 * their names, each once, whatever records were merged.
 * @returns the batch's id.
 * @throws Problem 403 `may-not-…`; 422 `batch-no-establishment`, `batch-nobody`, `batch-too-many` with the `most`, `invalid`.
 */
export async function startSummaryBatch(
  db: Database,
  entry: Entry,
  { firstDay, lastDay, bilingual }: BatchRequest,
  now: Date,
): Promise<string> {
  refuseWithoutRight(entry, 'summary.sign');
  const { id: requestedBy, actingAs } = entry.professional;
  const structure = actingAs?.structure?.siteFiness;
  if (!structure) throw new Problem(422, 'batch-no-establishment');
  if (lastDay < firstDay) {
    const error = { path: '/lastDay', key: 'records-documents.errors.days' };
    throw new Problem(422, 'invalid', { errors: [error] });
  }
  return db.transaction(async (tx) => {
    const [batch] = await tx
      .insert(summaryBatches)
      .values({
        state: 'waiting',
        requestedBy,
        actingAs,
        structure,
        firstDay,
        lastDay,
        bilingual,
        requestId: entry.requestId,
        createdAt: now,
      })
      .returning({ id: summaryBatches.id });
    if (!batch) throw new Error('the batch was not stored');
    const { rows } = await tx.execute(sql`
      with recursive up (id, next) as (
        select person.id, person.merged_into from ${patients} person where person.id in (
          select patient_id from ${injections}
          where place_finess = ${structure} and state = 'recorded' and day between ${firstDay} and ${lastDay})
        union select person.id, person.merged_into from up join ${patients} person on person.id = up.next)
      insert into ${summaryBatchItems} (batch_id, place, patient_id, state)
      select ${batch.id}, row_number() over (order by family_name_key, given_names_key, person.id), person.id, 'waiting'
      from up join ${patients} person on person.id = up.id
      where up.next is null order by 2 limit ${most + 1} returning place`);
    if (rows.length === 0) throw new Problem(422, 'batch-nobody');
    if (rows.length > most) throw new Problem(422, 'batch-too-many', { parameters: { most } });
    await tx
      .insert(outbox)
      .values({ job: 'make-summaries', payload: { batchId: batch.id }, notBefore: now, createdAt: now });
    return batch.id;
  });
}
