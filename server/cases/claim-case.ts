import { eq, sql } from 'drizzle-orm';
import { agents } from '../agents/agents.table.ts';
import type { Database } from '../database/client.ts';
import { preparedOnce } from '../database/prepared.ts';
import { Problem } from '../problem.ts';
import { type AgentCommand, type CaseAgent, changedMeanwhile, refusal } from './agent-command.ts';
import { cases } from './cases.table.ts';
import { type CaseRecord, caseChange } from './change-case.ts';
import { freePlace, intoPlace, placeServesCase, whilePlacesAreContested } from './free-place.ts';

/**
 * Gives a waiting case to an agent, or back to the one who has it pending. One statement checks that nobody else
 * has it, that it is the version the agent saw, and that the agent answers its hotline, is available and has a place
 * free. Outside of a transaction: a place lost to another claim of the same agent is tried again.
 * @throws Problem 404 `case-not-found`, 403 `foreign-hotline`, 409 `already-claimed` (with `owner`), `stale-version`,
 *   `wrong-state`, `not-available` or `no-place-left`.
 */
export async function claimCase(db: Database, given: AgentCommand, now: Date): Promise<CaseRecord> {
  const { agent, number, version = null } = given;
  const [claimed] = await whilePlacesAreContested(() =>
    claim(db).execute({ agentId: agent.id, number, version, now }),
  );
  if (claimed) return claimed;
  throw (await refusal(db, 'claim', given)) ?? (await placeRefusal(db, agent)) ?? changedMeanwhile();
}

const claim = preparedOnce((db) => {
  const agentId = sql`${sql.placeholder('agentId')}`;
  const version = sql`${sql.placeholder('version')}::int`;
  return caseChange(db, {
    given: [freePlace(db, agentId)],
    where: [
      sql`${cases.number} = ${sql.placeholder('number')}`,
      sql`(${cases.state} = 'waiting' or ${cases.state} = 'pending' and ${cases.assigneeId} = ${agentId}::uuid)`,
      sql`(${version} is null or ${cases.version} = ${version})`,
      placeServesCase,
    ],
    set: intoPlace,
    at: sql`${sql.placeholder('now')}`,
    by: { kind: 'agent', agentId },
    events: [{ kind: 'claimed' }],
  }).prepare('claim_case');
});

/** Why an agent cannot be given any case now; undefined when they can. */
export async function placeRefusal(
  db: Database,
  { id }: Pick<CaseAgent, 'id'>,
): Promise<Problem | undefined> {
  const held = db.$count(cases, sql`${cases.assigneeId} = ${id} and ${cases.assigneeSlot} is not null`);
  const [agent] = await db
    .select({ active: agents.active, presence: agents.presence, capacity: agents.capacity, held })
    .from(agents)
    .where(eq(agents.id, id));
  if (!agent?.active || agent.presence !== 'available') return new Problem(409, 'not-available');
  if (agent.held < agent.capacity) return undefined;
  return new Problem(409, 'no-place-left', { parameters: { count: agent.capacity } });
}
