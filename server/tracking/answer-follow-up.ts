import { and, eq } from 'drizzle-orm';
import { applyConfirmation } from '../cases/confirm-it-works.ts';
import { changeOwnCase, type OwnCaseOutcome } from '../cases/own-case.ts';
import { applyReturn } from '../cases/return-case.ts';
import type { Database } from '../database/client.ts';
import { askingKinds, followUps } from '../follow-ups/follow-ups.table.ts';
import { Problem } from '../problem.ts';

export const replies = ['works', 'stuck'] as const;
export type Reply = (typeof replies)[number];

/**
 * The practitioner's one-click answer to a mail: it works, or they are still stuck. The same answer twice changes
 * nothing, whatever became of the case in between; the other answer afterwards is a new fact.
 * @throws Problem 404 `no-such-tracking` when that case has no such mail, or it did not ask yet; as `changeOwnCase`.
 */
export async function answerFollowUp(
  db: Database,
  given: { readonly token: string; readonly followUpId: number; readonly reply: Reply },
  now: Date,
): Promise<OwnCaseOutcome> {
  const { token, followUpId, reply } = given;
  return changeOwnCase(db, token, now, async (tx, record) => {
    const thisOne = and(eq(followUps.id, followUpId), eq(followUps.caseId, record.id));
    const [followUp] = await tx
      .select({ reply: followUps.reply, kind: followUps.kind, dueAt: followUps.dueAt })
      .from(followUps)
      .where(thisOne);
    // Ids can be guessed: what was not asked yet cannot be answered, else it would be a way to the front of the queue.
    if (!followUp || !askingKinds.has(followUp.kind) || followUp.dueAt > now)
      throw new Problem(404, 'no-such-tracking');
    if (followUp.reply === reply) return undefined;
    await tx.update(followUps).set({ reply, repliedAt: now }).where(thisOne);
    return reply === 'works'
      ? applyConfirmation(tx, record, now)
      : applyReturn(tx, record, now, { asked: true });
  });
}

/** What was answered to that mail of the case, if anything; undefined when it is not one of the case. */
export async function findReply(
  db: Database,
  given: { readonly caseId: number; readonly followUpId: number },
): Promise<{ readonly reply: Reply | null } | undefined> {
  const [found] = await db
    .select({ reply: followUps.reply })
    .from(followUps)
    .where(and(eq(followUps.id, given.followUpId), eq(followUps.caseId, given.caseId)));
  return found;
}
