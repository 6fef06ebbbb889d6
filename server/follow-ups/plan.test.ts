import { describe, expect, test } from 'vitest';
import type { HolidayCalendar } from '../routing/holidays.ts';
import { planFollowUps } from './plan.ts';

const facts = {
  hasEmail: true,
  consent: true,
  calendar: { zone: 'Europe/Paris', holidayCalendar: 'metropole' as HolidayCalendar },
};

/** When "did it work?" is asked, on the hotline's wall clock and in UTC. */
function askedAt(openedAt: string, calendar = facts.calendar): string | undefined {
  const mails = planFollowUps({ ...facts, calendar, openedAt: new Date(openedAt) });
  return mails.find(({ kind }) => kind === 'did_it_work')?.dueAt.toISOString();
}

test('a case is told of at once, and asked about once', () => {
  const openedAt = new Date('2026-11-23T10:00:00+01:00');
  expect(planFollowUps({ ...facts, openedAt })).toEqual([
    { kind: 'case_opened', round: 1, dueAt: openedAt },
    { kind: 'did_it_work', round: 1, dueAt: new Date('2026-11-24T10:00:00+01:00') },
  ]);
});

test.each([
  ['without an address', { hasEmail: false }],
  ['without consent', { consent: false }],
])('%s nothing is planned', (_why, missing) => {
  const openedAt = new Date('2026-11-23T10:00:00+01:00');
  expect(planFollowUps({ ...facts, ...missing, openedAt })).toEqual([]);
});

describe('"did it work?" is asked on the next working day at 10:00 in the hotline’s zone', () => {
  test.each([
    ['Thursday → Friday', '2026-11-26T15:00:00+01:00', '2026-11-27T09:00:00.000Z'],
    ['Friday → Monday', '2026-11-27T15:00:00+01:00', '2026-11-30T09:00:00.000Z'],
    ['Saturday → Monday', '2026-11-28T15:00:00+01:00', '2026-11-30T09:00:00.000Z'],
    ['Sunday → Monday', '2026-11-29T08:00:00+01:00', '2026-11-30T09:00:00.000Z'],
    ['23:59 → the next morning', '2026-11-23T23:59:00+01:00', '2026-11-24T09:00:00.000Z'],
    ['00:00 → a day and ten hours later', '2026-11-24T00:00:00+01:00', '2026-11-25T09:00:00.000Z'],
    ['the eve of 1 May, a Friday → Monday', '2026-04-30T15:00:00+02:00', '2026-05-04T08:00:00.000Z'],
    ['before Easter Monday → Tuesday', '2026-04-03T15:00:00+02:00', '2026-04-07T08:00:00.000Z'],
    ['Christmas Eve, a Thursday → Monday', '2026-12-24T15:00:00+01:00', '2026-12-28T09:00:00.000Z'],
    ['the Friday before summer time → Monday', '2026-03-27T15:00:00+01:00', '2026-03-30T08:00:00.000Z'],
    ['the Friday before winter time → Monday', '2026-10-23T15:00:00+02:00', '2026-10-26T09:00:00.000Z'],
    ['01:30 of the summer-time Sunday', '2026-03-29T01:30:00+01:00', '2026-03-30T08:00:00.000Z'],
  ])('%s', (_case, openedAt, expected) => {
    expect(askedAt(openedAt)).toBe(expected);
  });

  test('the day is the hotline’s, not the caller’s: late in La Réunion is still the same day in Paris', () => {
    expect(askedAt('2026-11-24T01:30:00+04:00')).toBe('2026-11-24T09:00:00.000Z');
  });

  test('a line elsewhere follows its own clock and holidays', () => {
    const calendar = { zone: 'Indian/Reunion', holidayCalendar: 'reunion' as HolidayCalendar };
    expect(askedAt('2027-12-17T15:00:00+04:00', calendar)).toBe('2027-12-21T06:00:00.000Z');
    expect(askedAt('2027-12-17T15:00:00+04:00')).toBe('2027-12-20T09:00:00.000Z');
  });
});
