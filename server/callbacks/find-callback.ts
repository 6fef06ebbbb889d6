import { and, eq } from 'drizzle-orm';
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

/**
 * The callback in whose stead a call is to be made at once: the line could not keep its hour, and nobody could be told by
 * mail. Undefined for a callback that was booked, or moved.
 */
export async function findUnkept(
  db: Database,
  { replaces }: Pick<Callback, 'replaces'>,
): Promise<Callback | undefined> {
  if (replaces === null) return undefined;
  const [unkept] = await db
    .select()
    .from(callbacks)
    .where(and(eq(callbacks.id, replaces), eq(callbacks.state, 'withdrawn')));
  return unkept;
}
