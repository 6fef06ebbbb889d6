import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aSchedule, aTimetable } from './builders.ts';
import {
  addOpenMinutes,
  isOpen,
  nextClosing,
  nextOpening,
  nextWorkingDayAt,
  openingAt,
  openMinutesBetween,
  type Search,
} from './opening-hours.ts';
import { minutesOf, type Schedule } from './schedule.ts';
import { wallClock } from './time-zones.ts';

const zones = [
  'Europe/Paris',
  'Indian/Reunion',
  'Pacific/Noumea',
  'America/Miquelon',
  'America/Santiago',
  'UTC',
];

const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

/** Up to three intervals of a day, none touching another, on quarters of an hour, 24:00 included. */
const someIntervals = fc
  .uniqueArray(fc.integer({ min: 0, max: 96 }), { maxLength: 6 })
  .map((quarters) => quarters.sort((a, b) => a - b).map((quarter) => clock(quarter * 15)))
  .map((times) =>
    times.flatMap((opensAt, index): (readonly [string, string])[] => {
      const closesAt = times[index + 1];
      return index % 2 === 0 && closesAt !== undefined ? [[opensAt, closesAt]] : [];
    }),
  );

const aDay = fc
  .date({ min: new Date('2026-01-01T00:00:00Z'), max: new Date('2027-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

const someSchedule: fc.Arbitrary<Schedule> = fc
  .record({
    zone: fc.constantFrom(...zones),
    holidays: fc.constantFrom('open', 'closed'),
    week: fc.array(someIntervals, { minLength: 7, maxLength: 7 }),
    exceptions: fc.uniqueArray(fc.record({ day: aDay, intervals: someIntervals }), {
      maxLength: 3,
      selector: ({ day }) => day,
    }),
  })
  .map(({ zone, holidays, week, exceptions }) =>
    aSchedule({
      zone,
      timetables: [
        {
          ...aTimetable([], { holidays }),
          weekly: week.flatMap((intervals, index) => aTimetable(intervals, { weekdays: [index + 1] }).weekly),
        },
      ],
      exceptions: exceptions.map(({ day, intervals }) => ({
        day,
        intervals: intervals.map(([opensAt, closesAt]) => ({ opensAt, closesAt })),
        note: { fr: 'Exception', en: 'Exception' },
      })),
    }),
  );

/** Any instant of two years, the days when the clocks change more often than the others. */
const anInstant = fc.oneof(
  fc.date({
    min: new Date('2026-01-01T00:00:00Z'),
    max: new Date('2027-12-31T00:00:00Z'),
    noInvalidDate: true,
  }),
  fc
    .tuple(
      fc.constantFrom(
        '2026-03-29T01:00:00Z',
        '2026-10-25T01:00:00Z',
        '2026-04-05T03:00:00Z',
        '2026-09-06T04:00:00Z',
      ),
      fc.integer({ min: -36 * 60, max: 36 * 60 }),
    )
    .map(([iso, minutes]) => new Date(Date.parse(iso) + minutes * 60_000)),
);

function instantOf(search: Search): Date | undefined {
  return 'found' in search ? search.found : undefined;
}

const runs = { numRuns: 200 };

describe('for any hours, anywhere, at any instant', () => {
  test('openings and closings alternate, each the edge of a state', () => {
    fc.assert(
      fc.property(someSchedule, anInstant, (schedule, at) => {
        const opens = instantOf(nextOpening(schedule, at));
        const closes = instantOf(nextClosing(schedule, at));
        for (const edge of [opens, closes]) {
          if (!edge) continue;
          expect(edge.getTime()).toBeGreaterThan(at.getTime());
          expect(isOpen(schedule, edge)).toBe(edge === opens);
          expect(isOpen(schedule, new Date(edge.getTime() - 1))).toBe(edge === closes);
        }
        if (opens && closes) expect(closes < opens).toBe(isOpen(schedule, at));
        if (opens) {
          const after = instantOf(nextOpening(schedule, opens));
          const between = instantOf(nextClosing(schedule, opens));
          if (after) expect(between && between < after).toBe(true);
        }
      }),
      runs,
    );
  });

  test('the state does not change before the edge that is told', () => {
    fc.assert(
      fc.property(
        someSchedule,
        anInstant,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (schedule, at, part) => {
          const { state, opensAt, closesAt } = openingAt(schedule, at);
          const edge = opensAt ?? closesAt;
          if (edge === undefined) return;
          const between = new Date(Math.floor(at.getTime() + part * (Date.parse(edge) - 1 - at.getTime())));
          expect(openingAt(schedule, between).state).toBe(state);
          expect(openingAt(schedule, new Date(edge)).state).not.toBe(state);
        },
      ),
      runs,
    );
  });

  test('is open as the wall clock says, outside the hours that the clocks skip or repeat', () => {
    fc.assert(
      fc.property(someSchedule, anInstant, (schedule, at) => {
        const local = wallClock(schedule.zone, at);
        const regular = local.hoursInDay === 24;
        const { reason, state } = openingAt(schedule, at);
        if (!regular || reason.code !== 'regular_hours') return;
        const minute = local.hour * 60 + local.minute;
        const expected = schedule.timetables[0]?.weekly.some(
          ({ weekday, opensAt, closesAt }) =>
            weekday === local.dayOfWeek && minutesOf(opensAt) <= minute && minute < minutesOf(closesAt),
        );
        expect(state).toBe(expected ? 'open' : 'closed');
      }),
      runs,
    );
  });

  const someMinutes = fc.integer({ min: 0, max: 5000 });

  test('adding minutes of opening and counting them agree', () => {
    fc.assert(
      fc.property(someSchedule, anInstant, someMinutes, (schedule, at, minutes) => {
        const end = instantOf(addOpenMinutes(schedule, at, minutes));
        if (!end) return;
        expect(openMinutesBetween(schedule, at, end)).toBe(minutes);
        // The earliest such instant: a moment before, the count was not reached.
        if (minutes > 0) {
          const before = new Date(end.getTime() - 1);
          expect(openMinutesBetween(schedule, at, before)).toBeLessThan(minutes);
        }
      }),
      runs,
    );
  });

  test('adding more, or starting later, never ends sooner; adding in two steps is adding at once', () => {
    fc.assert(
      fc.property(someSchedule, anInstant, someMinutes, someMinutes, (schedule, at, one, two) => {
        const first = instantOf(addOpenMinutes(schedule, at, one));
        const both = instantOf(addOpenMinutes(schedule, at, one + two));
        const later = instantOf(addOpenMinutes(schedule, new Date(at.getTime() + two * 60_000), one));
        if (!first || !both || !later) return;
        expect(both >= first).toBe(true);
        expect(later >= first).toBe(true);
        if (two > 0) expect(instantOf(addOpenMinutes(schedule, first, two))).toEqual(both);
      }),
      runs,
    );
  });

  test('the next working day is the first later date from Monday to Friday that is no holiday', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), anInstant, (zone, at) => {
        const calendar = { zone, holidayCalendar: 'metropole' } as const;
        const day = wallClock(zone, nextWorkingDayAt(calendar, at, '09:30'));
        const today = wallClock(zone, at).toPlainDate();
        expect(day.dayOfWeek).toBeLessThanOrEqual(5);
        expect([day.hour, day.minute]).toEqual([9, 30]);
        const away = today.until(day.toPlainDate()).days;
        expect(away).toBeGreaterThanOrEqual(1);
        // The longest run without one: Friday 25 December to Sunday 27, or Easter.
        expect(away).toBeLessThanOrEqual(5);
      }),
      runs,
    );
  });
});
