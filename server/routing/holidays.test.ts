import { describe, expect, test } from 'vitest';
import { holidayCalendars, holidayOn, holidaysOf } from './holidays.ts';

/** Easter Sunday, from the tables; not computed. */
const easter: Readonly<Record<number, string>> = {
  2024: '2024-03-31',
  2025: '2025-04-20',
  2026: '2026-04-05',
  2027: '2027-03-28',
  2028: '2028-04-16',
  2029: '2029-04-01',
  2030: '2030-04-21',
};
const years = Object.keys(easter).map(Number);

function after(date: string | undefined, days: number): string {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}

function national(year: number): readonly (readonly [string, string])[] {
  const listed = [
    [`${year}-01-01`, 'new_year'],
    [after(easter[year], 1), 'easter_monday'],
    [`${year}-05-01`, 'labour_day'],
    [`${year}-05-08`, 'victory_1945'],
    [after(easter[year], 39), 'ascension'],
    [after(easter[year], 50), 'whit_monday'],
    [`${year}-07-14`, 'national_day'],
    [`${year}-08-15`, 'assumption'],
    [`${year}-11-01`, 'all_saints'],
    [`${year}-11-11`, 'armistice_1918'],
    [`${year}-12-25`, 'christmas'],
  ] as const;
  return listed;
}

const sorted = (days: Iterable<readonly [string, string]>) =>
  [...days].sort(([one], [other]) => (one < other ? -1 : 1));

describe.each(years)('the public holidays of %i', (year) => {
  test('are the eleven national ones, on their days', () => {
    expect(sorted(holidaysOf('metropole', year))).toEqual(sorted(national(year)));
  });

  test('are two more in Alsace-Moselle', () => {
    expect(sorted(holidaysOf('alsace_moselle', year))).toEqual(
      sorted([
        ...national(year),
        [after(easter[year], -2), 'good_friday'],
        [`${year}-12-26`, 'saint_stephen'],
      ]),
    );
  });

  test.each([
    ['mayotte', '04-27'],
    ['martinique', '05-22'],
    ['guadeloupe', '05-27'],
    ['guyane', '06-10'],
    ['reunion', '12-20'],
  ] as const)('are one more in %s, on %s', (calendar, day) => {
    expect(sorted(holidaysOf(calendar, year))).toEqual(
      // A national holiday on the same day (Whit Monday, 10 June 2030) is the one that is named.
      sorted(new Map([[`${year}-${day}`, 'abolition_of_slavery'], ...national(year)])),
    );
  });
});

test('observances and Sundays are not public holidays', () => {
  for (const date of ['2026-04-05', '2026-05-24', '2026-05-31']) {
    for (const calendar of holidayCalendars) expect(holidayOn(calendar, date)).toBeUndefined();
  }
});

test('1 May 2008 is one holiday though it is Ascension too', () => {
  expect(holidayOn('metropole', '2008-05-01')).toBeDefined();
  expect(holidaysOf('metropole', 2008).size).toBe(10);
});
