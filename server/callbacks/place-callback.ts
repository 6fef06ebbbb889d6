import { and, eq, sql } from 'drizzle-orm';
import type { cases } from '../cases/cases.table.ts';
import type { Database } from '../database/client.ts';
import { type CallbackState, callbacks } from './callbacks.table.ts';
import type { Callback } from './find-callback.ts';
import type { Slot } from './slots.ts';

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
    if (placed) return placed;
  }
  return undefined;
}

/**
 * Ends a live callback of a case that is locked, and frees its place.
 * @returns what changes with it in the case.
 */
export async function endCallback(
  tx: Database,
  { id, raisedFrom }: Pick<Callback, 'id' | 'raisedFrom'>,
  state: Exclude<CallbackState, 'booked'>,
  now: Date,
): Promise<Pick<Partial<typeof cases.$inferInsert>, 'callbackAt' | 'priorityRank'>> {
  await tx.update(callbacks).set({ state, endedAt: now }).where(eq(callbacks.id, id));
  return { callbackAt: null, ...(raisedFrom !== null && { priorityRank: raisedFrom }) };
}
