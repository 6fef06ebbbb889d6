import { eq } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { cases } from './cases.table.ts';
import { changeCase } from './change-case.ts';
import { changeOwnCase, type OwnCaseOutcome } from './own-case.ts';

/**
 * No more mails about this case. Those already planned are cancelled when they come due; a closed case too can be
 * silenced. Asked twice, it changes nothing.
 * @throws Problem 404 `no-such-tracking`.
 */
export async function stopFollowUps(db: Database, token: string, now: Date): Promise<OwnCaseOutcome> {
  return changeOwnCase(
    db,
    token,
    now,
    async (tx, record) =>
      record.followUps
        ? changeCase(tx, {
            where: [eq(cases.id, record.id)],
            set: { followUps: false },
            at: now,
            by: { kind: 'practitioner' },
            events: [{ kind: 'follow_ups_stopped' }],
          })
        : undefined,
    { always: true },
  );
}
