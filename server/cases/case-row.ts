import { eq, sql } from 'drizzle-orm';
import { type Static, Type } from 'typebox';
import { agents } from '../agents/agents.table.ts';
import type { Database } from '../database/client.ts';
import { instantOf, instantOrNullOf } from '../database/instant.ts';
import { preparedOnce } from '../database/prepared.ts';
import { modes } from '../routing/practitioner-types.ts';
import type { Language } from '../texts.ts';
import { caseStates, cases, priorities } from './cases.table.ts';
import type { CaseRecord } from './change-case.ts';
import { priorityOf } from './queue-order.ts';
import type { OpenState } from './status.ts';

/** A case as one line of a list, in the language of who reads it. Times are ISO 8601, in UTC. */
export type CaseRow = Static<typeof CaseRowSchema>;

export const CaseRowSchema = Type.Object(
  {
    number: Type.String(),
    hotline: Type.String(),
    state: Type.Enum(caseStates),
    priority: Type.Enum(priorities),
    version: Type.Integer(),
    openedAt: Type.String({ format: 'date-time' }),
    waitingSince: Type.String({ format: 'date-time' }),
    returned: Type.Boolean({
      description: 'The practitioner came back, still stuck: served before all others',
    }),
    returnedAt: Type.Optional(
      Type.String({ format: 'date-time', description: 'Since when; the longest back is served first' }),
    ),
    assignee: Type.Optional(Type.Object({ id: Type.String(), name: Type.String() })),
    practitioner: Type.Object({
      name: Type.String(),
      profession: Type.Optional(Type.String()),
      mode: Type.Optional(Type.Enum(modes)),
    }),
    summary: Type.String({ description: 'The way in and the symptom, in one line' }),
    incident: Type.Optional(Type.Integer({ description: 'The incident that the case belongs to' })),
    callbackAt: Type.Optional(
      Type.String({ format: 'date-time', description: 'When the practitioner is to be called back' }),
    ),
  },
  { title: 'CaseRow' },
);

/** How many cases of a hotline are in each state of the live queue, and how many calls are to be made today. */
export type Counts = Readonly<Record<OpenState | 'callbacks', number>>;

export const CountsSchema = Type.Object(
  {
    waiting: Type.Integer(),
    in_progress: Type.Integer(),
    pending: Type.Integer(),
    callbacks: Type.Integer({ description: 'Calls to be made until the end of today, late ones included' }),
  },
  { title: 'Counts' },
);

/** What a row is made of; `assigneeName` is the joined agent's. */
export const rowColumns = {
  id: cases.id,
  number: cases.number,
  hotlineId: cases.hotlineId,
  state: cases.state,
  priorityRank: cases.priorityRank,
  version: cases.version,
  openedAt: instantOf(cases.openedAt, 'opened_at'),
  waitingSince: instantOf(cases.waitingSince, 'waiting_since'),
  returnedAt: instantOrNullOf(cases.returnedAt, 'returned_at'),
  assigneeId: cases.assigneeId,
  contactName: cases.contactName,
  profession: cases.profession,
  mode: cases.mode,
  summary: cases.summary,
  incidentId: cases.incidentId,
  callbackAt: instantOrNullOf(cases.callbackAt, 'callback_at'),
} as const;

export type StoredRow = Omit<
  Pick<CaseRecord, keyof typeof rowColumns>,
  'openedAt' | 'waitingSince' | 'returnedAt' | 'callbackAt'
> & {
  /** ISO 8601 in UTC, as the others. */
  readonly openedAt: string;
  readonly waitingSince: string;
  readonly returnedAt: string | null;
  readonly callbackAt: string | null;
  readonly assigneeName: string | null;
};

/** What the row of a whole case is made of. */
export function rowOf(record: CaseRecord, assigneeName: string | null): StoredRow {
  return {
    ...record,
    openedAt: record.openedAt.toISOString(),
    waitingSince: record.waitingSince.toISOString(),
    returnedAt: record.returnedAt?.toISOString() ?? null,
    callbackAt: record.callbackAt?.toISOString() ?? null,
    assigneeName,
  };
}

/** The row as it is sent. */
export function toCaseRow(stored: StoredRow, language: Language): CaseRow {
  const { assigneeId, assigneeName, profession, mode } = stored;
  return {
    number: stored.number,
    hotline: stored.hotlineId,
    state: stored.state,
    priority: priorityOf(stored.priorityRank),
    version: stored.version,
    openedAt: stored.openedAt,
    waitingSince: stored.waitingSince,
    returned: stored.returnedAt !== null,
    ...(stored.returnedAt !== null && { returnedAt: stored.returnedAt }),
    ...(assigneeId !== null && assigneeName !== null && { assignee: { id: assigneeId, name: assigneeName } }),
    practitioner: {
      name: stored.contactName,
      ...(profession !== null && { profession }),
      ...(mode !== null && { mode }),
    },
    summary: stored.summary[language],
    ...(stored.incidentId !== null && { incident: stored.incidentId }),
    ...(stored.callbackAt !== null && { callbackAt: stored.callbackAt }),
  };
}

/** The rows of these cases as they are now, in no order. */
export async function findRows(db: Database, caseIds: readonly number[]): Promise<readonly StoredRow[]> {
  return rowsOf(db).execute({ caseIds });
}

const rowsOf = preparedOnce((db) =>
  db
    .select({ ...rowColumns, assigneeName: agents.name })
    .from(cases)
    .leftJoin(agents, eq(agents.id, cases.assigneeId))
    .where(sql`${cases.id} = any(${sql.placeholder('caseIds')}::bigint[])`)
    .prepare('case_rows'),
);
