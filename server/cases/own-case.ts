import { and, countDistinct, eq, gt, ne } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { Problem } from '../problem.ts';
import { caseEvents, cases } from './cases.table.ts';
import type { CaseRecord } from './change-case.ts';

/** What became of a practitioner's command: the case as it now stands, and whether anything changed. */
export interface OwnCaseOutcome {
  readonly case: CaseRecord;
  readonly changed: boolean;
}

/** As often as somebody in trouble may need to say something; a program that says more is held back. */
const mostChangesAnHour = 20;
const hourMs = 3_600_000;

/**
 * Lets a practitioner change the case of their secret link. The case is locked while `decide` looks at it, so that two
 * clicks at once are one after the other, and the second finds what the first did.
 * @param decide gives the changed case, or undefined when there is nothing to change.
 * @throws Problem 404 `no-such-tracking` for an unknown link; 409 `request-closed` for a closed case, 429
 *   `too-many-changes` after twenty changes within an hour; these two unless `always`.
 */
export async function changeOwnCase(
  db: Database,
  token: string,
  now: Date,
  decide: (tx: Database, record: CaseRecord) => Promise<CaseRecord | undefined>,
  options: { readonly always?: boolean } = {},
): Promise<OwnCaseOutcome> {
  return db.transaction(async (tx) => {
    const [record] = await tx.select().from(cases).where(eq(cases.trackingToken, token)).for('update');
    if (!record) throw new Problem(404, 'no-such-tracking');
    if (record.state === 'closed' && !options.always) throw new Problem(409, 'request-closed');
    const changed = await decide(tx, record);
    // Counted with what was just done, which is undone when it was too much.
    if (changed && !options.always && (await changesLately(tx, record.id, now)) > mostChangesAnHour) {
      throw new Problem(429, 'too-many-changes');
    }
    return { case: changed ?? record, changed: changed !== undefined };
  });
}

async function changesLately(tx: Database, caseId: number, now: Date): Promise<number> {
  const [counted] = await tx
    .select({ changes: countDistinct(caseEvents.version) })
    .from(caseEvents)
    .where(
      and(
        eq(caseEvents.caseId, caseId),
        eq(caseEvents.actor, 'practitioner'),
        ne(caseEvents.kind, 'opened'),
        gt(caseEvents.at, new Date(now.getTime() - hourMs)),
      ),
    );
  return counted?.changes ?? 0;
}
