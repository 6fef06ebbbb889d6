import type { Database } from '../database/client.ts';
import { type AgentCommand, allowed, refuse } from './agent-command.ts';
import { type CaseRecord, changeCase } from './change-case.ts';
import { refuseSocialSecurityNumber } from './social-security-number.ts';

/**
 * Writes down something for the other agents; the practitioner never sees it. Any agent of the hotline may, whoever
 * has the case and whatever its state.
 * @throws Problem 422 `invalid` when it holds a social security number; else as `refuse`.
 */
export async function addNote(
  db: Database,
  given: AgentCommand & { readonly body: string },
  now: Date,
): Promise<CaseRecord> {
  refuseSocialSecurityNumber(given.body);
  const noted = await changeCase(db, {
    where: allowed('note', given),
    set: {},
    at: now,
    by: { kind: 'agent', agentId: given.agent.id },
    events: [{ kind: 'note_added' }],
    message: { body: given.body, internal: true },
  });
  return noted ?? refuse(db, 'note', given);
}
