import { type SQL, sql } from 'drizzle-orm';
import { agentHotlines, agents } from '../agents/agents.table.ts';
import type { Database } from '../database/client.ts';
import { cases } from './cases.table.ts';

/** The index that keeps two cases from taking one place of an agent: what decides when two claims race. */
const capacityIndex = 'cases_assignee_capacity';

/**
 * The lowest free place of an agent who is available, as the table `place` for `changeCase`'s `given`; empty when
 * there is none. The agent's row is held until the change commits, so that an agent who steps away is given
 * nothing after that.
 */
export function freePlace(db: Database, agentId: string | SQL) {
  return db.$with('place', { agentId: agents.id, slot: cases.assigneeSlot }).as(sql`
    select agent.id, agent.role, slot
    from ${agents} as agent cross join generate_series(1, agent.capacity) as slot
    where agent.id = ${agentId}::uuid and agent.active and agent.presence = 'available' and not exists (
      select from ${cases} as held where held.assignee_id = agent.id and held.assignee_slot = slot)
    order by slot limit 1
    for share of agent`);
}

/** Holds when there is a place, and its agent answers the case's hotline. */
export const placeServesCase: SQL = sql`exists (
  select from place where place.role = 'supervisor' or exists (
    select from ${agentHotlines} as answers
    where answers.agent_id = place.id and answers.hotline_id = ${cases.hotlineId}))`;

/** What taking the place writes on the case. */
export const intoPlace = {
  state: 'in_progress',
  assigneeId: sql`(select id from place)`,
  assigneeSlot: sql`(select slot from place)`,
} as const;

/**
 * Tries again while another claim of the same agent took the same place in between: each failure means that one
 * succeeded, so there are no more of them than the agent has places.
 */
export async function whilePlacesAreContested<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (tries >= maxTries || !isPlaceTaken(error)) throw error;
    }
  }
}

const maxTries = 50;

function isPlaceTaken(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'constraint' in cause && cause.constraint === capacityIndex;
}
