import { sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { Problem } from '../problem.ts';
import { type AgentCommand, allowed, refusal } from './agent-command.ts';
import { cases } from './cases.table.ts';
import { type CaseRecord, changeCase } from './change-case.ts';
import { placeRefusal } from './claim-case.ts';
import { freePlace, intoPlace, placeServesCase, whilePlacesAreContested } from './free-place.ts';

/**
 * Hands a case to another agent of its hotline, who must be able to claim it: available, and with a place free.
 * Outside of a transaction, as `claimCase`.
 * @throws Problem 409 `assignee-unavailable`; 400 `invalid` for an agent who does not answer the hotline or has the
 *   case already; else as `refuse`.
 */
export async function assignCase(
  db: Database,
  given: AgentCommand & { readonly to: string },
  now: Date,
): Promise<CaseRecord> {
  const { agent, to } = given;
  const assigned = await whilePlacesAreContested(() =>
    changeCase(db, {
      given: [freePlace(db, to)],
      where: [
        ...allowed('assign', given),
        placeServesCase,
        sql`${cases.assigneeId} is distinct from ${to}::uuid`,
      ],
      set: intoPlace,
      at: now,
      by: { kind: 'agent', agentId: agent.id },
      events: [{ kind: 'transferred', data: { agent: to } }],
    }),
  );
  if (assigned) return assigned;
  const problem = await refusal(db, 'assign', given);
  if (problem) throw problem;
  if (await placeRefusal(db, { id: to })) throw new Problem(409, 'assignee-unavailable');
  throw new Problem(400, 'invalid', { errors: [{ path: '/agent', key: 'problems.fields.enum' }] });
}
