import { and, eq, gt } from 'drizzle-orm';
import type { CallbackTerms } from '../config.ts';
import type { Database } from '../database/client.ts';
import { findHotline, type RoutingConfiguration } from '../routing/configuration.ts';
import { callbacks } from './callbacks.table.ts';
import { freePlace, type Slot, slotsOf, type TakenPlace } from './slots.ts';

/** Why nothing can be booked: the line's hours are unknown, it is closed all along, or every place is taken. */
export type NoSlots = 'hours_unknown' | 'closed' | 'full';

/** What a practitioner may choose from; without slots, why. */
export interface Offer {
  /** Those that have a place left, in order. */
  readonly slots: readonly Slot[];
  readonly none?: NoSlots;
}

/** What callbacks are offered by. */
export interface CallbackRules {
  readonly configuration: RoutingConfiguration;
  readonly terms: CallbackTerms;
}

/** The slots of a line that have a place left. A line that is not configured has none. */
export async function offerCallbacks(
  db: Database,
  hotlineId: string,
  { configuration, terms }: CallbackRules,
  now: Date,
): Promise<Offer> {
  const hotline = findHotline(configuration, hotlineId);
  if (!hotline) return { slots: [], none: 'closed' };
  const { slots, unknown } = slotsOf(hotline.schedule, terms, now);
  if (slots.length === 0) return { slots, none: unknown ? 'hours_unknown' : 'closed' };
  const taken = await placesTaken(db, hotlineId, now);
  const free = slots.filter((slot) => freePlace(slot, taken, terms.places) !== undefined);
  return free.length > 0 ? { slots: free } : { slots: free, none: 'full' };
}

/** The places of a line that are taken at that instant or later. */
export async function placesTaken(
  db: Database,
  hotlineId: string,
  from: Date,
): Promise<readonly TakenPlace[]> {
  return db
    .select({ startsAt: callbacks.startsAt, endsAt: callbacks.endsAt, place: callbacks.place })
    .from(callbacks)
    .where(
      and(eq(callbacks.hotlineId, hotlineId), eq(callbacks.state, 'booked'), gt(callbacks.endsAt, from)),
    );
}
