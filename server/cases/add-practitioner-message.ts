import { and, desc, eq } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { caseMessages, cases } from './cases.table.ts';
import { changeCase } from './change-case.ts';
import { changeOwnCase, type OwnCaseOutcome } from './own-case.ts';

/** The same words again within this time are the same message sent twice. */
const repetitionMs = 10 * 60_000;

/**
 * Words of the practitioner to the desk. A case that waited for them goes back to its queue, at the place it had; one in
 * any other state stays where it is. The same words sent twice are one message.
 * @param given.body already checked.
 * @throws Problem as `changeOwnCase`.
 */
export async function addPractitionerMessage(
  db: Database,
  given: { readonly token: string; readonly body: string },
  now: Date,
): Promise<OwnCaseOutcome> {
  const { token, body } = given;
  return changeOwnCase(db, token, now, async (tx, record) => {
    if (!(await isNewMessage(tx, record.id, body, now))) return undefined;
    return changeCase(tx, {
      where: [eq(cases.id, record.id)],
      set: record.state === 'pending' ? { state: 'waiting', assigneeId: null } : {},
      at: now,
      by: { kind: 'practitioner' },
      events: [{ kind: 'message_received' }],
      message: { body, internal: false },
    });
  });
}

/** Whether the practitioner did not just say the very same; asked while the case is locked. */
export async function isNewMessage(tx: Database, caseId: number, body: string, now: Date): Promise<boolean> {
  const [last] = await tx
    .select({ body: caseMessages.body, at: caseMessages.at })
    .from(caseMessages)
    .where(and(eq(caseMessages.caseId, caseId), eq(caseMessages.author, 'practitioner')))
    .orderBy(desc(caseMessages.id))
    .limit(1);
  return last?.body !== body || now.getTime() - last.at.getTime() > repetitionMs;
}
