/**
 * Purpose: THE calendar: when a hotline is open, for routing, SLA, callbacks and follow-ups alike.
 * Entry points: `openingAt`, `isOpen`, `nextOpening`, `nextClosing`, `addOpenMinutes`, `nextWorkingDayAt`,
 * `workingMomentFrom`.
 * May import: schedule.ts, holidays.ts, time-zones.ts.
 *
 * Openings are half-open: at 20:00:00 a line that closes at 20:00 is closed. Times are read on the wall clock of the
 * hotline's zone. Unknown hours are never taken for open nor for closed.
 */
import type { Temporal } from 'temporal-polyfill';
import { type HolidayCalendar, holidayOn } from './holidays.ts';
import { type Day, dayOf, type HoursReason, minutesOf, type Schedule } from './schedule.ts';
import { isoIn, wallClock } from './time-zones.ts';

/** Whether a line answers at an instant; times are ISO 8601 with the offset of `zone`, the hotline's. */
export interface Opening {
  readonly state: 'open' | 'closed' | 'unknown';
  /** Only while open, and only when known. */
  readonly closesAt?: string;
  /** Only while closed, and only when known. */
  readonly opensAt?: string;
  readonly zone: string;
  readonly reason: HoursReason;
}

/** A moment looked for, or why there is none: unknown hours stand in the way, or nothing within the horizon. */
export type Search = { readonly found: Date } | { readonly missing: 'hours_unknown' | 'none_within_horizon' };

/** How far a search looks, in days. Past it a line that has no hours is not searched for ever. */
export const horizonDays = 400;

const millisecondsPerMinute = 60_000;

/** The opening last worked out for a schedule. Lines open and close on whole minutes: it holds for all of its minute. */
const lastOpenings = new WeakMap<Schedule, { readonly minute: number; readonly opening: Opening }>();

/** The state of the line at that instant, until when, and why. */
export function openingAt(schedule: Schedule, at: Date): Opening {
  const minute = Math.floor(at.getTime() / millisecondsPerMinute);
  const last = lastOpenings.get(schedule);
  if (last?.minute === minute) return last.opening;
  const opening = workOutOpening(schedule, at);
  lastOpenings.set(schedule, { minute, opening });
  return opening;
}

function workOutOpening(schedule: Schedule, at: Date): Opening {
  const { zone } = schedule;
  const day = dayOf(schedule, wallClock(zone, at).toPlainDate());
  const { reason } = day;
  if (!day.open) return { state: 'unknown', zone, reason };
  if (isWithin(day, at)) {
    const closing = nextClosing(schedule, at);
    return {
      state: 'open',
      ...('found' in closing && { closesAt: isoIn(zone, closing.found) }),
      zone,
      reason,
    };
  }
  const opening = nextOpening(schedule, at);
  return {
    state: 'closed',
    ...('found' in opening && { opensAt: isoIn(zone, opening.found) }),
    zone,
    reason,
  };
}

/** Whether the line is known to be open at that instant; false for unknown hours too: see `openingAt`. */
export function isOpen(schedule: Schedule, at: Date): boolean {
  return isWithin(dayOf(schedule, wallClock(schedule.zone, at).toPlainDate()), at);
}

function isWithin({ open = [] }: Day, at: Date): boolean {
  return open.some(({ from, to }) => from <= at.getTime() && at.getTime() < to);
}

/** When the line next goes from closed to open, strictly after `at`: during an opening, the one that follows. */
export function nextOpening(schedule: Schedule, at: Date): Search {
  for (const stretch of stretches(schedule, at)) {
    if (stretch.to <= at.getTime()) continue;
    if (!stretch.known) return { missing: 'hours_unknown' };
    if (stretch.from > at.getTime()) return { found: new Date(stretch.from) };
  }
  return { missing: 'none_within_horizon' };
}

/** When the line next goes from open to closed, strictly after `at`. */
export function nextClosing(schedule: Schedule, at: Date): Search {
  for (const stretch of stretches(schedule, at)) {
    if (stretch.to <= at.getTime()) continue;
    if (!stretch.known || stretch.before === 'unknown') return { missing: 'hours_unknown' };
    if (stretch.before === 'horizon') break;
    return { found: new Date(stretch.to) };
  }
  return { missing: 'none_within_horizon' };
}

/**
 * The first instant by which the line has been open for that long since `at` (`at` itself for 0).
 * @param minutes of opening, 0 or more, fractions allowed.
 * @throws RangeError for a negative or infinite count.
 */
