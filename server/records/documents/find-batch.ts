import { and, asc, eq, sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { Problem } from '../../problem.ts';
import { logAccesses } from '../access-log/log-access.ts';
import type { Entry } from '../acts/act-entry.ts';
import { patients } from '../patients/patients.table.ts';
import { summaryBatches, summaryBatchItems } from './documents.table.ts';

const count = (state: 'waiting' | 'issued' | 'refused') =>
  sql<number>`(select count(*)::int from ${summaryBatchItems}
    where batch_id = ${summaryBatches.id} and state = ${state})`;

/** How far a batch is, for whoever asked for it. @throws Problem 404 `no-such-batch`. */
export async function getBatch(db: Database, id: string, requestedBy: string) {
  const [found] = await db
    .select({
      id: summaryBatches.id,
      state: summaryBatches.state,
      structure: summaryBatches.structure,
      firstDay: summaryBatches.firstDay,
      lastDay: summaryBatches.lastDay,
      bilingual: summaryBatches.bilingual,
      createdAt: summaryBatches.createdAt,
      finishedAt: summaryBatches.finishedAt,
      pages: summaryBatches.pages,
      waiting: count('waiting'),
      issued: count('issued'),
      refused: count('refused'),
    })
    .from(summaryBatches)
    .where(and(eq(summaryBatches.id, id), eq(summaryBatches.requestedBy, requestedBy)));
  if (!found) throw new Problem(404, 'no-such-batch');
  return found;
}

export type Batch = Awaited<ReturnType<typeof getBatch>>;

/** Whose summary was refused, and why: logged as reads, for they are named. */
export async function listRefused(db: Database, entry: Entry, batchId: string, now: Date) {
  return db.transaction(async (tx) => {
    const refused = await tx
      .select({
        patientId: patients.id,
        name: sql<string>`${patients.birthFamilyName} || ' ' || ${patients.birthGivenNames}`,
        refusal: sql<string>`${summaryBatchItems.refusal}`,
      })
      .from(summaryBatchItems)
      .innerJoin(patients, eq(patients.id, summaryBatchItems.patientId))
      .where(and(eq(summaryBatchItems.batchId, batchId), eq(summaryBatchItems.state, 'refused')))
      .orderBy(asc(summaryBatchItems.place));
    const ids = refused.map(({ patientId }) => patientId);
    await logAccesses(tx, ids, { ...entry, action: 'patient.read' }, now);
    return refused;
  });
}

/**
 * The file of a batch, the print of every summary in it logged in the same transaction.
 * @throws Problem 404 `no-such-batch`; 409 `batch-not-done`.
 */
export async function printBatch(db: Database, entry: Entry, id: string, now: Date): Promise<Buffer> {
  return db.transaction(async (tx) => {
    const [found] = await tx
      .select({ document: summaryBatches.document })
      .from(summaryBatches)
      .where(and(eq(summaryBatches.id, id), eq(summaryBatches.requestedBy, entry.professional.id)));
    if (!found) throw new Problem(404, 'no-such-batch');
    if (!found.document) throw new Problem(409, 'batch-not-done');
    const items = await tx
      .select({ patientId: summaryBatchItems.patientId })
      .from(summaryBatchItems)
      .where(and(eq(summaryBatchItems.batchId, id), eq(summaryBatchItems.state, 'issued')));
    const ids = items.map(({ patientId }) => patientId);
    await logAccesses(tx, ids, { ...entry, action: 'summary.print' }, now);
    return found.document;
  });
}
