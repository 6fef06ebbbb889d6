import type { CaseRecord } from '../cases/change-case.ts';
import type { Database } from '../database/client.ts';
import { type CallbackMail, planCallbackMails } from '../follow-ups/plan.ts';
import { storePlanned } from '../follow-ups/store-planned.ts';
import type { Callback } from './find-callback.ts';

/** Whether mails about a case reach its practitioner: there is an address, and they are wanted. */
export function isMailed({
  contactEmail,
  followUps,
}: Pick<CaseRecord, 'contactEmail' | 'followUps'>): boolean {
  return contactEmail !== null && followUps;
}

/** Plans what a practitioner is told of a callback, in the transaction in which it happens. */
export async function planMailsOf(
  tx: Database,
  record: Pick<CaseRecord, 'id' | 'contactEmail' | 'followUps'>,
  callback: Pick<Callback, 'id' | 'startsAt'>,
  kind: CallbackMail,
  now: Date,
): Promise<number> {
  if (!isMailed(record)) return 0;
  return storePlanned(tx, { caseId: record.id, mails: planCallbackMails(kind, callback, now), now });
}
