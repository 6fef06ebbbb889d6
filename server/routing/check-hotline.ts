/**
 * Purpose: what is wrong with a line as a supervisor wants it, each fault with the field that it is about.
 * Entry points: `checkHotline`, `checkRulesCovered`, `tidied`.
 * May import: the pure parts of this folder, server/problem.ts.
 *
 * Paths are JSON pointers into a `HotlineDocument`; the sentences are the texts `configuration.errors`.
 */
import type { FieldProblem } from '../problem.ts';
import type { RoutingRule } from './configuration.ts';
import { holidayCalendars } from './holidays.ts';
import type { HotlineDocument } from './hotline-document.ts';
import type { Interval, Period, Timetable } from './schedule.ts';
import { canonicalZone, isDate, localDate } from './time-zones.ts';
import { isTime } from './typed-hours.ts';

/** As long as a name, a price or a note may be, in characters. */
export const maxWordsLength = 200;

/** The document as it is to be stored: no blanks around words, the zone in its usual spelling, each day in order. */
export function tidied(document: HotlineDocument): HotlineDocument {
  const { name, cost, phone, phoneE164, zone } = document;
  const inOrder = (one: Interval, other: Interval) => (one.opensAt < other.opensAt ? -1 : 1);
  return {
    ...document,
    name: { fr: name.fr.trim(), en: name.en.trim() },
    cost: { fr: cost.fr.trim(), en: cost.en.trim() },
    phone: phone.trim().replace(/\s+/g, ' '),
    phoneE164: phoneE164?.replace(/\s/g, '') || null,
    zone: canonicalZone(zone.trim()) ?? zone,
    timetables: document.timetables.map((timetable) => ({
      ...timetable,
      weekly: [...timetable.weekly].sort((a, b) => a.weekday - b.weekday || inOrder(a, b)),
    })),
    exceptions: document.exceptions.map(({ day, note, intervals }) => ({
      day,
      note: { fr: note.fr.trim(), en: note.en.trim() },
      intervals: [...intervals].sort(inOrder),
    })),
  };
}

/** Every fault of a tidied document by itself; none means that the tables take it. */
export function checkHotline(document: HotlineDocument): readonly FieldProblem[] {
  const { name, cost, phone, phoneE164, zone, holidayCalendar } = document;
  return [
    ...checkWords(name.fr, '/name/fr'),
    ...checkWords(name.en, '/name/en'),
    ...faultIf(!/^[0-9+][0-9 ]{1,29}$/.test(phone), '/phone', 'phone'),
    ...faultIf(phoneE164 !== null && !/^\+[1-9][0-9]{3,14}$/.test(phoneE164), '/phoneE164', 'phoneE164'),
    ...checkWords(cost.fr, '/cost/fr'),
    ...checkWords(cost.en, '/cost/en'),
    ...faultIf(canonicalZone(zone) !== zone, '/zone', 'zone'),
    ...faultIf(!holidayCalendars.includes(holidayCalendar), '/holidayCalendar', 'calendar'),
    ...checkPeriod(document, ''),
    ...document.timetables.flatMap((timetable, index) => checkTimetable(timetable, `/timetables/${index}`)),
    ...checkTimetablesApart(document.timetables),
    ...document.exceptions.flatMap(({ day, note, intervals }, index) => [
      ...faultIf(!isDate(day), `/exceptions/${index}/day`, 'date'),
      ...faultIf(
        document.exceptions.findIndex((each) => each.day === day) < index,
        `/exceptions/${index}/day`,
        'exceptionTwice',
      ),
      ...checkWords(note.fr, `/exceptions/${index}/note/fr`),
      ...checkWords(note.en, `/exceptions/${index}/note/en`),
      ...checkIntervals(intervals, (at) => `/exceptions/${index}/intervals/${at}`),
    ]),
  ];
}

/** A period has dates that are dates, and begins before it ends. */
export function checkPeriod({ validFrom, validTo }: Period, path: string): readonly FieldProblem[] {
  const from = faultIf(validFrom !== null && !isDate(validFrom), `${path}/validFrom`, 'date');
  const to = faultIf(validTo !== null && !isDate(validTo), `${path}/validTo`, 'date');
  if (from.length > 0 || to.length > 0) return [...from, ...to];
  const backwards = validFrom !== null && validTo !== null && validTo <= validFrom;
  return faultIf(backwards, `${path}/validTo`, 'endBeforeStart');
}

