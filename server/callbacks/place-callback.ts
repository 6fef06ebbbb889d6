import { eq, sql } from 'drizzle-orm';
import { cases } from '../cases/cases.table.ts';
import type { CaseChange } from '../cases/change-case.ts';
import { rankOf } from '../cases/queue-order.ts';
import type { Database } from '../database/client.ts';
import { outbox } from '../database/outbox.table.ts';
import { type CallbackState, callbacks } from './callbacks.table.ts';
import type { Callback } from './find-callback.ts';
import { placesTaken } from './offer-callbacks.ts';
import { freePlace, type Slot } from './slots.ts';

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

/** Keeps our advisory locks apart from others'. */
const lockSpace = 0x6361_6c6c;

/**
 * Takes a free place of a slot for a case that is locked. Of several who want the last place at once, one has it: places
 * of a line are given one after the other, since what overlaps may begin at another instant, which no index can see.
 * @returns the callback, or undefined when no place is left.
 */
export async function placeCallback(tx: Database, placement: Placement): Promise<Callback | undefined> {
  const { caseId, hotlineId, startsAt, endsAt, zone, replaces, places, now } = placement;
  await tx.execute(sql`select pg_advisory_xact_lock(${lockSpace}, hashtext(${hotlineId}))`);
  const place = freePlace(placement, await placesTaken(tx, hotlineId, startsAt), places);
  if (place === undefined) return undefined;
  const [placed] = await tx
    .insert(callbacks)
    .values({ caseId, hotlineId, startsAt, endsAt, zone, replaces, place, bookedAt: now })
    .returning();
  if (!placed) throw new Error('a place that is free was not had');
  await tx.insert(outbox).values({
    job: 'callback-due',
    payload: { callbackId: placed.id },
    notBefore: new Date(startsAt.getTime() - dueSoonMs),
    createdAt: now,
  });
  return placed;
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
