import { and, desc, eq, inArray, ne } from 'drizzle-orm';
import { callbacks } from '../callbacks/callbacks.table.ts';
import { caseEvents, cases } from '../cases/cases.table.ts';
import type { Database } from '../database/client.ts';
import { composeMail, UnusableAddress } from '../mail/compose-mail.ts';
import type { Delivery, MailTransport } from '../mail/transport.ts';
import { findHotline } from '../routing/configuration.ts';
import { claimFollowUp, type FollowUp } from './claim-follow-up.ts';
import { findCallbackOf } from './find-callback-of.ts';
import { followUpMail, type MailMaking } from './follow-up-mail.ts';
import { followUps } from './follow-ups.table.ts';
import { reasonNotToSend } from './not-wanted.ts';
import { mayGoOutAt } from './plan.ts';
import { postponeFollowUp } from './postpone-follow-up.ts';
import { giveBack, markCancelled, markFailed, markSent } from './settle-follow-up.ts';

/** What sending needs besides the mail's words. */
export interface Sending extends MailMaking {
  readonly db: Database;
  readonly mail: MailTransport;
  /** `Name <address>` or an address. */
  readonly from: string;
}

/**
 * How it ended. `postponed`: its time passed unused (an outage) and now nobody would answer. `skipped`: settled before, or in another's hands. `unknown`: the connection broke while the mail
 * was on its way; it is taken up again when its lease ends.
 */
export type SendOutcome = 'sent' | 'cancelled' | 'failed' | 'postponed' | 'skipped' | 'unknown';

/** The mail certainly did not go out, and trying again later may help: for the queue to retry. */
export class NotAccepted extends Error {
  constructor(answer: string) {
    super(`the mail system did not take the mail: ${answer}`);
    this.name = 'NotAccepted';
  }
}

/**
 * Sends a follow-up's mail if it is still wanted. However often and wherever it runs, one mail goes out; two, the
 * second recognisable as the first, only when a worker died between the mail's acceptance and noting it.
 * @throws NotAccepted when the mail certainly did not go out and is worth another try.
 */
export async function sendFollowUp(
  sending: Sending,
  { followUpId, now }: { readonly followUpId: number; readonly now: Date },
): Promise<SendOutcome> {
  const { db, mail, from } = sending;
  const claimed = await claimFollowUp(db, { followUpId, now });
  if (!claimed) return 'skipped';

  let delivery: Delivery;
  try {
    const about = await findSubject(db, claimed.caseId);
    const callback = await findCallbackOf(db, claimed, now);
    const reason = reasonNotToSend({ ...about, kind: claimed.kind, callback });
    if (reason || about.email === null) {
      await markCancelled(db, claimed, reason ?? 'no_address');
      return 'cancelled';
    }
    const until = whenToSend(claimed, about, now, sending);
    if (until > now) {
      await postponeFollowUp(db, claimed, { until, now });
      return 'postponed';
    }
    const content = followUpMail(
      claimed,
      { ...about.record, contactEmail: about.email, callback },
      await findFirstSent(db, claimed),
      now,
      sending,
    );
    delivery = await mail.deliver(composeMail(content, from));
  } catch (error) {
    // Nothing was handed to the mail system yet: another attempt costs nothing.
    if (!(error instanceof UnusableAddress)) {
      await giveBack(db, claimed);
      throw error;
    }
    delivery = { outcome: 'refused', what: 'recipient', answer: 'address' };
  }
  return note(db, claimed, delivery, now);
}

/** Worked out on the line's own calendar; a line that is gone has no hours to keep to. */
function whenToSend(
  { kind }: FollowUp,
  { record, toCome }: Pick<Awaited<ReturnType<typeof findSubject>>, 'record' | 'toCome'>,
  now: Date,
  { configuration }: Pick<Sending, 'configuration'>,
): Date {
  const hotline = findHotline(configuration, record.hotlineId);
  return hotline ? mayGoOutAt(kind, now, hotline.schedule, toCome) : now;
}

async function note(db: Database, claimed: FollowUp, delivery: Delivery, now: Date): Promise<SendOutcome> {
  switch (delivery.outcome) {
    case 'accepted':
      await markSent(db, claimed, now);
      return 'sent';
    case 'refused':
      await markFailed(db, claimed, { code: `${delivery.what}_refused`, answer: delivery.answer, now });
      return 'failed';
    case 'not_accepted':
      await giveBack(db, claimed);
      throw new NotAccepted(delivery.answer);
    case 'unknown':
      return 'unknown';
  }
}

/** The case as it stands now, whether the practitioner's last word is that it works, and whether they will be called. */
async function findSubject(db: Database, caseId: number) {
  const [record] = await db.select().from(cases).where(eq(cases.id, caseId));
  if (!record) throw new Error(`case ${caseId} is gone, its follow-up is not`);
  const [lastWord] = await db
    .select({ kind: caseEvents.kind })
    .from(caseEvents)
    .where(
      and(
        eq(caseEvents.caseId, caseId),
        inArray(caseEvents.kind, ['practitioner_confirmed', 'practitioner_returned']),
      ),
    )
    .orderBy(desc(caseEvents.id))
    .limit(1);
  const [toCome] = await db
    .select({ endsAt: callbacks.endsAt })
    .from(callbacks)
    .where(and(eq(callbacks.caseId, caseId), eq(callbacks.state, 'booked')));
  const { state, mergedInto, followUps: consent, contactEmail: email } = record;
  return {
    record,
    state,
    mergedInto,
    consent,
    email,
    confirmed: lastWord?.kind === 'practitioner_confirmed',
    /** The callback that is booked, if one is. */
    toCome,
  };
}

/** The follow-up whose mail told of the case first: later mails join its conversation. */
async function findFirstSent(db: Database, { id, caseId }: FollowUp): Promise<number | undefined> {
  const [first] = await db
    .select({ id: followUps.id })
    .from(followUps)
    .where(
      and(
        eq(followUps.caseId, caseId),
        eq(followUps.kind, 'case_opened'),
        eq(followUps.state, 'sent'),
        ne(followUps.id, id),
      ),
    );
  return first?.id;
}
