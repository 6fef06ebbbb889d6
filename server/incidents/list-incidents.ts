import { asc, count, desc, eq, isNotNull, isNull, sql } from 'drizzle-orm';
import { agents } from '../agents/agents.table.ts';
import { cases } from '../cases/cases.table.ts';
import type { Database } from '../database/client.ts';
import { incidentNotices } from './incident-notices.table.ts';
import { incidentChanges, incidentSubscriptions, incidents } from './incidents.table.ts';
import type { IncidentRecord } from './open-incidents.ts';

/** How many belong to an incident. */
export interface IncidentCounts {
  readonly cases: number;
  readonly subscribers: number;
}

/** The linked cases and the people to tell of these incidents, by incident. */
export async function countLinked(
  db: Database,
  ids: readonly number[],
): Promise<ReadonlyMap<number, IncidentCounts>> {
  if (ids.length === 0) return new Map();
  const list = sql`(${sql.join(
    ids.map((id) => sql`${id}::bigint`),
    sql`, `,
  )})`;
  const [linked, wishes] = await Promise.all([
    db
      .select({ id: cases.incidentId, count: count() })
      .from(cases)
      .where(sql`${cases.incidentId} in ${list}`)
      .groupBy(cases.incidentId),
    db
      .select({ id: incidentSubscriptions.incidentId, count: count() })
      .from(incidentSubscriptions)
      .where(
        sql`${incidentSubscriptions.incidentId} in ${list} and ${incidentSubscriptions.unsubscribedAt} is null`,
      )
      .groupBy(incidentSubscriptions.incidentId),
  ]);
  return new Map(
    ids.map((id) => [
      id,
      {
        cases: linked.find((each) => each.id === id)?.count ?? 0,
        subscribers: wishes.find((each) => each.id === id)?.count ?? 0,
      },
    ]),
  );
}

export interface ListedIncident {
  readonly record: IncidentRecord;
  readonly counts: IncidentCounts;
}

/** Open incidents, the oldest first; or those that are over, the last first, fifty at most. */
export async function listIncidents(
  db: Database,
  state: 'open' | 'closed',
): Promise<readonly ListedIncident[]> {
  const records = await db
    .select()
    .from(incidents)
    .where(state === 'open' ? isNull(incidents.closedAt) : isNotNull(incidents.closedAt))
    .orderBy(...(state === 'open' ? [asc(incidents.id)] : [desc(incidents.closedAt), desc(incidents.id)]))
    .limit(state === 'open' ? 200 : 50);
  const counts = await countLinked(
    db,
    records.map(({ id }) => id),
  );
  return records.map((record) => ({
    record,
    counts: counts.get(record.id) ?? { cases: 0, subscribers: 0 },
  }));
}

/** An incident with its history and how far its mails are; undefined when there is none of that id. */
export async function findIncident(db: Database, id: number) {
  const [record] = await db.select().from(incidents).where(eq(incidents.id, id));
  if (!record) return undefined;
  const [counts, history, mails] = await Promise.all([
    countLinked(db, [id]),
    db
      .select({ change: incidentChanges, agent: { id: agents.id, name: agents.name } })
      .from(incidentChanges)
      .innerJoin(agents, eq(agents.id, incidentChanges.agentId))
      .where(eq(incidentChanges.incidentId, id))
      .orderBy(desc(incidentChanges.id)),
    db
      .select({ state: incidentNotices.state, count: count() })
      .from(incidentNotices)
      .where(eq(incidentNotices.incidentId, id))
      .groupBy(incidentNotices.state),
  ]);
  const inState = (...states: readonly string[]) =>
    mails.reduce((sum, each) => sum + (states.includes(each.state) ? each.count : 0), 0);
  return {
    record,
    counts: counts.get(id) ?? { cases: 0, subscribers: 0 },
    history: history.map(({ change, agent }) => ({ ...change, agent })),
    mails: { sent: inState('sent'), waiting: inState('planned', 'sending'), failed: inState('failed') },
  };
}

export type IncidentDetail = NonNullable<Awaited<ReturnType<typeof findIncident>>>;
