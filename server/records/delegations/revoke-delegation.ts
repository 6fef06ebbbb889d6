import { and, eq, isNull, or } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import type { Professional } from '../../identity/professional.ts';
import { Problem } from '../../problem.ts';
import { delegations } from './delegations.table.ts';
import type { Delegation } from './give-delegation.ts';

/**
 * Ends a delegation now: by the one who gave it, or by the one who has it and wants it no more. Revoked twice, it
 * stays revoked since the first time.
 * @throws Problem 404 `no-such-delegation`, also for somebody else's.
 */
export async function revokeDelegation(
  db: Database,
  by: Professional,
  id: string,
  now: Date,
): Promise<Delegation> {
  const own = and(
    eq(delegations.id, id),
    or(eq(delegations.delegatorId, by.id), eq(delegations.delegateIdentifier, by.nationalIdentifier)),
  );
  const [revoked] = await db
    .update(delegations)
    .set({ revokedAt: now })
    .where(and(own, isNull(delegations.revokedAt)))
    .returning();
  if (revoked) return revoked;
  const [already] = await db.select().from(delegations).where(own);
  if (!already) throw new Problem(404, 'no-such-delegation');
  return already;
}
