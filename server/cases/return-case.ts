import { and, desc, eq, notInArray } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { isNewMessage } from './add-practitioner-message.ts';
import { caseEvents, cases } from './cases.table.ts';
import { type CaseChange, type CaseRecord, changeCase, type NewCaseEvent } from './change-case.ts';
import { changeOwnCase, type OwnCaseOutcome } from './own-case.ts';

/**
 * The practitioner is still stuck: the case goes to the front of its queue, for whoever is free first. One in progress
 * stays with its agent, who is told. Said twice, it changes nothing.
 * @param message what the practitioner adds, already checked.
 * @throws Problem as `changeOwnCase`.
 */
export async function returnCase(
  db: Database,
  given: { readonly token: string; readonly message?: string | undefined },
  now: Date,
): Promise<OwnCaseOutcome> {
  return changeOwnCase(db, given.token, (tx, record) => applyReturn(tx, record, now, given.message));
}

/** The same for a case already locked. */
export async function applyReturn(
  tx: Database,
  record: CaseRecord,
  now: Date,
  message?: string,
): Promise<CaseRecord | undefined> {
  const set = await backToFront(tx, record, now);
  const said = message && (await isNewMessage(tx, record.id, message, now)) ? message : undefined;
  const [first, ...others]: NewCaseEvent[] = [
    ...(set ? [{ kind: 'practitioner_returned' as const }] : []),
    ...(said ? [{ kind: 'message_received' as const }] : []),
  ];
  if (!first) return undefined;
  return changeCase(tx, {
    where: [eq(cases.id, record.id)],
    set: set ?? {},
    at: now,
    by: { kind: 'practitioner' },
    events: [first, ...others],
    ...(said && { message: { body: said, internal: false } }),
  });
}

/** What makes the case come back; undefined when it already has. */
async function backToFront(
  tx: Database,
  { id, state, returnedAt }: CaseRecord,
  now: Date,
): Promise<CaseChange['set'] | undefined> {
  if (state === 'in_progress') return (await lastAct(tx, id)) === 'practitioner_returned' ? undefined : {};
  if (state === 'waiting') return returnedAt === null ? { returnedAt: now } : undefined;
  return { state: 'waiting', returnedAt: now, waitingSince: now, resolvedAt: null, assigneeId: null };
}

/** What happens to a case without anybody doing anything about it. */
const quietKinds = ['message_received', 'follow_ups_stopped', 'mail_sent', 'mail_failed'] as const;

async function lastAct(tx: Database, caseId: number) {
  const [event] = await tx
    .select({ kind: caseEvents.kind })
    .from(caseEvents)
    .where(and(eq(caseEvents.caseId, caseId), notInArray(caseEvents.kind, [...quietKinds])))
    .orderBy(desc(caseEvents.id))
    .limit(1);
  return event?.kind;
}
