import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HolidayCalendar } from '../routing/holidays.ts';
import { mayGoOutAt, planCallbackMails, planFollowUps } from './plan.ts';

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

describe('somebody who waits for a correction of their contact details', () => {
  const planned = (openedAt: string, updateDays: number) =>
    planFollowUps({ ...facts, updateDays, openedAt: new Date(openedAt) }).map(({ kind, dueAt }) => [
      kind,
      dueAt.toISOString(),
    ]);

  test('is asked about it after the configured working days', () => {
    // A Thursday: Friday is one, Monday two.
    expect(planned('2026-11-26T15:00:00+01:00', 2)).toEqual([
      ['case_opened', '2026-11-26T14:00:00.000Z'],
      ['did_it_work', '2026-11-27T09:00:00.000Z'],
      ['update_through', '2026-11-30T09:00:00.000Z'],
    ]);
  });

  test('is not asked two questions at once', () => {
    expect(planned('2026-11-26T15:00:00+01:00', 1).map(([kind]) => kind)).toEqual([
      'case_opened',
      'update_through',
    ]);
  });

  test('whenever they ask, and however long the delay, is asked once, on a working day, at 10:00', () => {
    const anInstant = fc.date({
      min: new Date('2026-01-01'),
      max: new Date('2027-12-31'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(anInstant, fc.integer({ min: 1, max: 30 }), (openedAt, updateDays) => {
        const mails = planFollowUps({ ...facts, updateDays, openedAt });
        const updates = mails.filter(({ kind }) => kind === 'update_through');
        expect(updates).toHaveLength(1);
        const due = updates[0]?.dueAt ?? openedAt;
        expect(due > openedAt).toBe(true);
        expect(mayGoOutAt('update_through', due, facts.calendar)).toEqual(due);
        const moments = mails.map(({ dueAt }) => dueAt.getTime());
        expect(new Set(moments).size).toBe(mails.length);
        expect(moments).toEqual([...moments].sort((a, b) => a - b));
      }),
      { numRuns: 200 },
    );
  });
});

describe('the mails about a callback', () => {
  const now = new Date('2026-11-23T10:00:00+01:00');
  const kinds = (kind: Parameters<typeof planCallbackMails>[0], startsAt: string) =>
    planCallbackMails(kind, { id: 7, startsAt: new Date(startsAt) }, now).map((mail) => mail.kind);

  test('tell of it at once, and half an hour before', () => {
    const startsAt = new Date('2026-11-23T14:20:00+01:00');
    expect(planCallbackMails('callback_booked', { id: 7, startsAt }, now)).toEqual([
      { kind: 'callback_booked', round: 7, dueAt: now },
      { kind: 'callback_reminder', round: 7, dueAt: new Date('2026-11-23T13:50:00+01:00') },
    ]);
  });

  test('do not remind of one that was told of within the last half hour', () => {
    expect(kinds('callback_booked', '2026-11-23T10:59:00+01:00')).toEqual(['callback_booked']);
    expect(kinds('callback_moved', '2026-11-23T11:00:00+01:00')).toEqual([
      'callback_moved',
      'callback_reminder',
    ]);
  });

  test('do not remind of one that is off', () => {
    expect(kinds('callback_cancelled', '2026-11-24T14:20:00+01:00')).toEqual(['callback_cancelled']);
    expect(kinds('callback_withdrawn', '2026-11-24T14:20:00+01:00')).toEqual(['callback_withdrawn']);
  });

  test.each(['did_it_work', 'update_through'] as const)(
    '"%s" is not asked before it: the working day after',
    (kind) => {
      const endsAt = new Date('2026-11-23T14:40:00+01:00');
      expect(mayGoOutAt(kind, now, facts.calendar, { endsAt })).toEqual(
        new Date('2026-11-24T10:00:00+01:00'),
      );
      expect(mayGoOutAt(kind, now, facts.calendar, { endsAt: now })).toEqual(now);
      expect(mayGoOutAt('callback_reminder', now, facts.calendar, { endsAt })).toEqual(now);
    },
  );
});
