import { isNull } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { type AgentCommand, allowed, refuse } from './agent-command.ts';
import { cases } from './cases.table.ts';
import { type CaseRecord, changeCase } from './change-case.ts';

/**
 * Puts a finished case back in its queue, where it waits from now on; one that was merged stays closed.
 * @throws Problem as `refuse`.
 */
export async function reopenCase(db: Database, given: AgentCommand, now: Date): Promise<CaseRecord> {
  const reopened = await changeCase(db, {
    where: [...allowed('reopen', given), isNull(cases.mergedInto)],
    set: { state: 'waiting', waitingSince: now, resolvedAt: null, assigneeId: null },
    at: now,
    by: { kind: 'agent', agentId: given.agent.id },
    events: [{ kind: 'reopened' }],
  });
  return reopened ?? refuse(db, 'reopen', given);
}
