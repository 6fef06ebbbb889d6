import { eq } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { Problem } from '../problem.ts';
import { cases } from './cases.table.ts';
import type { CaseRecord } from './change-case.ts';

/** What became of a practitioner's command: the case as it now stands, and whether anything changed. */
export interface OwnCaseOutcome {
  readonly case: CaseRecord;
  readonly changed: boolean;
}

/**
 * Lets a practitioner change the case of their secret link. The case is locked while `decide` looks at it, so that two
 * clicks at once are one after the other, and the second finds what the first did.
 * @param decide gives the changed case, or undefined when there is nothing to change.
 * @throws Problem 404 `no-such-tracking` for an unknown link; 409 `request-closed` for a closed case, unless `evenClosed`.
 */
export async function changeOwnCase(
  db: Database,
  token: string,
  decide: (tx: Database, record: CaseRecord) => Promise<CaseRecord | undefined>,
  options: { readonly evenClosed?: boolean } = {},
): Promise<OwnCaseOutcome> {
  return db.transaction(async (tx) => {
    const [record] = await tx.select().from(cases).where(eq(cases.trackingToken, token)).for('update');
    if (!record) throw new Problem(404, 'no-such-tracking');
    if (record.state === 'closed' && !options.evenClosed) throw new Problem(409, 'request-closed');
    const changed = await decide(tx, record);
    return { case: changed ?? record, changed: changed !== undefined };
  });
}
