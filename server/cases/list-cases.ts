import { and, desc, eq, type SQL, sql } from 'drizzle-orm';
import { unionAll } from 'drizzle-orm/pg-core';
import { agents } from '../agents/agents.table.ts';
import type { Database } from '../database/client.ts';
import { preparedOnce } from '../database/prepared.ts';
import { rowColumns, type StoredRow } from './case-row.ts';
import { type CaseState, cases } from './cases.table.ts';
import { readCursor, writeCursor } from './list-cursor.ts';
import { orderOf, queueOrder } from './queue-order.ts';
import { matches, searchQuery } from './search-terms.ts';
import { type OpenState, openStates, ownedStates } from './status.ts';

export interface CaseFilter {
  readonly hotlines: readonly string[];
  /** Absent: the states of the live queue, or every state when `q` is there. */
  readonly state?: CaseState | undefined;
  readonly assigneeId?: string | undefined;
  /** Beginnings of words of the number, name, RPPS number, telephone number or mail address. */
  readonly q?: string | undefined;
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: string | undefined;
}

export interface CaseList {
  readonly rows: readonly StoredRow[];
  /** Where the next page begins, when there is one. */
  readonly next?: string;
}

/**
 * Lists cases: those of the live queue in the order in which they are served, the others and what a search finds
 * newest first. Pages follow each other without repetition, whatever arrives meanwhile.
 * @throws Problem 400 `invalid` for an `after` that is not one of ours.
 */
export async function listCases(db: Database, filter: CaseFilter): Promise<CaseList> {
  const { state } = filter;
  const q = filter.q?.trim() || undefined;
  if (q === undefined && (state === undefined || isOpen(state))) return listQueue(db, { ...filter, state });
  return listNewest(db, { ...filter, q });
}

async function listQueue(
  db: Database,
  { hotlines, state, assigneeId, limit, after }: CaseFilter & { readonly state: OpenState | undefined },
): Promise<CaseList> {
  const cursor = after === undefined ? undefined : readCursor(after, 'queue');
  if (hotlines.length === 0) return { rows: [] };
  const shape: QueueShape = {
    hotlines: hotlines.length,
    state,
    assigned: assigneeId !== undefined,
    after: cursor && (cursor.returnedAt === null ? 'waiting' : 'returned'),
  };
  const named = Object.fromEntries(hotlines.map((id, place) => [`hotline${place}`, id]));
  const rows = await queue(db, shape).execute({ ...cursor, ...named, assigneeId, limit: limit + 1 });
  return page(rows, limit, (last) => ({
    order: 'queue',
    returnedAt: last.returnedAt,
    rank: last.priorityRank,
    waitingSince: last.waitingSince,
    id: last.id,
  }));
}

async function listNewest(
  db: Database,
  { hotlines, state, assigneeId, q, limit, after }: CaseFilter,
): Promise<CaseList> {
  const query = q === undefined ? undefined : searchQuery(q);
  if (q !== undefined && query === undefined) return { rows: [] };
  const cursor = after === undefined ? undefined : readCursor(after, 'newest');
  const shape: NewestShape = {
    state,
    assigned: assigneeId !== undefined,
    searched: query !== undefined,
    after: cursor !== undefined,
  };
  const rows = await newest(db, shape).execute({ ...cursor, hotlines, assigneeId, query, limit: limit + 1 });
  return page(rows, limit, (last) => ({ order: 'newest', id: last.id }));
}

/** One row more than the page was asked for, and says that there is a next one. */
function page(
  rows: readonly StoredRow[],
  limit: number,
  cursor: (last: StoredRow) => Parameters<typeof writeCursor>[0],
): CaseList {
  const last = rows[limit - 1];
  if (rows.length <= limit || !last) return { rows };
  return { rows: rows.slice(0, limit), next: writeCursor(cursor(last)) };
}

