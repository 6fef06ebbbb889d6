import { eq } from 'drizzle-orm';
import { type AgentCommand, allowed, findForAgent, refuse } from '../cases/agent-command.ts';
import { cases } from '../cases/cases.table.ts';
import { type CaseRecord, changeCase } from '../cases/change-case.ts';
import { sendMessage } from '../cases/send-message.ts';
import type { Database } from '../database/client.ts';
import { Problem } from '../problem.ts';
import { findHotline } from '../routing/configuration.ts';
import { findLiveCallback } from './find-callback.ts';
import type { CallbackRules } from './offer-callbacks.ts';
import { endCallback, placeCallback } from './place-callback.ts';
import { planMailsOf } from './plan-mails.ts';
import { slotAt } from './slots.ts';

/** What an agent says of a call that was booked. */
export interface CallOutcome extends AgentCommand {
  readonly outcome: 'reached' | 'missed';
  /** For somebody who was not reached: when they are called again. */
  readonly again?: Date | undefined;
  /** For somebody who was not reached: words for them, already checked. */
  readonly message?: string | undefined;
}

/**
 * Writes down whether the practitioner was reached. Who was not is told, and called again if a time is given; the case
 * otherwise stays as it was.
 * @throws Problem 409 `no-callback` when none is booked, `callback-not-offered` or `callback-taken` for the time of the next
 *   one; else as `refuse`, and as `sendMessage` for the message.
 */
export async function recordCall(
  db: Database,
  given: CallOutcome,
  rules: CallbackRules,
  now: Date,
): Promise<CaseRecord> {
  const { agent, number, outcome } = given;
  return db.transaction(async (tx) => {
    await tx.select({ id: cases.id }).from(cases).where(eq(cases.number, number)).for('update');
    const found = await findForAgent(tx, given);
    if (found instanceof Problem) throw found;
    const { record } = found;
    const live = await findLiveCallback(tx, record.id);
    if (!live) throw new Problem(409, 'no-callback');
    const ended = await endCallback(tx, live, outcome, now);
    const again = outcome === 'missed' ? given.again : undefined;
    const next = again && (await placeAgain(tx, record, live, again, rules, now));
    const called = await changeCase(tx, {
      where: allowed('callback', given),
      set: { ...ended, callbackAt: next?.startsAt ?? null },
      at: now,
      by: { kind: 'agent', agentId: agent.id },
      events: [
        {
          kind: `callback_${outcome}`,
          data: { at: live.startsAt.toISOString(), ...(next && { next: next.startsAt.toISOString() }) },
        },
      ],
    });
    if (!called) return refuse(tx, 'callback', given);
    if (outcome === 'reached') return called;
    const message = given.message
      ? await sendMessage(tx, { agent, number, body: given.message, awaitReply: false }, now)
      : undefined;
    // A message is announced by a mail of its own.
    if (next || !message) await planMailsOf(tx, record, next ?? live, 'callback_missed', now);
    return message ?? called;
  });
}

async function placeAgain(
  tx: Database,
  { id, hotlineId }: CaseRecord,
  live: { readonly id: number; readonly zone: string },
  startsAt: Date,
  { configuration, terms }: CallbackRules,
  now: Date,
) {
  const hotline = findHotline(configuration, hotlineId);
  const slot = hotline && slotAt(hotline.schedule, terms, startsAt, now);
  if (!slot) throw new Problem(409, 'callback-not-offered');
  const place = { caseId: id, hotlineId, zone: live.zone, replaces: live.id, places: terms.places, now };
  const placed = await placeCallback(tx, { ...slot, ...place });
  if (!placed) throw new Problem(409, 'callback-taken');
  return placed;
}
