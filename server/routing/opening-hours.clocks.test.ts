import { describe, expect, test } from 'vitest';
import { aSchedule, aTimetable, found, opening } from './builders.ts';
import {
  nextClosing,
  nextOpening,
  nextWorkingDayAt,
  openingAt,
  openMinutesBetween,
  workingMomentFrom,
} from './opening-hours.ts';
import { isoIn } from './time-zones.ts';

/** The line of the notice: every day from 9:00 to 20:00 in Paris, public holidays included. */
const daily = aSchedule();

describe('the Sundays when the clocks change', () => {
  test('29 March 2026: opens and closes by the wall clock, eleven hours apart', () => {
    expect(opening(daily, '2026-03-28T23:00:00+01:00').opensAt).toBe('2026-03-29T09:00:00+02:00');
    expect(opening(daily, '2026-03-29T08:59:59+02:00').state).toBe('closed');
    expect(opening(daily, '2026-03-29T09:00:00+02:00').closesAt).toBe('2026-03-29T20:00:00+02:00');
    expect(opening(daily, '2026-03-29T20:00:00+02:00').opensAt).toBe('2026-03-30T09:00:00+02:00');
  });

  test('25 October 2026: opens and closes by the wall clock, eleven hours apart', () => {
    expect(opening(daily, '2026-10-24T23:00:00+02:00').opensAt).toBe('2026-10-25T09:00:00+01:00');
    expect(opening(daily, '2026-10-25T08:59:59+01:00').state).toBe('closed');
    expect(opening(daily, '2026-10-25T19:59:59+01:00').closesAt).toBe('2026-10-25T20:00:00+01:00');
    expect(opening(daily, '2026-10-25T20:00:00+01:00').state).toBe('closed');
  });

  test('a night line is an hour shorter in spring and an hour longer in autumn', () => {
    const night = aSchedule({
      timetables: [
        aTimetable([
          ['00:00', '06:00'],
          ['20:00', '24:00'],
        ]),
      ],
    });
    const hours = (from: string, to: string) =>
      (openMinutesBetween(night, new Date(from), new Date(to)) ?? 0) / 60;
    expect(hours('2026-03-28T20:00:00+01:00', '2026-03-29T06:00:00+02:00')).toBe(9);
    expect(hours('2026-10-24T20:00:00+02:00', '2026-10-25T06:00:00+01:00')).toBe(11);
    expect(found(nextClosing(night, new Date('2026-03-28T23:00:00+01:00')))).toBe(
      '2026-03-29T06:00:00+02:00',
    );
  });

  test('hours inside the skipped hour never exist', () => {
    const skipped = aSchedule({ timetables: [aTimetable([['02:15', '02:45']], { weekdays: [7] })] });
    expect(found(nextOpening(skipped, new Date('2026-03-28T12:00:00Z')))).toBe('2026-03-29T03:15:00+02:00');
    const across = aSchedule({ timetables: [aTimetable([['01:00', '03:00']], { weekdays: [7] })] });
    expect(
      openMinutesBetween(
        across,
        new Date('2026-03-29T00:00:00+01:00'),
        new Date('2026-03-29T12:00:00+02:00'),
      ),
    ).toBe(60);
  });

  test('hours do not move by an hour over the year', () => {
    for (let day = 0; day < 730; day++) {
      const noon = new Date(Date.UTC(2026, 0, 1 + day, 11));
      const { closesAt, opensAt } = openingAt(daily, noon);
      expect(closesAt?.slice(11, 19)).toBe('20:00:00');
      expect(opensAt).toBeUndefined();
    }
  });
});

describe('a caller far away', () => {
  test('is told the hours of the line, whatever their own date', () => {
    // 6 April 04:30 in Nouméa, 5 April 21:30 in La Réunion: the line is open, on Easter Sunday.
    expect(opening(daily, '2026-04-06T04:30:00+11:00')).toMatchObject({
      state: 'open',
      closesAt: '2026-04-05T20:00:00+02:00',
    });
    expect(opening(daily, '2026-04-05T22:00:00+04:00')).toMatchObject({
      state: 'closed',
      opensAt: '2026-04-06T09:00:00+02:00',
    });
  });

  test('a line of La Réunion keeps its own clock', () => {
    const reunion = aSchedule({ zone: 'Indian/Reunion' });
    expect(opening(reunion, '2026-11-23T05:00:00Z').closesAt).toBe('2026-11-23T20:00:00+04:00');
    expect(opening(reunion, '2026-11-23T16:00:00Z').opensAt).toBe('2026-11-24T09:00:00+04:00');
  });
});

describe('the next working day at 9:30', () => {
  test.each([
    ['a Monday', '2026-11-23T10:00:00+01:00', '2026-11-24T09:30:00+01:00'],
    ['a Friday', '2026-11-27T10:00:00+01:00', '2026-11-30T09:30:00+01:00'],
    ['a Saturday night', '2026-11-28T23:59:59+01:00', '2026-11-30T09:30:00+01:00'],
    ['the eve of 1 May, a Friday', '2026-04-30T08:00:00+02:00', '2026-05-04T09:30:00+02:00'],
    ['Good Friday, before Easter Monday', '2026-04-03T08:00:00+02:00', '2026-04-07T09:30:00+02:00'],
    ['the Friday before the clocks change', '2026-03-27T08:00:00+01:00', '2026-03-30T09:30:00+02:00'],
    ['Christmas Eve, a Thursday', '2026-12-24T08:00:00+01:00', '2026-12-28T09:30:00+01:00'],
    ['a Sunday in London, a Monday in Paris', '2026-11-22T23:30:00Z', '2026-11-24T09:30:00+01:00'],
  ])('after %s', (_, at, expected) => {
    const unknown = aSchedule({ timetables: [] });
    expect(isoIn('Europe/Paris', nextWorkingDayAt(unknown, new Date(at), '09:30'))).toBe(expected);
  });

  test('in Alsace-Moselle, 26 December is not one', () => {
    const strasbourg = { zone: 'Europe/Paris', holidayCalendar: 'alsace_moselle' } as const;
    expect(
      isoIn('Europe/Paris', nextWorkingDayAt(strasbourg, new Date('2025-12-24T12:00:00Z'), '09:30')),
    ).toBe('2025-12-29T09:30:00+01:00');
  });
});

describe('the first moment from then on, on a working day from 10:00 to 18:00', () => {
  test.each([
    ['in the middle of one, that moment', '2026-11-24T11:23:45+01:00', '2026-11-24T11:23:45+01:00'],
    ['before it begins, its beginning', '2026-11-24T03:00:00+01:00', '2026-11-24T10:00:00+01:00'],
    ['at 18:00, the day after', '2026-11-24T18:00:00+01:00', '2026-11-25T10:00:00+01:00'],
    ['on a Friday night, Monday', '2026-11-27T23:00:00+01:00', '2026-11-30T10:00:00+01:00'],
    ['on a holiday, the day after', '2026-11-11T11:00:00+01:00', '2026-11-12T10:00:00+01:00'],
    ['on the Sunday when the clocks change', '2026-10-25T02:30:00+02:00', '2026-10-26T10:00:00+01:00'],
  ])('%s', (_, at, expected) => {
    const hours = { from: '10:00', to: '18:00' };
    const found = workingMomentFrom(aSchedule({ timetables: [] }), new Date(at), hours);
    expect(isoIn('Europe/Paris', found)).toBe(expected);
  });
});
