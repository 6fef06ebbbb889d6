import type { Database } from '../database/client.ts';
import { type AgentCommand, allowed, refuse } from './agent-command.ts';
import type { Priority } from './cases.table.ts';
import { type CaseRecord, changeCase } from './change-case.ts';
import { rankOf } from './queue-order.ts';

/**
 * Moves a case up or down its queue.
 * @throws Problem as `refuse`.
 */
export async function setPriority(
  db: Database,
  given: AgentCommand & { readonly priority: Priority },
  now: Date,
): Promise<CaseRecord> {
  const moved = await changeCase(db, {
    where: allowed('prioritise', given),
    set: { priorityRank: rankOf(given.priority) },
    at: now,
    by: { kind: 'agent', agentId: given.agent.id },
    events: [{ kind: 'priority_changed', data: { priority: given.priority } }],
  });
  return moved ?? refuse(db, 'prioritise', given);
}
