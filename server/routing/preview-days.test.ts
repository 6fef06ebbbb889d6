import { expect, test } from 'vitest';
import { aSchedule, aTimetable } from './builders.ts';
import { previewDays } from './preview-days.ts';

const closedOnHolidays = aSchedule({
  timetables: [aTimetable([['09:00', '24:00']], { holidays: 'closed' })],
});

test('tells hours up to midnight, holidays, and 14 days from the date of the line’s zone', () => {
  const days = previewDays(closedOnHolidays, new Date('2026-12-20T23:30:00Z'));
  expect(days).toHaveLength(14);
  expect(days[0]).toMatchObject({ date: '2026-12-21', open: [{ opensAt: '09:00', closesAt: '24:00' }] });
  expect(days.find(({ date }) => date === '2026-12-25')).toMatchObject({ holiday: 'christmas', open: [] });
  expect(
    previewDays({ ...closedOnHolidays, zone: 'America/Cayenne' }, new Date('2026-12-21T01:00:00Z'))[0]?.date,
  ).toBe('2026-12-20');
});

test('names the days on which the clocks change, whose hours do not drift', () => {
  const hours = [{ opensAt: '09:00', closesAt: '20:00' }];
  const spring = previewDays(aSchedule(), new Date('2026-03-28T12:00:00Z'), 3);
  expect(spring.map(({ clocks, open }) => [clocks, open])).toEqual([
    [undefined, hours],
    ['forward', hours],
    [undefined, hours],
  ]);
  expect(previewDays(aSchedule(), new Date('2026-10-25T12:00:00Z'), 1)[0]?.clocks).toBe('back');
});

test('says that hours are unknown, and names a holiday all the same', () => {
  const [day] = previewDays(aSchedule({ timetables: [] }), new Date('2027-01-01T12:00:00Z'), 1);
  expect(day).toMatchObject({ open: undefined, holiday: 'new_year', reason: { code: 'hours_unknown' } });
});
