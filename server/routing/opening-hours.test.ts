import { describe, expect, test } from 'vitest';
import { aSchedule, aTimetable, found, opening } from './builders.ts';
import {
  addOpenMinutes,
  isOpen,
  nextClosing,
  nextOpening,
  openingAt,
  openMinutesBetween,
} from './opening-hours.ts';

/** The line of the notice: every day from 9:00 to 20:00 in Paris, public holidays included. */
const daily = aSchedule();
const officeHours = aTimetable(
  [
    ['08:30', '12:30'],
    ['13:30', '17:00'],
  ],
  { weekdays: [1, 2, 3, 4, 5], holidays: 'closed' },
);
const office = aSchedule({ timetables: [officeHours] });

describe('the line of the notice', () => {
  test.each([
    ['2026-11-23T08:59:59.999+01:00', 'closed'],
    ['2026-11-23T09:00:00+01:00', 'open'],
    ['2026-11-23T19:59:59+01:00', 'open'],
    ['2026-11-23T19:59:59.999+01:00', 'open'],
    ['2026-11-23T20:00:00+01:00', 'closed'],
  ])('at %s is %s', (iso, state) => {
    expect(openingAt(daily, new Date(iso)).state).toBe(state);
    expect(isOpen(daily, new Date(iso))).toBe(state === 'open');
  });

  test('says until when it is open, and when it opens', () => {
    expect(opening(daily, '2026-11-23T10:00:00+01:00')).toEqual({
      state: 'open',
      closesAt: '2026-11-23T20:00:00+01:00',
      code: 'regular_hours',
    });
    expect(opening(daily, '2026-11-23T20:00:00+01:00')).toEqual({
      state: 'closed',
      opensAt: '2026-11-24T09:00:00+01:00',
      code: 'regular_hours',
    });
  });

  test.each([
    ['1 May', '2026-05-01', 'labour_day'],
    ['Easter Monday', '2026-04-06', 'easter_monday'],
    ['Christmas', '2026-12-25', 'christmas'],
  ])('is open on %s', (_, date, holiday) => {
    expect(openingAt(daily, new Date(`${date}T10:00:00Z`))).toMatchObject({
      state: 'open',
      reason: { code: 'public_holiday', holiday },
    });
  });
});

describe('office hours', () => {
  test('break for lunch', () => {
    expect(opening(office, '2026-11-23T12:29:59+01:00').closesAt).toBe('2026-11-23T12:30:00+01:00');
    expect(opening(office, '2026-11-23T12:30:00+01:00').opensAt).toBe('2026-11-23T13:30:00+01:00');
    expect(opening(office, '2026-11-23T13:30:00+01:00').closesAt).toBe('2026-11-23T17:00:00+01:00');
  });

  test('skip the week-end', () => {
    expect(opening(office, '2026-11-27T17:00:00+01:00').opensAt).toBe('2026-11-30T08:30:00+01:00');
  });

  test('skip public holidays, and say which', () => {
    expect(openingAt(office, new Date('2026-05-01T10:00:00+02:00'))).toEqual({
      state: 'closed',
      opensAt: '2026-05-04T08:30:00+02:00',
      zone: 'Europe/Paris',
      reason: { code: 'public_holiday', holiday: 'labour_day' },
    });
    expect(opening(office, '2026-04-03T17:00:00+02:00').opensAt).toBe('2026-04-07T08:30:00+02:00');
  });

  test('follow the holidays of their own calendar', () => {
    const strasbourg = aSchedule({ ...office, holidayCalendar: 'alsace_moselle' });
    const goodFriday = new Date('2026-04-03T10:00:00+02:00');
    expect(isOpen(office, goodFriday)).toBe(true);
    expect(isOpen(strasbourg, goodFriday)).toBe(false);
    const reunion = aSchedule({ ...office, zone: 'Indian/Reunion', holidayCalendar: 'reunion' });
    expect(openingAt(reunion, new Date('2027-12-20T10:00:00+04:00')).reason).toEqual({
      code: 'public_holiday',
      holiday: 'abolition_of_slavery',
    });
  });
});

