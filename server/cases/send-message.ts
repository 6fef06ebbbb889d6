import type { Database } from '../database/client.ts';
import { type AgentCommand, allowed, refuse } from './agent-command.ts';
import { type CaseRecord, changeCase } from './change-case.ts';
import { refuseSocialSecurityNumber } from './social-security-number.ts';

/**
 * Says something to the practitioner, on their tracking page; the job `message-sent` tells them of it by mail.
 * With `awaitReply` the case becomes `pending`: it stays the agent's without taking one of their places.
 * @throws Problem 422 `invalid` when it holds a social security number; else as `refuse`.
 */
export async function sendMessage(
  db: Database,
  given: AgentCommand & { readonly body: string; readonly awaitReply?: boolean | undefined },
  now: Date,
): Promise<CaseRecord> {
  refuseSocialSecurityNumber(given.body);
  const command = given.awaitReply ? 'ask' : 'message';
  const said = await changeCase(db, {
    where: allowed(command, given),
    set: given.awaitReply ? { state: 'pending', assigneeSlot: null } : {},
    at: now,
    by: { kind: 'agent', agentId: given.agent.id },
    events: [{ kind: 'message_sent' }],
    message: { body: given.body, internal: false },
    outbox: [{ job: 'message-sent', about: 'message' }],
  });
  return said ?? refuse(db, command, given);
}
