import { and, desc, eq, notInArray, sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { isNewMessage } from './add-practitioner-message.ts';
import { caseEvents, cases } from './cases.table.ts';
import { type CaseChange, type CaseRecord, changeCase, type NewCaseEvent } from './change-case.ts';
import { changeOwnCase, type OwnCaseOutcome } from './own-case.ts';

/**
 * The practitioner is still stuck: the case goes to the front of its queue, for whoever is free first. One that no agent
 * has touched yet keeps its place: else asking for help and saying so at once would be a way past everybody. One in
 * progress stays with its agent, who is told. Said twice, it changes nothing.
 * @param message what the practitioner adds, already checked.
 * @throws Problem as `changeOwnCase`.
 */
export async function returnCase(
  db: Database,
  given: { readonly token: string; readonly message?: string | undefined },
  now: Date,
): Promise<OwnCaseOutcome> {
  return changeOwnCase(db, given.token, now, (tx, record) => applyReturn(tx, record, now, given));
}

/** In a query of cases: whether an agent did something about the case. */
export const touchedByAgent = sql<boolean>`exists (
  select 1 from ${caseEvents} as act where act.case_id = cases.id and act.actor = 'agent')`;

/**
 * The same for a case already locked.
 * @param given.asked the desk asked whether it works: the answer "no" always goes to the front.
 */
export async function applyReturn(
  tx: Database,
  record: CaseRecord,
  now: Date,
  given: { readonly message?: string | undefined; readonly asked?: boolean },
): Promise<CaseRecord | undefined> {
  const { message, asked = false } = given;
  const set = await whatReturns(tx, record, now, asked);
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

/** What coming back changes; undefined when the case already has. */
async function whatReturns(
  tx: Database,
  { id, state, returnedAt }: CaseRecord,
  now: Date,
  asked: boolean,
): Promise<CaseChange['set'] | undefined> {
  const justSaid = async () => (await lastAct(tx, id)) === 'practitioner_returned';
  if (state === 'in_progress') return (await justSaid()) ? undefined : {};
  if (state === 'waiting' && returnedAt !== null) return undefined;
  const toFront = asked || (await isTouched(tx, id));
  if (state === 'waiting' && toFront) return { returnedAt: now };
  if (state === 'waiting') return (await justSaid()) ? undefined : {};
  const place = toFront ? { returnedAt: now, waitingSince: now } : {};
  return { state: 'waiting', resolvedAt: null, assigneeId: null, ...place };
}

async function isTouched(tx: Database, caseId: number): Promise<boolean> {
  const [found] = await tx.select({ touched: touchedByAgent }).from(cases).where(eq(cases.id, caseId));
  return found?.touched ?? false;
}

/** What happens to a case without anybody doing anything about it. */
const quietKinds = [
  'message_received',
  'follow_ups_stopped',
  'mail_sent',
  'mail_failed',
  'callback_booked',
  'callback_changed',
  'callback_cancelled',
  'callback_due',
  'callback_moved',
  'callback_withdrawn',
] as const;

async function lastAct(tx: Database, caseId: number) {
  const [event] = await tx
    .select({ kind: caseEvents.kind })
    .from(caseEvents)
    .where(and(eq(caseEvents.caseId, caseId), notInArray(caseEvents.kind, [...quietKinds])))
    .orderBy(desc(caseEvents.id))
    .limit(1);
  return event?.kind;
}
