import type { CallbackTerms } from '../config.ts';
import { dayOf, type Schedule } from '../routing/schedule.ts';
import { wallClock } from '../routing/time-zones.ts';

/** A stretch of time in which people are called back, half-open. */
export interface Slot {
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** One of a line's places, while it is taken: so many people are called at once. */
export interface TakenPlace extends Slot {
  readonly place: number;
}

/** The slots of a line, in order, whoever has them already; and whether some of the days have unknown hours. */
export interface Timeline {
  readonly slots: readonly Slot[];
  readonly unknown: boolean;
}

/** A slot that begins sooner than this is too close to be taken, even by somebody who saw it in time. */
const tooCloseMs = 5 * 60_000;

/**
 * The slots in which a line calls back, from `now` on: those that fit whole into its opening hours, on its own wall
 * calendar, exceptions and holidays counted. Days of unknown hours have none.
 */
export function slotsOf(schedule: Schedule, terms: CallbackTerms, now: Date): Timeline {
  const today = wallClock(schedule.zone, now).toPlainDate();
  const earliest = now.getTime() + terms.noticeMinutes * 60_000;
  const slots: Slot[] = [];
  let unknown = false;
  for (let offset = 0; offset < terms.days; offset++) {
    const { open } = dayOf(schedule, today.add({ days: offset }));
    if (!open) unknown = true;
    slots.push(...slotsWithin(open ?? [], terms).filter(({ startsAt }) => startsAt.getTime() >= earliest));
  }
  return { slots, unknown };
}

/** The slot that begins at that instant, if the line has one then and there is time left to prepare for it. */
export function slotAt(
  schedule: Schedule,
  terms: CallbackTerms,
  startsAt: Date,
  now: Date,
): Slot | undefined {
  const today = wallClock(schedule.zone, now).toPlainDate();
  const date = wallClock(schedule.zone, startsAt).toPlainDate();
  const away = today.until(date).days;
  if (startsAt.getTime() < now.getTime() + tooCloseMs || away >= terms.days) return undefined;
  const { open = [] } = dayOf(schedule, date);
  return slotsWithin(open, terms).find((slot) => slot.startsAt.getTime() === startsAt.getTime());
}

/** Whether the line is open for the whole of a slot, known to be. */
export function isStillOpen(schedule: Schedule, { startsAt, endsAt }: Slot): boolean {
  const { open = [] } = dayOf(schedule, wallClock(schedule.zone, startsAt).toPlainDate());
  return open.some(({ from, to }) => from <= startsAt.getTime() && endsAt.getTime() <= to);
}

/**
 * A place that is free for the whole of a slot, from 1 on; undefined when as many as there are (`places`) are taken in it.
 * What was booked when slots were longer or shorter, or when there were more places, counts for as long as it lasts.
 */
export function freePlace(slot: Slot, taken: readonly TakenPlace[], places: number): number | undefined {
  const overlapping = taken.filter((each) => each.startsAt < slot.endsAt && slot.startsAt < each.endsAt);
  const held = new Set(overlapping.map(({ place }) => place));
  if (held.size >= places) return undefined;
  let place = 1;
  while (held.has(place)) place += 1;
  return place;
}

function slotsWithin(
  open: readonly { readonly from: number; readonly to: number }[],
  { slotMinutes }: CallbackTerms,
): readonly Slot[] {
  const length = slotMinutes * 60_000;
  return open.flatMap(({ from, to }) =>
    Array.from({ length: Math.floor((to - from) / length) }, (_, place) => ({
      startsAt: new Date(from + place * length),
      endsAt: new Date(from + (place + 1) * length),
    })),
  );
}
