import { lt } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { summaryBatches } from './documents.table.ts';

/** How long the file of an establishment's summaries can be fetched: each summary stays in its person's record. */
const keptMs = 7 * 86_400_000;

/** Erases the batches whose time has come. @returns how many. */
export async function purgeBatches(db: Database, now: Date): Promise<number> {
  const before = new Date(now.getTime() - keptMs);
  const erased = await db
    .delete(summaryBatches)
    .where(lt(summaryBatches.createdAt, before))
    .returning({ id: summaryBatches.id });
  return erased.length;
}
