import { and, eq, sql } from 'drizzle-orm';
import { cases } from '../cases/cases.table.ts';
import type { CaseChange } from '../cases/change-case.ts';
import { rankOf } from '../cases/queue-order.ts';
import type { Database } from '../database/client.ts';
import { outbox } from '../database/outbox.table.ts';
import { type CallbackState, callbacks } from './callbacks.table.ts';
import type { Callback } from './find-callback.ts';
import type { Slot } from './slots.ts';

/** So long before a callback the desk is told that it is due. */
export const dueSoonMs = 5 * 60_000;

/** A callback to be stored. */
export interface Placement extends Slot {
  readonly caseId: number;
  readonly hotlineId: string;
  readonly zone: string;
  readonly replaces: number | null;
  /** How many places the slot has. */
  readonly places: number;
  readonly now: Date;
}

/**
 * Takes a free place of a slot for a case that is locked. Of several who want the last place at once, one has it.
 * @returns the callback, or undefined when no place is left.
 */
export async function placeCallback(tx: Database, placement: Placement): Promise<Callback | undefined> {
  const { caseId, hotlineId, startsAt, endsAt, zone, replaces, places, now } = placement;
  // Somebody who takes the same place in this instant makes the others look again: at most once for each place.
  for (let tries = 0; tries <= places; tries++) {
    const taken = await tx
      .select({ place: callbacks.place })
      .from(callbacks)
      .where(
        and(
          eq(callbacks.hotlineId, hotlineId),
          eq(callbacks.startsAt, startsAt),
          eq(callbacks.state, 'booked'),
        ),
      );
    const held = new Set(taken.map(({ place }) => place));
    const place = Array.from({ length: places }, (_, each) => each + 1).find((each) => !held.has(each));
    if (place === undefined) return undefined;
    const [placed] = await tx
      .insert(callbacks)
      .values({ caseId, hotlineId, startsAt, endsAt, zone, replaces, place, bookedAt: now })
      .onConflictDoNothing({
        target: [callbacks.hotlineId, callbacks.startsAt, callbacks.place],
        where: sql`${callbacks.state} = 'booked'`,
      })
      .returning();
    if (!placed) continue;
    await tx.insert(outbox).values({
      job: 'callback-due',
      payload: { callbackId: placed.id },
      notBefore: new Date(startsAt.getTime() - dueSoonMs),
      createdAt: now,
    });
    return placed;
  }
  return undefined;
}

/**
 * Ends a live callback of a case that is locked, and frees its place.
 * @returns what changes with it in the case: the priority that it raised is as before, unless an agent changed it since.
 */
export async function endCallback(
  tx: Database,
  { id, raisedFrom }: Pick<Callback, 'id' | 'raisedFrom'>,
  state: Exclude<CallbackState, 'booked'>,
  now: Date,
): Promise<CaseChange['set']> {
  await tx.update(callbacks).set({ state, endedAt: now }).where(eq(callbacks.id, id));
  const raised = sql`${cases.priorityRank} = ${rankOf('urgent')}`;
  return {
    callbackAt: null,
    ...(raisedFrom !== null && {
      priorityRank: sql`case when ${raised} then ${raisedFrom}::smallint else ${cases.priorityRank} end`,
    }),
  };
}
