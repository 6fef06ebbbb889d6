import type { Database } from '../database/client.ts';
import { type AgentCommand, allowed, refuse } from './agent-command.ts';
import { type CaseRecord, changeCase } from './change-case.ts';

/**
 * Says that the practitioner's problem is solved. The case keeps the name of who solved it; the job `case-resolved`
 * lets the practitioner be asked whether it is so.
 * @throws Problem as `refuse`.
 */
export async function resolveCase(db: Database, given: AgentCommand, now: Date): Promise<CaseRecord> {
  const resolved = await changeCase(db, {
    where: allowed('resolve', given),
    set: { state: 'resolved', resolvedAt: now, returnedAt: null, assigneeSlot: null },
    at: now,
    by: { kind: 'agent', agentId: given.agent.id },
    events: [{ kind: 'resolved' }],
    outbox: [{ job: 'case-resolved', about: 'case' }],
  });
  return resolved ?? refuse(db, 'resolve', given);
}
