import { and, asc, eq, sql } from 'drizzle-orm';
import { issuedCertificates } from '../../certificates/certificates.table.ts';
import { mergeDocuments } from '../../certificates/pool/merge-documents.ts';
import type { Database } from '../../database/client.ts';
import { professionals } from '../../identity/identity.table.ts';
import { mayDo, type RightRule } from '../../identity/rights.ts';
import { Problem } from '../../problem.ts';
import type { Entry } from '../acts/act-entry.ts';
import { summaryBatches, summaryBatchItems } from './documents.table.ts';
import { issueDocument } from './issue-document.ts';
import type { DocumentTools } from './make-document.ts';

export interface BatchTools extends DocumentTools {
  readonly rights: readonly RightRule[];
  readonly now: () => Date;
}

type Batch = typeof summaryBatches.$inferSelect;

/**
 * Makes what waits of a batch, one person after the other, then the file of them all. Killed anywhere, it goes on where it
 * was when it is run again: a document and its place in the batch are written in one transaction.
 * @throws Problem 503 when nothing can be signed now: the job is tried again.
 */
export async function runSummaryBatch(tools: BatchTools, batchId: string): Promise<void> {
  const { db, now } = tools;
  const [found] = await db
    .select({ batch: summaryBatches, professional: professionals })
    .from(summaryBatches)
    .innerJoin(professionals, eq(professionals.id, summaryBatches.requestedBy))
    .where(eq(summaryBatches.id, batchId));
  if (!found || found.batch.state === 'done') return;
  const { batch } = found;
  const setState = (state: Batch['state'], more: Partial<Batch> = {}) =>
    db
      .update(summaryBatches)
      .set({ state, ...more })
      .where(eq(summaryBatches.id, batchId));
  await setState('running');
  const entry = entryOfBatch(tools, batch, found.professional);
  for (;;) {
    const [next] = await db
      .select()
      .from(summaryBatchItems)
      .where(and(eq(summaryBatchItems.batchId, batchId), eq(summaryBatchItems.state, 'waiting')))
      .orderBy(asc(summaryBatchItems.place))
      .limit(1);
    if (!next) break;
    await makeOne(tools, entry, batch, next);
  }
  await setState('merging');
  const merged = await mergeBatch(db, batchId);
  await setState('done', { finishedAt: now(), ...merged });
}

function entryOfBatch(
  { rights, now }: BatchTools,
  { actingAs, requestId }: Batch,
  { id, nationalIdentifier, rpps, familyName, givenNames }: typeof professionals.$inferSelect,
): Entry {
  const professional = { id, nationalIdentifier, rpps, familyName, givenNames, actingAs, sessionId: '' };
  const may: Entry['may'] = (right) => mayDo(professional, right, now(), rights);
  return { professional, route: 'POST /api/records/summary-batches', requestId, may };
}

/** Another run has done this one. */
class Done extends Error {}

async function makeOne(
  tools: BatchTools,
  entry: Entry,
  { bilingual }: Batch,
  { batchId, place, patientId }: typeof summaryBatchItems.$inferSelect,
): Promise<void> {
  const settle = async (tx: Database, outcome: Partial<typeof summaryBatchItems.$inferInsert>) => {
    const settled = await tx
      .update(summaryBatchItems)
      .set(outcome)
      .where(
        and(
          eq(summaryBatchItems.batchId, batchId),
          eq(summaryBatchItems.place, place),
          eq(summaryBatchItems.state, 'waiting'),
        ),
      )
      .returning({ place: summaryBatchItems.place });
    if (settled.length === 0) throw new Done();
  };
  try {
    const asked = { kind: 'summary', bilingual, patientId } as const;
    await issueDocument(tools, entry, asked, tools.now(), (tx, documentId) =>
      settle(tx, { state: 'issued', documentId }),
    );
  } catch (error) {
    if (error instanceof Done) return;
    if (!(error instanceof Problem) || error.statusCode >= 500) throw error;
    await settle(tools.db, { state: 'refused', refusal: error.code }).catch((settled: unknown) => {
      if (!(settled instanceof Done)) throw settled;
    });
  }
}

/** All documents of a batch in one file, to be printed: each keeps its number and code, the signatures are the single files'. */
async function mergeBatch(
  db: Database,
  batchId: string,
): Promise<{ readonly document: Buffer | null; readonly pages: number }> {
  const merged = await mergeDocuments(documentsOf(db, batchId));
  if (!merged) return { document: null, pages: 0 };
  const { buffer, byteOffset, byteLength } = merged.file;
  return { document: Buffer.from(buffer, byteOffset, byteLength), pages: merged.pages };
}

/** What was issued of a batch, in its order, one after the other: they are many. */
async function* documentsOf(db: Database, batchId: string): AsyncGenerator<Uint8Array> {
  const items = await db
    .select({ documentId: summaryBatchItems.documentId })
    .from(summaryBatchItems)
    .where(and(eq(summaryBatchItems.batchId, batchId), eq(summaryBatchItems.state, 'issued')))
    .orderBy(asc(summaryBatchItems.place));
  for (const { documentId } of items) {
    const [kept] = await db
      .select({ document: issuedCertificates.document })
      .from(issuedCertificates)
      .where(sql`${issuedCertificates.id} = ${documentId}`);
    // None: erased with its record meanwhile.
    if (kept) yield new Uint8Array(kept.document);
  }
}
