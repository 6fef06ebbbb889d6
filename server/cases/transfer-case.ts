import { eq } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { Problem } from '../problem.ts';
import { hotlines } from '../routing/hotlines.table.ts';
import { inForceAt } from '../routing/time-zones.ts';
import { type AgentCommand, allowed, findForAgent, refuse } from './agent-command.ts';
import { cases } from './cases.table.ts';
import { type CaseRecord, changeCase } from './change-case.ts';

/**
 * Sends a case to another hotline, where it waits for anybody, as long since as it did. Both hotlines' logs say so.
 * @throws Problem 400 `invalid` for a hotline that does not exist, is not in service or already has the case; else as
 * `refuse`.
 */
export async function transferCase(
  db: Database,
  given: AgentCommand & { readonly hotline: string },
  now: Date,
): Promise<CaseRecord> {
  const { hotline: to, agent } = given;
  const found = await findForAgent(db, given);
  if (found instanceof Problem) throw found;
  const from = found.record.hotlineId;
  const [line] = await db.select().from(hotlines).where(eq(hotlines.id, to));
  if (!line || !inForceAt(line, line.zone, now) || from === to) {
    throw new Problem(400, 'invalid', { errors: [{ path: '/hotline', key: 'problems.fields.enum' }] });
  }
  const transferred = await changeCase(db, {
    // The hotline that was read is the one whose log hears that the case left.
    where: [...allowed('transfer', given), eq(cases.hotlineId, from)],
    set: {
      hotlineId: to,
      state: 'waiting',
      assigneeId: null,
      assigneeSlot: null,
      // The first line's reason would speak against the one that is shown now.
      routingReason: { code: 'transferred' },
    },
    at: now,
    by: { kind: 'agent', agentId: agent.id },
    events: [
      { kind: 'transferred_away', hotlineId: from, data: { to } },
      { kind: 'transferred', data: { from } },
    ],
    // A callback that was booked is for this line to make, if it can.
    ...(found.record.callbackAt !== null && { outbox: [{ job: 'review-callbacks', about: 'case' }] }),
  });
  return transferred ?? refuse(db, 'transfer', given);
}