describe('past midnight', () => {
  const evening = aSchedule({
    timetables: [
      {
        ...aTimetable([]),
        weekly: [
          { weekday: 5, opensAt: '20:00', closesAt: '24:00' },
          { weekday: 6, opensAt: '00:00', closesAt: '06:00' },
        ],
      },
    ],
  });

  test('two rows are one opening', () => {
    const start = '2026-11-27T20:00:00+01:00';
    const end = '2026-11-28T06:00:00+01:00';
    expect(found(nextOpening(evening, new Date('2026-11-27T12:00:00+01:00')))).toBe(start);
    expect(found(nextClosing(evening, new Date(start)))).toBe(end);
    expect(found(nextClosing(evening, new Date('2026-11-28T00:00:00+01:00')))).toBe(end);
    expect(found(nextOpening(evening, new Date('2026-11-27T23:59:59+01:00')))).toBe(
      '2026-12-04T20:00:00+01:00',
    );
  });

  test('24:00 alone closes at midnight', () => {
    const untilMidnight = aSchedule({ timetables: [aTimetable([['09:00', '24:00']])] });
    expect(opening(untilMidnight, '2026-11-23T23:59:59+01:00').closesAt).toBe('2026-11-24T00:00:00+01:00');
    expect(opening(untilMidnight, '2026-11-24T00:00:00+01:00').state).toBe('closed');
  });

  test('a line that never closes has no closing to tell, nor an opening to come', () => {
    const always = aSchedule({ timetables: [aTimetable([['00:00', '24:00']])] });
    expect(opening(always, '2026-11-23T03:00:00+01:00')).toEqual({ state: 'open', code: 'regular_hours' });
    expect(found(nextOpening(always, new Date('2026-11-23T03:00:00+01:00')))).toBe('none_within_horizon');
    expect(found(addOpenMinutes(always, new Date('2026-11-23T03:00:00+01:00'), 60 * 24))).toBe(
      '2026-11-24T03:00:00+01:00',
    );
  });
});

describe('a day unlike the others', () => {
  const note = { fr: 'Mouvement social', en: 'Strike' };

  test('closes a day of the week', () => {
    const strike = aSchedule({ exceptions: [{ day: '2026-11-24', intervals: [], note }] });
    expect(openingAt(strike, new Date('2026-11-24T10:00:00+01:00'))).toEqual({
      state: 'closed',
      opensAt: '2026-11-25T09:00:00+01:00',
      zone: 'Europe/Paris',
      reason: { code: 'exception', note },
    });
    expect(opening(strike, '2026-11-23T20:00:00+01:00').opensAt).toBe('2026-11-25T09:00:00+01:00');
  });

  test('opens a holiday, for some hours', () => {
    const special = aSchedule({
      ...office,
      exceptions: [{ day: '2026-05-01', intervals: [{ opensAt: '10:00', closesAt: '12:00' }], note }],
    });
    expect(opening(special, '2026-05-01T11:00:00+02:00')).toEqual({
      state: 'open',
      closesAt: '2026-05-01T12:00:00+02:00',
      code: 'exception',
    });
    expect(opening(special, '2026-05-01T09:00:00+02:00')).toMatchObject({
      state: 'closed',
      opensAt: '2026-05-01T10:00:00+02:00',
      code: 'exception',
    });
  });
});

describe('periods', () => {
  test('another timetable holds from its first day on', () => {
    const summer = aSchedule({
      timetables: [
        aTimetable([['09:00', '20:00']], { validTo: '2026-07-01' }),
        aTimetable([['10:00', '18:00']], { validFrom: '2026-07-01' }),
      ],
    });
    expect(opening(summer, '2026-06-30T19:00:00+02:00').closesAt).toBe('2026-06-30T20:00:00+02:00');
    expect(opening(summer, '2026-06-30T20:00:00+02:00').opensAt).toBe('2026-07-01T10:00:00+02:00');
    expect(opening(summer, '2026-07-01T18:00:00+02:00').state).toBe('closed');
  });

  test('a line that has ended is closed for good, one to come opens on its first day', () => {
    const over = aSchedule({ inService: { validFrom: '2021-01-04', validTo: '2024-06-29' } });
    expect(opening(over, '2024-06-28T19:00:00+02:00').state).toBe('open');
    expect(opening(over, '2024-06-29T10:00:00+02:00')).toEqual({ state: 'closed', code: 'not_in_service' });
    expect(found(nextOpening(over, new Date('2024-06-28T19:00:00+02:00')))).toBe('none_within_horizon');
    expect(opening(over, '2021-01-03T10:00:00+01:00')).toEqual({
      state: 'closed',
      opensAt: '2021-01-04T09:00:00+01:00',
      code: 'not_in_service',
    });
  });
});

