/**
 * Purpose: the coming days of a line, as its calendar makes them: what a supervisor sees before saving.
 * Entry points: `previewDays`.
 * May import: the pure parts of this folder.
 */
import { type HolidayId, holidayOn } from './holidays.ts';
import { dayOf, type HoursReason, type Interval, type Schedule } from './schedule.ts';
import { wallClock } from './time-zones.ts';

export interface PreviewDay {
  /** `YYYY-MM-DD` in the line's zone. */
  readonly date: string;
  readonly reason: HoursReason;
  /** Whatever it does to the hours. */
  readonly holiday: HolidayId | undefined;
  /** The clocks go forward, or back, on that day. */
  readonly clocks: 'forward' | 'back' | undefined;
  /** On the line's wall clock, 24:00 at midnight; undefined when the hours are unknown. */
  readonly open: readonly Interval[] | undefined;
}

/** What the schedule makes of that many days, from the date of `at` on. */
export function previewDays(schedule: Schedule, at: Date, days = 14): readonly PreviewDay[] {
  const { zone, holidayCalendar } = schedule;
  const today = wallClock(zone, at).toPlainDate();
  return Array.from({ length: days }, (_, offset) => {
    const date = today.add({ days: offset });
    const day = dayOf(schedule, date);
    const clockAt = (instant: number) => {
      if (instant === day.to) return '24:00';
      return wallClock(zone, new Date(instant)).toPlainTime().toString({ smallestUnit: 'minute' });
    };
    const { hoursInDay } = date.toZonedDateTime(zone);
    return {
      date: date.toString(),
      reason: day.reason,
      holiday: holidayOn(holidayCalendar, date.toString()),
      clocks: hoursInDay < 24 ? 'forward' : hoursInDay > 24 ? 'back' : undefined,
      open: day.open?.map(({ from, to }) => ({ opensAt: clockAt(from), closesAt: clockAt(to) })),
    };
  });
}
