import type { Database } from '../database/client.ts';
import { type AgentCommand, allowed, refuse } from './agent-command.ts';
import { type CaseRecord, changeCase } from './change-case.ts';

/**
 * Puts a claimed case back in its queue, at the place that its waiting gives it.
 * @throws Problem as `refuse`.
 */
export async function releaseCase(db: Database, given: AgentCommand, now: Date): Promise<CaseRecord> {
  const released = await changeCase(db, {
    where: allowed('release', given),
    set: { state: 'waiting', assigneeId: null, assigneeSlot: null },
    at: now,
    by: { kind: 'agent', agentId: given.agent.id },
    events: [{ kind: 'released' }],
  });
  return released ?? refuse(db, 'release', given);
}