/** Whether two periods have a date in common. */
export function overlap(one: Period, other: Period): boolean {
  const begins = (a: Period, b: Period) =>
    a.validFrom === null || b.validTo === null || a.validFrom < b.validTo;
  return begins(one, other) && begins(other, one);
}

/**
 * Where rules would lead to the line while it does not exist, from today on: its bounds are then at fault.
 * @param rules all of them, of whatever line.
 */
export function checkRulesCovered(
  id: string,
  { validFrom, validTo, zone }: Pick<HotlineDocument, 'validFrom' | 'validTo' | 'zone'>,
  rules: readonly RoutingRule[],
  now: Date,
): readonly FieldProblem[] {
  const today = localDate(zone, now);
  const held = rules.filter((rule) => rule.hotline === id && (rule.validTo === null || rule.validTo > today));
  const early = held.some((rule) => {
    const from = rule.validFrom !== null && rule.validFrom > today ? rule.validFrom : today;
    return validFrom !== null && from < validFrom;
  });
  const late = held.some((rule) => validTo !== null && (rule.validTo === null || rule.validTo > validTo));
  return [...faultIf(early, '/validFrom', 'neededBefore'), ...faultIf(late, '/validTo', 'neededAfter')];
}

function checkTimetable(timetable: Timetable, path: string): readonly FieldProblem[] {
  const days = [1, 2, 3, 4, 5, 6, 7];
  return [
    ...checkPeriod(timetable, path),
    ...timetable.weekly.flatMap(({ weekday }, index) =>
      faultIf(!days.includes(weekday), `${path}/weekly/${index}/weekday`, 'weekday'),
    ),
    ...days.flatMap((day) => {
      const ofDay = timetable.weekly.flatMap((each, index) =>
        each.weekday === day ? [{ each, index }] : [],
      );
      return checkIntervals(
        ofDay.map(({ each }) => each),
        (at) => `${path}/weekly/${ofDay[at]?.index}`,
      );
    }),
  ];
}

/** The later of two timetables that overlap is at fault: where it begins, unless it is the one that has no end. */
function checkTimetablesApart(timetables: readonly Timetable[]): readonly FieldProblem[] {
  return timetables.flatMap((timetable, index) =>
    faultIf(
      timetables.slice(0, index).some((earlier) => overlap(earlier, timetable)),
      `/timetables/${index}/validFrom`,
      'timetablesOverlap',
    ),
  );
}

/** Intervals of one day, in order, each ending after it begins and none begun before the last one ended. */
function checkIntervals(
  intervals: readonly Interval[],
  pathOf: (index: number) => string,
): readonly FieldProblem[] {
  return intervals.flatMap(({ opensAt, closesAt }, index) => {
    const path = pathOf(index);
    const opens = faultIf(!isTime(opensAt) || opensAt === '24:00', `${path}/opensAt`, 'time');
    const closes = faultIf(!isTime(closesAt), `${path}/closesAt`, 'time');
    if (opens.length > 0 || closes.length > 0) return [...opens, ...closes];
    if (closesAt <= opensAt) return faultIf(true, `${path}/closesAt`, 'closesBeforeOpening');
    const earlier = intervals.slice(0, index);
    return faultIf(
      earlier.some((each) => each.opensAt < closesAt && opensAt < each.closesAt),
      `${path}/opensAt`,
      'intervalsOverlap',
    );
  });
}

function checkWords(words: string, path: string): readonly FieldProblem[] {
  if (words.trim() === '') return faultIf(true, path, 'words');
  if (words.length <= maxWordsLength) return [];
  return [{ path, key: 'problems.fields.maxLength', parameters: { limit: maxWordsLength } }];
}

function faultIf(holds: boolean, path: string, error: string): readonly FieldProblem[] {
  return holds ? [{ path, key: `configuration.errors.${error}` }] : [];
}
