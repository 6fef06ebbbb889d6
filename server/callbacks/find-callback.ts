import { and, desc, eq } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { callbacks } from './callbacks.table.ts';

/** A callback as it is stored. */
export type Callback = typeof callbacks.$inferSelect;

/** The callback of a case that is still to come, or whose time passed without a word of what became of it. */
export async function findLiveCallback(db: Database, caseId: number): Promise<Callback | undefined> {
  const [live] = await db
    .select()
    .from(callbacks)
    .where(and(eq(callbacks.caseId, caseId), eq(callbacks.state, 'booked')));
  return live;
}

/** The last callback that a case had, whatever became of it. */
export async function findLastCallback(db: Database, caseId: number): Promise<Callback | undefined> {
  const [last] = await db
    .select()
    .from(callbacks)
    .where(eq(callbacks.caseId, caseId))
    .orderBy(desc(callbacks.id))
    .limit(1);
  return last;
}
