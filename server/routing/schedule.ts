/**
 * Purpose: when a hotline answers, as plain dated data, and what it makes of one calendar day.
 * Entry points: `Schedule`, `dayOf`.
 * May import: holidays.ts, time-zones.ts.
 */
import type { Temporal } from 'temporal-polyfill';
import { type HolidayCalendar, type HolidayId, holidayOn } from './holidays.ts';
import { inForce } from './time-zones.ts';

/** Wall-clock times `HH:MM` of one day, half-open; `closesAt` may be `24:00`. Past midnight takes two rows. */
export interface Interval {
  readonly opensAt: string;
  readonly closesAt: string;
}

export interface WeeklyInterval extends Interval {
  /** ISO: 1 is Monday, 7 is Sunday. */
  readonly weekday: number;
}

/** Dates `YYYY-MM-DD` in the hotline's zone, half-open; null does not bind. */
export interface Period {
  readonly validFrom: string | null;
  readonly validTo: string | null;
}

/** The week that holds over a period. Periods of one hotline do not overlap; a date that none covers has unknown hours. */
export interface Timetable extends Period {
  /** What public holidays do: keep the hours of their weekday, or close. */
  readonly holidays: 'open' | 'closed';
  readonly weekly: readonly WeeklyInterval[];
}

/** A day unlike the others, which overrides timetable and holiday; without intervals the line is closed. */
export interface DayException {
  readonly day: string;
  readonly intervals: readonly Interval[];
  readonly note: Note;
}

/** Why the day is unlike the others, for the people who call. */
export interface Note {
  readonly fr: string;
  readonly en: string;
}

/** Immutable: what is worked out of a schedule is remembered with it. */
export interface Schedule {
  /** IANA zone on whose wall clock everything here is read. */
  readonly zone: string;
  /** Public holidays that count for the line. */
  readonly holidayCalendar: HolidayCalendar;
  /** While the line exists at all. */
  readonly inService: Period;
  readonly timetables: readonly Timetable[];
  readonly exceptions: readonly DayException[];
}

/** Why a day's hours are what they are. */
export type HoursReason =
  | { readonly code: 'regular_hours' }
  | { readonly code: 'public_holiday'; readonly holiday: HolidayId }
  | { readonly code: 'exception'; readonly note: Note }
  | { readonly code: 'not_in_service' }
  | { readonly code: 'hours_unknown' };

/** A half-open stretch of time, in epoch milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** One date of the hotline's wall calendar. */
export interface Day extends Span {
  readonly reason: HoursReason;
  /** Open spans in order, not touching; undefined when the hours are unknown. */
  readonly open: readonly Span[] | undefined;
}

const minutesPerDay = 24 * 60;

/** A date is asked for again and again (every search starts today): enough for years, bounded whatever is asked. */
const rememberedDays = 4000;
const daysBySchedule = new WeakMap<Schedule, Map<string, Day>>();

/** What the schedule makes of that date. */
export function dayOf(schedule: Schedule, date: Temporal.PlainDate): Day {
  let days = daysBySchedule.get(schedule);
  if (!days) {
    days = new Map();
    daysBySchedule.set(schedule, days);
  }
  const key = date.toString();
  const remembered = days.get(key);
  if (remembered) return remembered;
  if (days.size >= rememberedDays) days.clear();
  const day = workOut(schedule, date, key);
  days.set(key, day);
  return day;
}

function workOut(schedule: Schedule, date: Temporal.PlainDate, key: string): Day {
  const { intervals, reason } = hoursOf(schedule, date.dayOfWeek, key);
  const open = intervals
    ?.map(({ opensAt, closesAt }) => ({
      from: instant(schedule.zone, date, opensAt),
      to: instant(schedule.zone, date, closesAt),
    }))
    // An hour that the spring change skips leaves nothing.
    .filter(({ from, to }) => from < to)
    .sort((a, b) => a.from - b.from);
  return {
    from: instant(schedule.zone, date, '00:00'),
    to: instant(schedule.zone, date, '24:00'),
    reason,
    open: open && joined(open),
  };
}

/** The hours of a date and why: the exception first, then the holiday, then the week. */
function hoursOf(
  schedule: Schedule,
  weekday: number,
  date: string,
): { readonly intervals: readonly Interval[] | undefined; readonly reason: HoursReason } {
  if (!inForce(schedule.inService, date)) return { intervals: [], reason: { code: 'not_in_service' } };
  const exception = schedule.exceptions.find(({ day }) => day === date);
  if (exception) {
    return { intervals: exception.intervals, reason: { code: 'exception', note: exception.note } };
  }
  const timetable = schedule.timetables.find((each) => inForce(each, date));
  if (!timetable) return { intervals: undefined, reason: { code: 'hours_unknown' } };
  const intervals = timetable.weekly.filter((each) => each.weekday === weekday);
  const holiday = holidayOn(schedule.holidayCalendar, date);
  if (!holiday) return { intervals, reason: { code: 'regular_hours' } };
  const reason: HoursReason = { code: 'public_holiday', holiday };
  return { intervals: timetable.holidays === 'open' ? intervals : [], reason };
}

/**
 * The instant of a wall-clock time. In the repeated hour of autumn the first one, in the skipped hour of spring the
 * same time after it: both ends of neighbouring intervals agree, so nothing drifts and no gap appears.
 */
function instant(zone: string, date: Temporal.PlainDate, time: string): number {
  const minutes = minutesOf(time);
  const day = minutes === minutesPerDay ? date.add({ days: 1 }) : date;
  const plainTime = { hour: Math.floor((minutes % minutesPerDay) / 60), minute: minutes % 60 };
  return day.toZonedDateTime({ timeZone: zone, plainTime }).epochMilliseconds;
}

/**
 * Minutes since midnight of `HH:MM`, up to `24:00`.
 * @throws RangeError for anything else.
 */
export function minutesOf(time: string): number {
  const [, hour, minute] = /^(\d\d):([0-5]\d)$/.exec(time) ?? [];
  const minutes = Number(hour) * 60 + Number(minute);
  if (!(minutes <= minutesPerDay)) throw new RangeError(`not a time of day: "${time}"`);
  return minutes;
}

function joined(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    if (last && span.from <= last.to) {
      result[result.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
    } else result.push(span);
  }
  return result;
}
