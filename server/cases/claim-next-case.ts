import { type SQL, sql } from 'drizzle-orm';
import { agentHotlines } from '../agents/agents.table.ts';
import type { Database } from '../database/client.ts';
import { preparedOnce } from '../database/prepared.ts';
import { hotlines } from '../routing/hotlines.table.ts';
import type { CaseAgent } from './agent-command.ts';
import { cases } from './cases.table.ts';
import { type CaseRecord, caseChange } from './change-case.ts';
import { placeRefusal } from './claim-case.ts';
import { freePlace, intoPlace, placeServesCase, whilePlacesAreContested } from './free-place.ts';
import { queueOrder } from './queue-order.ts';

/** How many of the first cases of each hotline are tried: more agents than this must ask within one instant to fail. */
const reach = 50;

/**
 * Gives an agent the case that is first in the queues of their hotlines. Agents who ask at once are given one case
 * each: a case that somebody is being given is passed over, and waited for only when there is no other, since it may
 * not be given after all. Outside of a transaction, as `claimCase`.
 * @returns undefined when nothing waits.
 * @throws Problem 409 `not-available` or `no-place-left`.
 */
export async function claimNextCase(
  db: Database,
  agent: Pick<CaseAgent, 'id'>,
  now: Date,
): Promise<CaseRecord | undefined> {
  for (const attempt of [claimNextFree, claimNextReleased]) {
    const [claimed] = await whilePlacesAreContested(() => attempt(db).execute({ agentId: agent.id, now }));
    if (claimed) return claimed;
    const problem = await placeRefusal(db, agent);
    if (problem) throw problem;
  }
  return undefined;
}

const claimNextFree = preparedOnce((db) => claimNext(db, 'skip locked').prepare('claim_next_free_case'));
const claimNextReleased = preparedOnce((db) => claimNext(db).prepare('claim_next_released_case'));

function claimNext(db: Database, locked?: 'skip locked') {
  const agentId = sql`${sql.placeholder('agentId')}`;
  return caseChange(db, {
    given: [freePlace(db, agentId)],
    where: [
      sql`${cases.id} = (${firstOfTheQueues(locked)})`,
      sql`${cases.state} = 'waiting'`,
      placeServesCase,
    ],
    set: intoPlace,
    at: sql`${sql.placeholder('now')}`,
    by: { kind: 'agent', agentId },
    events: [{ kind: 'claimed', data: { next: true } }],
  });
}

/** Each hotline's queue is read in the order of its index; only then are they compared, and one row locked. */
function firstOfTheQueues(locked: 'skip locked' | undefined): SQL {
  return sql`
    select ${cases.id} from ${cases}
    where ${cases.state} = 'waiting' and ${cases.id} in (
      select first.id from place
      cross join lateral (
        select ${agentHotlines.hotlineId} as id from ${agentHotlines} where ${agentHotlines.agentId} = place.id
        union select ${hotlines.id} from ${hotlines} where place.role = 'supervisor') as hotline
      cross join lateral (
        select ${cases.id} from ${cases} where ${cases.hotlineId} = hotline.id and ${cases.state} = 'waiting'
        order by ${queueOrder} limit ${sql.raw(String(reach))}) as first)
    order by ${queueOrder} limit 1 for update ${sql.raw(locked ?? '')}`;
}
