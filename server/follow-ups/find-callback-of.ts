import { and, eq, inArray } from 'drizzle-orm';
import { type CallbackState, callbacks } from '../callbacks/callbacks.table.ts';
import type { Database } from '../database/client.ts';
import type { FollowUp } from './claim-follow-up.ts';
import { followUps } from './follow-ups.table.ts';

/** The callback that a mail is about, and the one it came in the stead of. */
export interface MailedCallback {
  readonly id: number;
  readonly state: CallbackState;
  readonly startsAt: Date;
  readonly endsAt: Date;
  /** Its time has come. */
  readonly begun: boolean;
  /** In which the practitioner reads times. */
  readonly zone: string;
  readonly replaced: { readonly id: number; readonly startsAt: Date; readonly endsAt: Date } | undefined;
  /** A mail announced it, or is on its way. */
  readonly told: boolean;
}

/** The callback of a mail about one: the mail's round is its id. Undefined for the other mails. */
export async function findCallbackOf(
  db: Database,
  { kind, round, caseId }: Pick<FollowUp, 'kind' | 'round' | 'caseId'>,
  now: Date,
): Promise<MailedCallback | undefined> {
  if (!kind.startsWith('callback_')) return undefined;
  const found = await findOne(db, caseId, round);
  if (!found) throw new Error(`callback ${round} is gone, its mail is not`);
  const { id, state, startsAt, endsAt, zone, replaces } = found;
  const announced = await db
    .select({ id: followUps.id })
    .from(followUps)
    .where(
      and(
        eq(followUps.caseId, caseId),
        inArray(followUps.kind, ['callback_booked', 'callback_moved', 'callback_missed']),
        eq(followUps.round, id),
        inArray(followUps.state, ['sending', 'sent']),
      ),
    );
  const replaced = replaces === null ? undefined : await findOne(db, caseId, replaces);
  const begun = startsAt <= now;
  return { id, state, startsAt, endsAt, begun, zone, replaced, told: announced.length > 0 };
}

async function findOne(db: Database, caseId: number, id: number) {
  const [found] = await db
    .select()
    .from(callbacks)
    .where(and(eq(callbacks.caseId, caseId), eq(callbacks.id, id)));
  return found;
}
