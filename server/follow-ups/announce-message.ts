import { and, eq, isNotNull } from 'drizzle-orm';
import { caseMessages, cases } from '../cases/cases.table.ts';
import type { Database } from '../database/client.ts';
import { storePlanned } from './store-planned.ts';

/**
 * Plans the mail that says that a message of the desk waits on the tracking page: one per message, whose id is
 * the mail's round. Nothing for a note between agents, without an address, or without consent.
 * @returns how many mails are newly planned: 1 or 0.
 */
export async function announceMessage(
  db: Database,
  { messageId, now }: { readonly messageId: number; readonly now: Date },
): Promise<number> {
  const [message] = await db
    .select({ caseId: caseMessages.caseId })
    .from(caseMessages)
    .innerJoin(cases, eq(cases.id, caseMessages.caseId))
    .where(
      and(
        eq(caseMessages.id, messageId),
        eq(caseMessages.author, 'agent'),
        eq(caseMessages.internal, false),
        eq(cases.followUps, true),
        isNotNull(cases.contactEmail),
      ),
    );
  if (!message) return 0;
  const mails = [{ kind: 'message_from_desk', round: messageId, dueAt: now }] as const;
  return storePlanned(db, { caseId: message.caseId, mails, now });
}
