import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aSchedule, aTimetable } from '../routing/builders.ts';
import { isOpen } from '../routing/opening-hours.ts';
import { isoIn } from '../routing/time-zones.ts';
import { isStillOpen, slotAt, slotsOf } from './slots.ts';

const terms = { slotMinutes: 20, places: 2, noticeMinutes: 30, days: 7 };
/** Every day from 9:00 to 20:00 in Paris, public holidays included. */
const daily = aSchedule();
const weekdays = aSchedule({
  timetables: [aTimetable([['09:00', '17:00']], { weekdays: [1, 2, 3, 4, 5], holidays: 'closed' })],
});

function starts(schedule: typeof daily, at: string, days = 1): readonly string[] {
  return slotsOf(schedule, { ...terms, days }, new Date(at)).slots.map(({ startsAt }) =>
    isoIn('Europe/Paris', startsAt),
  );
}

describe('the slots of a line', () => {
  test('fill its opening hours, half an hour from now at the soonest', () => {
    const slots = starts(daily, '2026-11-23T10:00:00+01:00');
    expect(slots[0]).toBe('2026-11-23T10:40:00+01:00');
    expect(slots.at(-1)).toBe('2026-11-23T19:40:00+01:00');
    expect(slots).toHaveLength(28);
  });

  test('end with the opening: a slot that does not fit is none', () => {
    const short = aSchedule({ timetables: [aTimetable([['09:00', '10:30']])] });
    expect(starts(short, '2026-11-23T08:00:00+01:00')).toEqual([
      '2026-11-23T09:00:00+01:00',
      '2026-11-23T09:20:00+01:00',
      '2026-11-23T09:40:00+01:00',
      '2026-11-23T10:00:00+01:00',
    ]);
  });

  test.each([
    ['spring', '2026-03-29T00:10:00+01:00', '+02:00'],
    ['autumn', '2026-10-25T00:10:00+02:00', '+01:00'],
  ])('keep to the wall clock on the Sunday of %s', (_, at, offset) => {
    const slots = starts(daily, at);
    expect(slots).toHaveLength(33);
    expect(slots[0]?.slice(11)).toBe(`09:00:00${offset}`);
    expect(slots.at(-1)?.slice(11)).toBe(`19:40:00${offset}`);
  });

  test('skip the weekend and a public holiday of a line that keeps them', () => {
    const days = new Set(starts(weekdays, '2026-12-24T18:00:00+01:00', 5).map((iso) => iso.slice(0, 10)));
    expect([...days]).toEqual(['2026-12-28']);
  });

  test('follow an exception', () => {
    const note = { fr: 'Grève', en: 'Strike' };
    const struck = aSchedule({ exceptions: [{ day: '2026-11-23', intervals: [], note }] });
    expect(starts(struck, '2026-11-23T10:00:00+01:00')).toEqual([]);
    const later = aSchedule({
      exceptions: [{ day: '2026-11-23', intervals: [{ opensAt: '18:00', closesAt: '18:40' }], note }],
    });
    expect(starts(later, '2026-11-23T10:00:00+01:00')).toHaveLength(2);
  });

  test('are none, and said to be unknown, where the hours are', () => {
    const unknown = aSchedule({ timetables: [] });
    expect(slotsOf(unknown, terms, new Date('2026-11-23T10:00:00+01:00'))).toEqual({
      slots: [],
      unknown: true,
    });
  });

  test('for any hour and length lie within the opening, do not overlap, and are found again by their beginning', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2026-01-01'), max: new Date('2027-12-31'), noInvalidDate: true }),
        fc.constantFrom(5, 10, 15, 20, 30, 60),
        fc.constantFrom('Europe/Paris', 'Indian/Reunion', 'America/Miquelon'),
        (at, slotMinutes, zone) => {
          const given = { ...terms, slotMinutes, days: 3 };
          const schedule = aSchedule({ zone });
          const { slots } = slotsOf(schedule, given, at);
          for (const [place, slot] of slots.entries()) {
            expect(isOpen(schedule, slot.startsAt)).toBe(true);
            expect(isOpen(schedule, new Date(slot.endsAt.getTime() - 1))).toBe(true);
            expect(isStillOpen(schedule, slot)).toBe(true);
            const before = slots[place - 1];
            if (before) expect(before.endsAt <= slot.startsAt).toBe(true);
            expect(slotAt(schedule, given, slot.startsAt, at)).toEqual(slot);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a slot that somebody asks for', () => {
  const at = new Date('2026-11-23T10:00:00+01:00');
  const ask = (iso: string) => slotAt(daily, terms, new Date(iso), at);

  test('may be nearer than those offered: it was seen a while ago', () => {
    expect(ask('2026-11-23T10:20:00+01:00')).toBeDefined();
  });

  test.each([
    ['in the past', '2026-11-23T09:40:00+01:00'],
    ['at once', '2026-11-23T10:00:00+01:00'],
    ['between two', '2026-11-23T14:21:00+01:00'],
    ['when the line is closed', '2026-11-23T20:00:00+01:00'],
    ['far away', '2026-12-23T14:20:00+01:00'],
  ])('%s is none', (_, iso) => {
    expect(ask(iso)).toBeUndefined();
  });
});
