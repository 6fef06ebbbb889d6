/**
 * Purpose: a hotline as a supervisor edits it: all that is configured of one line, as one document.
 * Entry points: `HotlineDocument`, `documentOf`, `hotlineOf`, `placeTimetable`, `placeException`.
 * May import: the pure parts of this folder.
 */
import type { Hotline, Words } from './configuration.ts';
import type { DayException, Period, Schedule, Timetable } from './schedule.ts';

export interface HotlineDocument extends Period {
  readonly name: Words;
  /** As people read it and dial it from France. */
  readonly phone: string;
  /** Only where the number answers from abroad. */
  readonly phoneE164: string | null;
  readonly cost: Words;
  readonly zone: string;
  readonly holidayCalendar: Schedule['holidayCalendar'];
  readonly timetables: readonly Timetable[];
  readonly exceptions: readonly DayException[];
}

/** What is configured of a line, without its id, timetables and exceptions in order of time. */
export function documentOf({ schedule, name, phone, phoneE164, cost }: Hotline): HotlineDocument {
  const { zone, holidayCalendar, inService, timetables, exceptions } = schedule;
  const { validFrom, validTo } = inService;
  return {
    name,
    phone,
    phoneE164,
    cost,
    zone,
    holidayCalendar,
    validFrom,
    validTo,
    timetables: inOrder(timetables),
    exceptions: [...exceptions].sort((one, other) => (one.day < other.day ? -1 : 1)),
  };
}

/** The line that such a document makes. */
export function hotlineOf(id: string, { name, phone, phoneE164, cost, ...rest }: HotlineDocument): Hotline {
  const { zone, holidayCalendar, validFrom, validTo, timetables, exceptions } = rest;
  const schedule = { zone, holidayCalendar, inService: { validFrom, validTo }, timetables, exceptions };
  return { id, name, phone, phoneE164, cost, schedule };
}

/** What a timetable or a period is known by among those of its line: they do not overlap, so no two begin together. */
export function periodKey({ validFrom }: Period): string {
  return validFrom ?? 'always';
}

/**
 * The timetables once these hours hold over that period. What held until further notice when the period begins ends
 * there, and goes on after the period when that has an end: the past stays what it was.
 * @param hours undefined for hours that are not known.
 * @param replaced `periodKey` of the timetable that is being corrected, if one is.
 */
export function placeTimetable(
  timetables: readonly Timetable[],
  period: Period,
  hours: Pick<Timetable, 'holidays' | 'weekly'> | undefined,
  replaced?: string,
): readonly Timetable[] {
  const { validFrom, validTo } = period;
  const others = timetables.filter((each) => periodKey(each) !== replaced);
  const around = others.flatMap((each): readonly Timetable[] => {
    const holdsOn = each.validTo === null && validFrom !== null && isBefore(each.validFrom, validFrom);
    if (!holdsOn) return [each];
    const before = { ...each, validTo: validFrom };
    return validTo === null ? [before] : [before, { ...each, validFrom: validTo }];
  });
  return inOrder(hours ? [...around, { validFrom, validTo, ...hours }] : around);
}

/** The exceptions once this one is among them, in the place of that of the day `replaced`, if any. */
export function placeException(
  exceptions: readonly DayException[],
  exception: DayException | undefined,
  replaced?: string,
): readonly DayException[] {
  const others = exceptions.filter(({ day }) => day !== replaced);
  return [...others, ...(exception ? [exception] : [])].sort((one, other) => (one.day < other.day ? -1 : 1));
}

function isBefore(validFrom: string | null, date: string): boolean {
  return validFrom === null || validFrom < date;
}

function inOrder(timetables: readonly Timetable[]): readonly Timetable[] {
  const start = ({ validFrom }: Period) => validFrom ?? '';
  return [...timetables].sort((one, other) => (start(one) < start(other) ? -1 : 1));
}
