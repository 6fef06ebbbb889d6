import { and, eq, gte, isNull, lte, or, sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { parisDay } from '../paris-day.ts';
import { delegations } from '../records/delegations/delegations.table.ts';
import type { Professional } from './professional.ts';

const dayMs = 24 * 3_600_000;

/**
 * Whether some professional delegates to them: what opens the records to whoever enters for others alone. A delegation
 * that is over opens them `lateDays` longer, so that what was done under it can still be entered; whether it covers an
 * act is asked of each (records/delegations/delegations.ts).
 */
export async function isDelegatedTo(
  db: Database,
  { nationalIdentifier }: Pick<Professional, 'nationalIdentifier'>,
  now: Date,
  lateDays: number,
): Promise<boolean> {
  const since = new Date(now.getTime() - lateDays * dayMs);
  const [found] = await db
    .select({ one: sql`1` })
    .from(delegations)
    .where(
      and(
        eq(delegations.delegateIdentifier, nationalIdentifier),
        lte(delegations.validFrom, parisDay(now)),
        or(isNull(delegations.validTo), gte(delegations.validTo, parisDay(since))),
        or(isNull(delegations.revokedAt), gte(delegations.revokedAt, since)),
      ),
    )
    .limit(1);
  return found !== undefined;
}