// The statements are prepared by shape: a state written in them is what lets PostgreSQL use the partial indexes, and
// a condition that is not there costs nothing.

interface QueueShape {
  readonly hotlines: number;
  readonly state: OpenState | undefined;
  readonly assigned: boolean;
  /** Whether the page before ended among the cases that came back, or after them. */
  readonly after: 'returned' | 'waiting' | undefined;
}

/** Each hotline's queue, and its cases in hand, are read in the order of their index; only then are they merged. */
const queue = preparedOnce((db, shape: QueueShape) => {
  const groups: readonly (readonly OpenState[])[] =
    shape.state === undefined ? [['waiting'], ownedStates] : [[shape.state]];
  const [first, ...others] = Array.from({ length: shape.hotlines }, (_, place) =>
    groups.map((states) =>
      db
        .select({ ...rowColumns, assigneeName: agents.name })
        .from(cases)
        .leftJoin(agents, eq(agents.id, cases.assigneeId))
        .where(
          and(
            eq(cases.hotlineId, sql.placeholder(`hotline${place}`)),
            isIn(states),
            shape.assigned ? eq(cases.assigneeId, sql.placeholder('assigneeId')) : undefined,
            shape.after && afterInQueue[shape.after],
          ),
        )
        .orderBy(queueOrder)
        .limit(sql.placeholder('limit')),
    ),
  ).flat();
  if (!first) throw new Error('a list of no hotline');
  const name = `queue_${shape.hotlines}_${shape.state}_${shape.assigned}_${shape.after}`;
  const [second, ...more] = others;
  if (!second) return first.prepare(name);
  const all = unionAll(first, second, ...more).as('queued');
  return db.select().from(all).orderBy(orderOf(all)).limit(sql.placeholder('limit')).prepare(name);
});

const afterInQueue: Readonly<Record<'returned' | 'waiting', SQL>> = {
  returned: sql`(${cases.returnedAt} is null
    or (${cases.returnedAt}, ${cases.priorityRank}, ${cases.waitingSince}, ${cases.id})
      > (${sql.placeholder('returnedAt')}::timestamptz, ${sql.placeholder('rank')}::smallint,
        ${sql.placeholder('waitingSince')}::timestamptz, ${sql.placeholder('id')}::bigint))`,
  waiting: sql`${cases.returnedAt} is null
    and (${cases.priorityRank}, ${cases.waitingSince}, ${cases.id})
      > (${sql.placeholder('rank')}::smallint, ${sql.placeholder('waitingSince')}::timestamptz,
        ${sql.placeholder('id')}::bigint)`,
};

interface NewestShape {
  readonly state: CaseState | undefined;
  readonly assigned: boolean;
  readonly searched: boolean;
  readonly after: boolean;
}

const newest = preparedOnce((db, shape: NewestShape) =>
  db
    .select({ ...rowColumns, assigneeName: agents.name })
    .from(cases)
    .leftJoin(agents, eq(agents.id, cases.assigneeId))
    .where(
      and(
        sql`${cases.hotlineId} = any(${sql.placeholder('hotlines')})`,
        shape.state && isIn([shape.state]),
        shape.assigned ? eq(cases.assigneeId, sql.placeholder('assigneeId')) : undefined,
        shape.searched ? matches(sql`${sql.placeholder('query')}`) : undefined,
        shape.after ? sql`${cases.id} < ${sql.placeholder('id')}` : undefined,
      ),
    )
    .orderBy(desc(cases.id))
    .limit(sql.placeholder('limit'))
    .prepare(`newest_${shape.state}_${shape.assigned}_${shape.searched}_${shape.after}`),
);

function isIn(states: readonly CaseState[]): SQL {
  const written = states.map((state) => sql.raw(`'${state}'`));
  return sql`${cases.state} in (${sql.join(written, sql`, `)})`;
}

function isOpen(state: CaseState): state is OpenState {
  return openStates.some((open) => open === state);
}