export function addOpenMinutes(schedule: Schedule, at: Date, minutes: number): Search {
  if (!Number.isFinite(minutes) || minutes < 0) throw new RangeError(`not a count of minutes: ${minutes}`);
  let left = Math.round(minutes * millisecondsPerMinute);
  if (left === 0) return { found: at };
  for (const stretch of stretches(schedule, at)) {
    if (stretch.to <= at.getTime()) continue;
    if (!stretch.known) return { missing: 'hours_unknown' };
    const from = Math.max(stretch.from, at.getTime());
    if (stretch.to - from >= left) return { found: new Date(from + left) };
    left -= stretch.to - from;
  }
  return { missing: 'none_within_horizon' };
}

/**
 * How long the line is open between two instants, in minutes (fractions possible).
 * @returns undefined when unknown hours lie between them.
 */
export function openMinutesBetween(schedule: Schedule, from: Date, to: Date): number | undefined {
  let open = 0;
  const days = Math.max(0, (to.getTime() - from.getTime()) / (minutesOf('24:00') * millisecondsPerMinute));
  for (const stretch of stretches(schedule, from, Math.ceil(days) + 1)) {
    const span = Math.min(stretch.to, to.getTime()) - Math.max(stretch.from, from.getTime());
    if (span <= 0) continue;
    if (!stretch.known) return undefined;
    open += span;
  }
  return open / millisecondsPerMinute;
}

/** Where days are counted: a hotline's schedule is one. */
export interface WorkingCalendar {
  readonly zone: string;
  readonly holidayCalendar: HolidayCalendar;
}

/**
 * The wall-clock `time` (`HH:MM`) on the first working day after the date of `at` in the calendar's zone: Monday to
 * Friday, no public holiday. Hours play no part, so that it serves a line of unknown hours too.
 */
export function nextWorkingDayAt(calendar: WorkingCalendar, at: Date, time: string): Date {
  const minutes = minutesOf(time);
  let date = wallClock(calendar.zone, at).toPlainDate();
  do date = date.add({ days: 1 });
  while (!isWorkingDay(calendar, date));
  const plainTime = { hour: Math.floor(minutes / 60), minute: minutes % 60 };
  return new Date(date.toZonedDateTime({ timeZone: calendar.zone, plainTime }).epochMilliseconds);
}

/**
 * The first moment, `at` or later, that is on a working day between two wall-clock times (`HH:MM`, the second not
 * included): `at` itself when it is one.
 */
export function workingMomentFrom(
  calendar: WorkingCalendar,
  at: Date,
  { from, to }: { readonly from: string; readonly to: string },
): Date {
  const today = wallClock(calendar.zone, at).toPlainDate();
  const on = (date: Temporal.PlainDate, time: string) =>
    new Date(date.toZonedDateTime({ timeZone: calendar.zone, plainTime: time }).epochMilliseconds);
  if (isWorkingDay(calendar, today) && at < on(today, to)) {
    const opening = on(today, from);
    return at < opening ? opening : at;
  }
  return nextWorkingDayAt(calendar, at, from);
}

/** No calendar has more than a few days off in a row, so that the search for a working day ends. */
function isWorkingDay(calendar: WorkingCalendar, date: Temporal.PlainDate): boolean {
  return date.dayOfWeek <= 5 && holidayOn(calendar.holidayCalendar, date.toString()) === undefined;
}

/** A stretch of the timeline that is open, or unknown; what lies between is closed. */
interface Stretch {
  readonly known: boolean;
  readonly from: number;
  readonly to: number;
  /** What comes right after. */
  readonly before: 'closed' | 'open' | 'unknown' | 'horizon';
}

/**
 * The stretches from the beginning of the date of `at`, joined across midnight, in order.
 * Lazy: a search that finds today what it wants works out today, and tomorrow only when midnight is open.
 */
function* stretches(schedule: Schedule, at: Date, days = horizonDays): Generator<Stretch> {
  const first = wallClock(schedule.zone, at).toPlainDate();
  let last: Omit<Stretch, 'before'> | undefined;
  for (let offset = 0; offset <= days; offset++) {
    const day = dayOf(schedule, first.add({ days: offset }));
    const known = day.open !== undefined;
    for (const { from, to } of day.open ?? [day]) {
      const touches = last?.to === from;
      if (last && touches && last.known === known) {
        last = { ...last, to };
        continue;
      }
      if (last) yield { ...last, before: !touches ? 'closed' : known ? 'open' : 'unknown' };
      last = { known, from, to };
    }
    if (last && last.to < day.to) {
      yield { ...last, before: 'closed' };
      last = undefined;
    }
  }
  if (last) yield { ...last, before: 'horizon' };
}
