import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aHotline, aSchedule, aTimetable, theNotice } from './builders.ts';
import { checkHotline, overlap } from './check-hotline.ts';
import { documentOf, hotlineOf, placeTimetable } from './hotline-document.ts';
import { dayOf } from './schedule.ts';
import { startOfDate, wallClock } from './time-zones.ts';
import { readHours, writeHours } from './typed-hours.ts';

test('a line and its document are the same thing', () => {
  for (const line of theNotice().hotlines) expect(hotlineOf(line.id, documentOf(line))).toEqual(line);
});

describe('hours from a day on', () => {
  const date = fc.integer({ min: 0, max: 23 }).map((month) => {
    const two = String((month % 12) + 1).padStart(2, '0');
    return `${2026 + Math.floor(month / 12)}-${two}-01`;
  });
  const someHours = { holidays: 'open', weekly: aTimetable([['10:00', '11:00']]).weekly } as const;
  const day = (iso: string) => wallClock('Europe/Paris', startOfDate('Europe/Paris', iso)).toPlainDate();

  test('leave every date outside their period as it was, and never overlap what held on', () => {
    fc.assert(
      fc.property(date, fc.option(date), fc.option(date), date, (from, to, first, asked) => {
        fc.pre(to === null || from < to);
        fc.pre(first === null || first < from);
        const before = [aTimetable([['09:00', '20:00']], { validFrom: first })];
        const after = placeTimetable(before, { validFrom: from, validTo: to }, someHours);
        const document = documentOf(aHotline({ schedule: aSchedule({ timetables: after }) }));
        expect(checkHotline(document)).toEqual([]);
        const inside = from <= asked && (to === null || asked < to);
        const [was, is] = [before, after].map(
          (timetables) => dayOf(aSchedule({ timetables }), day(asked)).open,
        );
        if (inside) expect(is).toHaveLength(1);
        if (inside) expect(is).not.toEqual(was);
        else expect(is).toEqual(was);
      }),
      { numRuns: 200 },
    );
  });

  test('that are unknown leave the period to nobody', () => {
    const before = [aTimetable([['09:00', '20:00']])];
    const after = placeTimetable(before, { validFrom: '2027-01-01', validTo: null }, undefined);
    expect(after).toEqual([{ ...before[0], validTo: '2027-01-01' }]);
  });
});

test('half-open periods that only touch do not overlap', () => {
  const until = { validFrom: null, validTo: '2027-01-01' };
  expect(overlap(until, { validFrom: '2027-01-01', validTo: null })).toBe(false);
  expect(overlap(until, { validFrom: '2026-12-31', validTo: null })).toBe(true);
  expect(overlap(until, { validFrom: null, validTo: null })).toBe(true);
});

describe('hours as they are typed', () => {
  const span = (opensAt: string, closesAt: string) => ({ opensAt, closesAt });
  test.each([
    ['9:00-12:30, 13:30-20:00', [span('09:00', '12:30'), span('13:30', '20:00')]],
    ['9h-12h30 et 14 h à 24h', [span('09:00', '12:30'), span('14:00', '24:00')]],
    ['08.15 – 9', [span('08:15', '09:00')]],
    ['0-24', [span('00:00', '24:00')]],
    ['9 to 10 and 11 to 12', [span('09:00', '10:00'), span('11:00', '12:00')]],
    ['', []],
    ['Fermé', []],
    [' closed ', []],
  ])('%s', (typed, expected) => expect(readHours(typed)).toEqual(expected));

  test.each(['matin', '9', '9-', '9:00-25:00', '24:01-24:30', '9:60-10:00', '9-12,', '9-12-14'])(
    '%s is none',
    (typed) => expect(readHours(typed)).toBe(undefined),
  );

  test('are read again as they were written', () => {
    const time = fc
      .integer({ min: 0, max: 96 })
      .map((quarter) =>
        [Math.floor(quarter / 4), (quarter % 4) * 15].map((each) => String(each).padStart(2, '0')).join(':'),
      );
    fc.assert(
      fc.property(fc.array(fc.record({ opensAt: time, closesAt: time })), (intervals) => {
        expect(readHours(writeHours(intervals))).toEqual(intervals);
      }),
    );
  });
});
