/**
 * Purpose: the public holidays of France, nationally and where a territory adds its own.
 * Entry points: `holidayOn`, `holidaysOf`.
 * May import: nothing of the project.
 */
import Holidays from 'date-holidays';

/** The calendars that differ, after the domain's list; a hotline follows one of them. */
export const holidayCalendars = [
  'metropole',
  'alsace_moselle',
  'guadeloupe',
  'guyane',
  'martinique',
  'mayotte',
  'reunion',
] as const;
export type HolidayCalendar = (typeof holidayCalendars)[number];

/** The library's rule of each holiday → our stable id, whose name is the text `routing.holidays.<id>`. */
const idByRule = {
  '01-01': 'new_year',
  'easter -2': 'good_friday',
  'easter 1': 'easter_monday',
  '05-01': 'labour_day',
  '05-08': 'victory_1945',
  'easter 39': 'ascension',
  'easter 50': 'whit_monday',
  '07-14': 'national_day',
  '08-15': 'assumption',
  '11-01': 'all_saints',
  '11-11': 'armistice_1918',
  '12-25': 'christmas',
  '12-26': 'saint_stephen',
  '04-27': 'abolition_of_slavery',
  '05-22': 'abolition_of_slavery',
  '05-27': 'abolition_of_slavery',
  '06-10': 'abolition_of_slavery',
  '12-20': 'abolition_of_slavery',
} as const;
export type HolidayId = (typeof idByRule)[keyof typeof idByRule];
export const holidayIds: readonly HolidayId[] = [...new Set(Object.values(idByRule))];

/** The library's name of each calendar, and the days it counts there that the law does not. */
const sources: Readonly<Record<HolidayCalendar, { readonly state?: string; readonly drop?: string }>> = {
  metropole: {},
  // The three departments (57, 67, 68) share one calendar.
  alsace_moselle: { state: '67' },
  // Good Friday is a custom there, not a public holiday: the Labour Code (L3422-2) adds the abolition day alone.
  guadeloupe: { state: 'GP', drop: 'easter -2' },
  martinique: { state: 'MQ', drop: 'easter -2' },
  guyane: { state: 'GF' },
  mayotte: { state: 'YT' },
  reunion: { state: 'RE' },
};

const yearsByCalendar = new Map<string, ReadonlyMap<string, HolidayId>>();

/**
 * The public holidays (never observances) of a calendar year.
 * @returns id by date (`YYYY-MM-DD`, the territory's own wall calendar).
 * @throws Error when the library names a holiday that we do not know: an upgrade to look at.
 */
export function holidaysOf(calendar: HolidayCalendar, year: number): ReadonlyMap<string, HolidayId> {
  const key = `${calendar} ${year}`;
  const cached = yearsByCalendar.get(key);
  if (cached) return cached;
  const { state, drop } = sources[calendar];
  const library = state
    ? new Holidays('FR', state, { types: ['public'] })
    : new Holidays('FR', { types: ['public'] });
  const days = library
    .getHolidays(year)
    .filter(({ rule }) => rule !== drop)
    .map(({ date, rule }) => [date.slice(0, 10), idOf(rule)] as const);
  // Two on one day: the territory's own come last in the table of ids, and give way.
  const found = new Map(
    days.sort(([, one], [, other]) => holidayIds.indexOf(other) - holidayIds.indexOf(one)),
  );
  yearsByCalendar.set(key, found);
  return found;
}

/** The public holiday that falls on `date` (`YYYY-MM-DD`), if any. */
export function holidayOn(calendar: HolidayCalendar, date: string): HolidayId | undefined {
  return holidaysOf(calendar, Number(date.slice(0, 4))).get(date);
}

function idOf(rule: string): HolidayId {
  for (const [known, id] of Object.entries(idByRule)) if (known === rule) return id;
  throw new Error(`a public holiday without an id: "${rule}"`);
}
