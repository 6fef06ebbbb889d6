import { eq } from 'drizzle-orm';
import { outbox } from '../database/outbox.table.ts';
import { claimNotice, countToSend } from './claim-notice.ts';
import { incidents } from './incidents.table.ts';
import { takeMails } from './mail-pace.ts';
import { type NoticeSending, sendNotice } from './send-notice.ts';

/** Mails of one turn: a worker told to stop soon is done with them. */
const mostOfATurn = 200;
/** Mails on their way at once. */
const atOnce = 5;
/** How long to wait for the pace to give more. */
const pauseMs = 5_000;

/** What a turn came to. */
export interface NoticesTurn {
  /** Mails begun. */
  readonly begun: number;
  /** Whether another turn was put in the outbox. */
  readonly goesOn: boolean;
}

/**
 * One turn of writing to everybody who waited for an incident's end: as many mails as the pace shared by all workers
 * gives, then the next turn. Turns may run twice, die, or run at once: each notice is claimed by itself.
 * @throws NotAccepted when the mail server takes nothing: the queue tries this turn again.
 */
export async function sendNotices(
  sending: NoticeSending,
  given: { readonly incidentId: number; readonly perMinute: number; readonly now: () => Date },
): Promise<NoticesTurn> {
  const { db } = sending;
  const { incidentId, perMinute, now } = given;
  const [incident] = await db.select().from(incidents).where(eq(incidents.id, incidentId));
  if (!incident?.closedAt) return { begun: 0, goesOn: false };
  const wanted = await countToSend(db, incidentId, now(), mostOfATurn);
  if (wanted === 0) return { begun: 0, goesOn: false };

  const granted = await takeMails(db, { wanted, perMinute, now: now() });
  let begun = 0;
  const sendOneAfterAnother = async () => {
    while (begun < granted) {
      begun += 1;
      const notice = await claimNotice(db, incidentId, now());
      if (!notice) return;
      await sendNotice(sending, notice, incident, now());
    }
  };
  // All come to their end before a failure is told: none is left running behind the queue's back.
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, sendOneAfterAnother));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;

  if ((await countToSend(db, incidentId, now(), 1)) === 0) return { begun, goesOn: false };
  const notBefore = new Date(now().getTime() + (granted < wanted ? pauseMs : 0));
  await db
    .insert(outbox)
    .values({ job: 'send-incident-notices', payload: { incidentId }, notBefore, createdAt: now() });
  return { begun, goesOn: true };
}
