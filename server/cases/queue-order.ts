import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { cases, type Priority, priorities } from './cases.table.ts';

/** The columns that the order of a queue is made of, of the table or of a selection from it. */
type QueueColumns = Readonly<Record<'returnedAt' | 'priorityRank' | 'waitingSince' | 'id', SQLWrapper>>;

/**
 * The order in which a hotline serves its cases: who came back still stuck first, then by priority, then who waits
 * longest. It is the order of the index `cases_queue`.
 */
export const queueOrder = orderOf(cases);

/** The same order, for rows that come out of a subquery. */
export function orderOf({ returnedAt, priorityRank, waitingSince, id }: QueueColumns): SQL {
  return sql`${returnedAt} asc nulls last, ${priorityRank}, ${waitingSince}, ${id}`;
}

/** The priority of a stored rank. @throws Error for a rank that the table's check refuses. */
export function priorityOf(rank: number): Priority {
  const priority = priorities[rank];
  if (priority === undefined) throw new Error(`no priority of rank ${rank}`);
  return priority;
}

/** The stored rank of a priority. */
export function rankOf(priority: Priority): number {
  return priorities.indexOf(priority);
}
