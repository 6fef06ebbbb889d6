import { eq } from 'drizzle-orm';
import { cases } from '../cases/cases.table.ts';
import { changeCase } from '../cases/change-case.ts';
import { changeOwnCase, type OwnCaseOutcome } from '../cases/own-case.ts';
import type { Database } from '../database/client.ts';
import { findLiveCallback } from './find-callback.ts';
import { endCallback } from './place-callback.ts';
import { planMailsOf } from './plan-mails.ts';

/**
 * The practitioner does not want to be called any more. Without a callback, nothing changes.
 * @throws Problem as `changeOwnCase`.
 */
export async function cancelCallback(db: Database, token: string, now: Date): Promise<OwnCaseOutcome> {
  return changeOwnCase(db, token, now, async (tx, record) => {
    const live = await findLiveCallback(tx, record.id);
    if (!live) return undefined;
    const changed = await changeCase(tx, {
      where: [eq(cases.id, record.id)],
      set: await endCallback(tx, live, 'cancelled', now),
      at: now,
      by: { kind: 'practitioner' },
      events: [{ kind: 'callback_cancelled', data: { at: live.startsAt.toISOString() } }],
    });
    await planMailsOf(tx, record, live, 'callback_cancelled', now);
    return changed;
  });
}