describe('unknown hours', () => {
  const unknown = aSchedule({ timetables: [] });
  const morning = new Date('2026-11-23T10:00:00+01:00');

  test('are neither open nor closed, and nothing is counted on them', () => {
    expect(openingAt(unknown, morning)).toEqual({
      state: 'unknown',
      zone: 'Europe/Paris',
      reason: { code: 'hours_unknown' },
    });
    expect(isOpen(unknown, morning)).toBe(false);
    expect(found(nextOpening(unknown, morning))).toBe('hours_unknown');
    expect(found(nextClosing(unknown, morning))).toBe('hours_unknown');
    expect(found(addOpenMinutes(unknown, morning, 1))).toBe('hours_unknown');
    expect(openMinutesBetween(unknown, morning, new Date(morning.getTime() + 60_000))).toBeUndefined();
  });

  test('that are to come stop a search, and do not shorten what is known', () => {
    const untilJuly = aSchedule({
      timetables: [aTimetable([['09:00', '20:00']], { validTo: '2026-07-01' })],
    });
    expect(opening(untilJuly, '2026-06-30T19:00:00+02:00').closesAt).toBe('2026-06-30T20:00:00+02:00');
    expect(opening(untilJuly, '2026-06-30T21:00:00+02:00')).toEqual({
      state: 'closed',
      code: 'regular_hours',
    });
    expect(opening(untilJuly, '2026-07-01T00:00:00+02:00').state).toBe('unknown');

    const night = aSchedule({ timetables: [aTimetable([['20:00', '24:00']], { validTo: '2026-07-01' })] });
    expect(opening(night, '2026-06-30T21:00:00+02:00')).toEqual({ state: 'open', code: 'regular_hours' });
  });

  test('give way to an exception that is known', () => {
    const strike = aSchedule({
      timetables: [],
      exceptions: [{ day: '2026-11-23', intervals: [], note: { fr: 'Grève', en: 'Strike' } }],
    });
    expect(opening(strike, '2026-11-23T10:00:00+01:00')).toEqual({ state: 'closed', code: 'exception' });
  });
});

describe('minutes of opening', () => {
  test('stop at night, at lunch, over a holiday', () => {
    const add = (iso: string, minutes: number, schedule = office) =>
      found(addOpenMinutes(schedule, new Date(iso), minutes));
    expect(add('2026-11-23T12:00:00+01:00', 60)).toBe('2026-11-23T14:00:00+01:00');
    expect(add('2026-11-23T16:30:00+01:00', 60)).toBe('2026-11-24T09:00:00+01:00');
    expect(add('2026-04-30T16:30:00+02:00', 31)).toBe('2026-05-04T08:31:00+02:00');
    expect(add('2026-11-23T07:00:00+01:00', 0)).toBe('2026-11-23T07:00:00+01:00');
    expect(add('2026-11-23T19:30:00+01:00', 30, daily)).toBe('2026-11-23T20:00:00+01:00');
    expect(add('2026-11-23T19:30:00+01:00', 30.5, daily)).toBe('2026-11-24T09:00:30+01:00');
  });

  test('are a count, and there may never be as many', () => {
    expect(() => addOpenMinutes(daily, new Date(0), -1)).toThrow(RangeError);
    expect(() => addOpenMinutes(daily, new Date(0), Number.NaN)).toThrow(RangeError);
    const never = aSchedule({ timetables: [aTimetable([])] });
    expect(found(addOpenMinutes(never, new Date('2026-11-23T12:00:00Z'), 1))).toBe('none_within_horizon');
    expect(found(nextOpening(never, new Date('2026-11-23T12:00:00Z')))).toBe('none_within_horizon');
  });

  test('are counted over years', () => {
    const from = new Date('2026-01-01T00:00:00+01:00');
    const to = new Date('2029-01-01T00:00:00+01:00');
    expect(openMinutesBetween(daily, from, to)).toBe((365 + 365 + 366) * 11 * 60);
    expect(openMinutesBetween(daily, to, from)).toBe(0);
  });
});
