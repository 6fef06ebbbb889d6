import { eq, inArray } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { Problem } from '../problem.ts';
import { type AgentCommand, allowed, changedMeanwhile, findForAgent, refusal } from './agent-command.ts';
import { cases } from './cases.table.ts';
import { type CaseRecord, changeCase } from './change-case.ts';

/**
 * Closes a duplicate: its practitioner's problem is followed in the case `into`. Both keep their histories, and each
 * names the other.
 * @returns the closed duplicate.
 * @throws Problem 400 `invalid` when `into` is the case itself, unknown, foreign, or itself merged; 409
 *   `merge-loses-callback` when the duplicate alone has a callback; else as `refuse`.
 */
export async function mergeCases(
  db: Database,
  given: AgentCommand & { readonly into: string },
  now: Date,
): Promise<CaseRecord> {
  const { agent, number, into } = given;
  return db.transaction(async (tx) => {
    // Both are locked in one order, so that two cases being merged into each other at once cannot both be.
    const rows = tx
      .select({ number: cases.number, callbackAt: cases.callbackAt })
      .from(cases)
      .where(inArray(cases.number, [number, into]));
    const locked = await rows.orderBy(cases.id).for('update');

    const problem = await refusal(tx, 'merge', given);
    if (problem) throw problem;
    const target = await findForAgent(tx, { agent, number: into });
    if (target instanceof Problem || target.record.mergedInto !== null || number === into) {
      throw new Problem(400, 'invalid', { errors: [{ path: '/into', key: 'problems.fields.mergeTarget' }] });
    }
    // The call would go with the case: its practitioner would wait for it, and nobody would know.
    const callbackAt = locked.find((each) => each.number === number)?.callbackAt;
    if (callbackAt && !target.record.callbackAt) throw new Problem(409, 'merge-loses-callback');
    const at = { at: now, by: { kind: 'agent', agentId: agent.id } } as const;
    const merged = await changeCase(tx, {
      where: allowed('merge', given),
      set: { state: 'closed', mergedInto: target.record.id, assigneeSlot: null, returnedAt: null },
      ...at,
      events: [{ kind: 'merged', data: { into } }],
    });
    if (!merged) throw changedMeanwhile();
    await changeCase(tx, {
      where: [eq(cases.id, target.record.id)],
      set: {},
      ...at,
      events: [{ kind: 'merged', data: { from: number } }],
    });
    return merged;
  });
}
