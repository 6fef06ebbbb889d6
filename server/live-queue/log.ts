import { and, asc, eq, gt, isNull, sql } from 'drizzle-orm';
import { type CaseEventKind, caseEvents, cases, liveLogHeads } from '../cases/cases.table.ts';
import type { Database } from '../database/client.ts';
import { preparedOnce } from '../database/prepared.ts';

/** One line of a hotline's log. */
export interface LogEntry {
  readonly seq: number;
  readonly kind: CaseEventKind;
  readonly caseId: number;
  readonly number: string;
  /** The case's version after the event. */
  readonly version: number;
}

/** How many events one transaction numbers, so that a long backlog does not hold the lock for long. */
const numberedAtOnce = 5_000;

/**
 * Gives committed events their place in their hotline's log: 1, 2, 3… without a gap.
 *
 * Numbers drawn while an event is written would commit out of order, and whoever had read 10 would never see 9. So
 * events are written without a number, and numbered once they are committed, by one process at a time: the heads'
 * row locks see to that. Whoever reads the log sees a whole numbering or nothing of it.
 * @returns how many events were numbered.
 */
export async function numberEvents(db: Database): Promise<number> {
  let total = 0;
  for (;;) {
    const numbered = (await hasNews(db).execute()).length > 0 ? await numberSome(db) : 0;
    total += numbered;
    if (numbered < numberedAtOnce) return total;
  }
}

const hasNews = preparedOnce((db) =>
  db
    .select({ id: caseEvents.id })
    .from(caseEvents)
    .where(isNull(caseEvents.seq))
    .limit(1)
    .prepare('live_log_news'),
);

/**
 * Three statements sent as one message, which PostgreSQL runs as one transaction: the heads that are missing, the
 * lock, the numbering. The numbering must be a statement of its own, so as to see what is true after the wait.
 */
async function numberSome(db: Database): Promise<number> {
  const results: unknown = await db.execute(sql.raw(numbering));
  // The driver answers several statements with a list of results; the last one is the numbering's.
  const [, , { rows }] = results as [unknown, unknown, { rows: [{ numbered: number }] }];
  return rows[0].numbered;
}

const numbering = `
  insert into live_log_heads (hotline_id, last_seq)
  select distinct hotline_id, 0 from case_events where seq is null order by hotline_id
  on conflict do nothing;

  select from live_log_heads order by hotline_id for update;

  with fresh as (
    select id, hotline_id from case_events where seq is null order by id limit ${numberedAtOnce}),
  placed as (
    select id, head.last_seq + row_number() over (partition by hotline_id order by id) as seq
    from fresh join live_log_heads as head using (hotline_id)),
  numbered as (
    update case_events as event set seq = placed.seq from placed where event.id = placed.id
    returning event.hotline_id, event.seq),
  moved as (
    update live_log_heads as head set last_seq = top.seq
    from (select hotline_id, max(seq) as seq from numbered group by hotline_id) as top
    where head.hotline_id = top.hotline_id)
  select count(*)::int as numbered from numbered`;

/** The last number given in a hotline's log; 0 while there is none. */
export async function readHead(db: Database, hotlineId: string): Promise<number> {
  const [head] = await db
    .select({ seq: liveLogHeads.lastSeq })
    .from(liveLogHeads)
    .where(eq(liveLogHeads.hotlineId, hotlineId));
  return head?.seq ?? 0;
}

/** What happened in a hotline after `after`, in order, as far as it is numbered. */
export async function readLog(
  db: Database,
  hotlineId: string,
  after: number,
  limit: number,
): Promise<readonly LogEntry[]> {
  const entries = await logAfter(db).execute({ hotlineId, after, limit });
  // `seq > after` holds for no null.
  return entries.flatMap(({ seq, ...entry }) => (seq === null ? [] : [{ seq, ...entry }]));
}

const logAfter = preparedOnce((db) =>
  db
    .select({
      seq: caseEvents.seq,
      kind: caseEvents.kind,
      caseId: caseEvents.caseId,
      number: cases.number,
      version: caseEvents.version,
    })
    .from(caseEvents)
    .innerJoin(cases, eq(cases.id, caseEvents.caseId))
    .where(
      and(
        eq(caseEvents.hotlineId, sql.placeholder('hotlineId')),
        gt(caseEvents.seq, sql.placeholder('after')),
      ),
    )
    .orderBy(asc(caseEvents.seq))
    .limit(sql.placeholder('limit'))
    .prepare('live_log_after'),
);
