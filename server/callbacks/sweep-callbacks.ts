import { and, eq, isNull, lte } from 'drizzle-orm';
import type { CallbackTerms } from '../config.ts';
import type { Database } from '../database/client.ts';
import { callbacks } from './callbacks.table.ts';
import { dueSoonMs } from './place-callback.ts';
import { raiseDueCallback } from './raise-due.ts';
import { type Reviewed, reviewCallbacks } from './review-callbacks.ts';

/** What a sweep did. */
export interface SweptCallbacks extends Reviewed {
  /** Callbacks that were due without the desk having been told. */
  readonly raised: number;
}

/** Does what lost jobs should have done. Doing it again, or in several places at once, does nothing more. */
export async function sweepCallbacks(db: Database, terms: CallbackTerms, now: Date): Promise<SweptCallbacks> {
  const due = await db
    .select({ id: callbacks.id })
    .from(callbacks)
    .where(
      and(
        eq(callbacks.state, 'booked'),
        isNull(callbacks.raisedFrom),
        lte(callbacks.startsAt, new Date(now.getTime() + dueSoonMs)),
      ),
    )
    // Told to the desk in the order in which they are due.
    .orderBy(callbacks.startsAt, callbacks.id);
  let raised = 0;
  for (const { id } of due) if (await raiseDueCallback(db, { callbackId: id, now })) raised += 1;
  return { raised, ...(await reviewCallbacks(db, terms, now)) };
}
