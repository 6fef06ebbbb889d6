import { and, desc, eq, inArray, sql } from 'drizzle-orm';
import { caseEvents, cases } from '../cases/cases.table.ts';
import type { Database } from '../database/client.ts';
import { followUps } from '../follow-ups/follow-ups.table.ts';
import { reasonNotToSend } from '../follow-ups/not-wanted.ts';
import { NotAccepted } from '../follow-ups/send-follow-up.ts';
import { markFailed, markSent } from '../follow-ups/settle-follow-up.ts';
import { composeMail, UnusableAddress } from '../mail/compose-mail.ts';
import type { Delivery, MailTransport } from '../mail/transport.ts';
import type { Language, Texts } from '../texts.ts';
import type { Views } from '../views.ts';
import { type Notice, settleNotice } from './claim-notice.ts';
import { incidentWords } from './describe.ts';
import { type IncidentOver, incidentOverMail } from './incident-over-mail.ts';
import { incidentSubscriptions } from './incidents.table.ts';
import type { IncidentRecord } from './open-incidents.ts';

/** What sending needs. */
export interface NoticeSending {
  readonly db: Database;
  readonly mail: MailTransport;
  readonly texts: Texts;
  readonly views: Views;
  readonly publicUrl: string;
  /** `Name <address>` or an address. */
  readonly from: string;
}

/**
 * Sends a claimed notice if somebody still wants it. What is asked about a case is a follow-up of that case, answered by
 * the same one click as every other.
 * @throws NotAccepted when the mail certainly did not go out and is worth another try.
 */
export async function sendNotice(
  sending: NoticeSending,
  notice: Notice,
  incident: IncidentRecord,
  now: Date,
): Promise<void> {
  const { db, mail, from } = sending;
  let delivery: Delivery;
  let over: IncidentOver | undefined;
  try {
    over = await findReader(db, notice, incident, now);
    if (!over) return void (await settleNotice(db, notice, { state: 'cancelled', failure: 'not_wanted' }));
    delivery = await mail.deliver(composeMail(incidentOverMail(over, now, sending), from));
  } catch (error) {
    // Nothing was handed to the mail system yet: another attempt costs nothing.
    if (!(error instanceof UnusableAddress)) {
      await settleNotice(db, notice, { state: 'planned' });
      throw error;
    }
    delivery = { outcome: 'refused', what: 'recipient', answer: 'address' };
  }
  const followUpId = over?.about?.followUpId;
  switch (delivery.outcome) {
    case 'accepted':
      await settleNotice(db, notice, { state: 'sent', sentAt: now, failure: null });
      if (followUpId !== undefined) await markSent(db, { id: followUpId }, now);
      return;
    case 'refused': {
      const code = `${delivery.what}_refused` as const;
      await settleNotice(db, notice, { state: 'failed', failure: `${code} ${delivery.answer}` });
      if (followUpId !== undefined) {
        const asked = { id: followUpId, state: 'sending', sendingSince: notice.sendingSince } as const;
        await markFailed(db, asked, { code, answer: delivery.answer, now });
      }
      return;
    }
    case 'not_accepted':
      await settleNotice(db, notice, { state: 'planned' });
      throw new NotAccepted(delivery.answer);
    case 'unknown':
      // Taken up again when its lease ends.
      return;
  }
}

/** Who reads it, as things stand now: the practitioner of the case, else whoever asked to be told; or nobody. */
async function findReader(
  db: Database,
  notice: Notice,
  incident: IncidentRecord,
  now: Date,
): Promise<IncidentOver | undefined> {
  const { id: noticeId, email, caseId, subscriptionId } = notice;
  if (email === null) return undefined;
  const words = (language: Language) => ({
    noticeId,
    email,
    language,
    title: incidentWords(incident, language).title,
  });
  const about = caseId === null ? undefined : await findCase(db, caseId);
  if (about) {
    const followUpId = await askAboutCase(db, about.id, notice, now);
    return { ...words(about.language), about: { ...about, followUpId } };
  }
  if (subscriptionId === null) return undefined;
  const [wish] = await db
    .select({ token: incidentSubscriptions.token, language: incidentSubscriptions.language })
    .from(incidentSubscriptions)
    .where(
      and(eq(incidentSubscriptions.id, subscriptionId), sql`${incidentSubscriptions.email} is not null`),
    );
  return wish && { ...words(wish.language), subscriptionToken: wish.token };
}

/** The case, if its practitioner still is to be written to. */
async function findCase(db: Database, caseId: number) {
  const lastWord = db
    .select({ kind: caseEvents.kind })
    .from(caseEvents)
    .where(
      and(
        eq(caseEvents.caseId, cases.id),
        inArray(caseEvents.kind, ['practitioner_confirmed', 'practitioner_returned']),
      ),
    )
    .orderBy(desc(caseEvents.id))
    .limit(1);
  const [found] = await db
    .select({
      id: cases.id,
      number: cases.number,
      trackingToken: cases.trackingToken,
      language: cases.language,
      state: cases.state,
      mergedInto: cases.mergedInto,
      consent: cases.followUps,
      email: cases.contactEmail,
      lastWord: sql<string | null>`(${lastWord})`,
    })
    .from(cases)
    .where(eq(cases.id, caseId));
  if (!found) return undefined;
  const confirmed = found.lastWord === 'practitioner_confirmed';
  return reasonNotToSend({ ...found, kind: 'incident_over', confirmed }) === undefined ? found : undefined;
}

/** The question's row among the case's follow-ups, held like the notice: nobody else sends it. */
async function askAboutCase(db: Database, caseId: number, notice: Notice, now: Date): Promise<number> {
  const held = { state: 'sending', attempts: notice.attempts, sendingSince: notice.sendingSince } as const;
  const [asked] = await db
    .insert(followUps)
    .values({ caseId, kind: 'incident_over', round: notice.incidentId, dueAt: now, ...held })
    .onConflictDoUpdate({ target: [followUps.caseId, followUps.kind, followUps.round], set: held })
    .returning({ id: followUps.id });
  if (!asked) throw new Error('the question about the case was not stored');
  return asked.id;
}
