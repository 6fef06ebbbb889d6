import { and, asc, eq, ne, notExists, sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { preparedOnce } from '../database/prepared.ts';
import { holds } from './agent-sessions.ts';
import { agentHotlines, agentSessions, agents, type Presence } from './agents.table.ts';

/** Says whether the agent takes cases. A claim under way ends first: the agent's row says which came before. */
export async function setPresence(
  db: Database,
  agentId: string,
  presence: Presence,
  now: Date,
): Promise<void> {
  await db.update(agents).set({ presence, presenceSince: now }).where(eq(agents.id, agentId));
}

/**
 * Makes an agent who has just signed in available. One who is signed in elsewhere too has said there whether they
 * take cases: that stays.
 */
export async function arrive(db: Database, agentId: string, now: Date): Promise<void> {
  const sessions = db.$count(agentSessions, eq(agentSessions.agentId, agentId));
  await db
    .update(agents)
    .set({ presence: 'available', presenceSince: now })
    .where(and(eq(agents.id, agentId), eq(agents.presence, 'away'), sql`${sessions} = 1`));
}

/**
 * Makes away whoever has no session left that holds: they closed the window without signing out.
 * @returns how many were not away before.
 */
export async function sendAbsentAway(db: Database, now: Date): Promise<number> {
  const here = db
    .select({ one: sql`1` })
    .from(agentSessions)
    .where(and(eq(agentSessions.agentId, agents.id), holds(now)));
  const { rowCount } = await db
    .update(agents)
    .set({ presence: 'away', presenceSince: now })
    .where(and(ne(agents.presence, 'away'), notExists(here)));
  return rowCount ?? 0;
}

export interface AgentPresence {
  readonly id: string;
  readonly name: string;
  readonly presence: Presence;
}

/** Who answers each hotline and whether they are there, by hotline and by name; supervisors only where named. */
export async function listPresences(
  db: Database,
): Promise<readonly (AgentPresence & { readonly hotlineId: string })[]> {
  return presences(db).execute();
}

const presences = preparedOnce((db) =>
  db
    .select({
      id: agents.id,
      name: agents.name,
      presence: agents.presence,
      hotlineId: agentHotlines.hotlineId,
    })
    .from(agents)
    .innerJoin(agentHotlines, eq(agentHotlines.agentId, agents.id))
    .where(eq(agents.active, true))
    .orderBy(asc(agentHotlines.hotlineId), asc(agents.name), asc(agents.id))
    .prepare('presences'),
);
