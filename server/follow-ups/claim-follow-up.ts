import { and, eq, inArray, lt, lte, or, sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { followUps, type MailedKind, mailedKinds } from './follow-ups.table.ts';

export type FollowUp = typeof followUps.$inferSelect;

/** One that is sent here. */
export type ClaimedFollowUp = FollowUp & { readonly kind: MailedKind };

/** After this long a delivery whose end is unknown counts as cut short. Longer than any delivery may take. */
export const deliveryLeaseMs = 10 * 60_000;

/** A mail that may have gone out twice is not tried a third time. */
export const mostDeliveries = 2;

/**
 * Takes the follow-up for one delivery: of several at once exactly one gets it. A delivery cut short (its worker
 * was killed) may be taken once more after its lease.
 * @returns the follow-up as taken, or undefined: already settled, in somebody's hands, or sent elsewhere.
 */
export async function claimFollowUp(
  db: Database,
  { followUpId, now }: { readonly followUpId: number; readonly now: Date },
): Promise<ClaimedFollowUp | undefined> {
  const leaseEnded = new Date(now.getTime() - deliveryLeaseMs);
  const [claimed] = await db
    .update(followUps)
    .set({ state: 'sending', sendingSince: now, attempts: sql`${followUps.attempts} + 1` })
    .where(
      and(
        eq(followUps.id, followUpId),
        inArray(followUps.kind, mailedKinds),
        lt(followUps.attempts, mostDeliveries),
        or(
          eq(followUps.state, 'planned'),
          and(eq(followUps.state, 'sending'), lte(followUps.sendingSince, leaseEnded)),
        ),
      ),
    )
    .returning();
  // The condition on its kind has narrowed it; the types cannot know.
  return claimed as ClaimedFollowUp | undefined;
}
