import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bucketMs, findRises, riseSettings, type SymptomCount } from './find-rises.ts';

const end = new Date('2026-11-23T10:40:00+01:00');

/** So many people for each of the last buckets, the last one first. */
function day(perBucket: readonly number[], symptom = 'code_sms', way = 'ecps'): readonly SymptomCount[] {
  return perBucket.map((sessions, place) => ({
    bucket: new Date(end.getTime() - (place + 1) * bucketMs),
    way,
    symptom,
    sessions,
  }));
}
const steady = (each: number) => Array<number>(72).fill(each);
const days = (today: readonly SymptomCount[], usual: readonly SymptomCount[], count = 7) => [
  today,
  ...Array.from({ length: count }, () => usual),
];

describe('a sudden rise', () => {
  test('is told with when it began and how many usually come', () => {
    const today = day([...Array<number>(12).fill(24), ...Array<number>(60).fill(2)]);
    expect(findRises(days(today, day(steady(2))), end)).toEqual([
      {
        fact: 'symptom',
        value: 'code_sms',
        since: new Date('2026-11-23T09:40:00+01:00'),
        count: 288,
        usual: 24,
      },
    ]);
  });

  test('comes before what rises less, and two that rise alike are always told in one order', () => {
    const rising = (symptom: string, each: number) => day(Array<number>(12).fill(each), symptom);
    const today = [rising('qr_not_read', 10), rising('code_sms', 10), rising('pin_blocked', 20)];
    const usual = today.flatMap(([{ symptom } = { symptom: '' }]) => day(steady(1), symptom));
    const told = (counts: readonly (readonly SymptomCount[])[]) =>
      findRises(days(counts.flat(), usual), end).map(({ value }) => value);
    expect(told(today)).toEqual(['pin_blocked', 'code_sms', 'qr_not_read']);
    expect(told(today.toReversed())).toEqual(told(today));
  });

  test('is none when one becomes three, nor on a day like the others', () => {
    expect(findRises(days(day([3, 0, 0]), day([1, 0, 0])), end)).toEqual([]);
    expect(findRises(days(day(steady(40)), day(steady(40))), end)).toEqual([]);
  });

  test('is told where usually nobody comes, from the floor on', () => {
    expect(findRises(days(day([7, 7]), day([0], 'other')), end)).toEqual([]);
    const [rise] = findRises(days(day([8, 7]), day([0], 'other')), end);
    expect(rise).toMatchObject({ value: 'code_sms', count: 15, usual: 0 });
  });

  test('is not hidden by a breakdown on one of the days before, nor invented where nothing is known', () => {
    const today = day([...Array<number>(6).fill(20)]);
    const usual = day(steady(1));
    const [first, ...others] = days(today, usual);
    expect(findRises([first ?? [], day(steady(300)), ...others.slice(1)], end)).toHaveLength(1);
    expect(findRises(days(today, usual, riseSettings.daysNeeded - 1), end)).toEqual([]);
  });

  test('of a way in is told only where it is not its symptoms’ own', () => {
    const usual = [...day(steady(1), 'code_sms'), ...day(steady(1), 'qr_not_read')];
    const one = [...day(steady(12), 'code_sms'), ...day(steady(1), 'qr_not_read')];
    expect(findRises(days(one, usual), end).map(({ value }) => value)).toEqual(['code_sms']);
    const spread = ['a', 'b', 'c', 'd', 'e', 'f'];
    const few = spread.flatMap((symptom) => day(Array<number>(12).fill(1), symptom));
    const quiet = spread.flatMap((symptom) => day([1], symptom));
    expect(findRises(days(few, quiet), end).map(({ fact, value }) => [fact, value])).toEqual([
      ['way', 'ecps'],
    ]);
  });

  test('needs the floor and the ratio, began within six hours, and is not less for more people', () => {
    const counts = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 12, maxLength: 72 });
    fc.assert(
      fc.property(counts, counts, (today, usual) => {
        const rises = findRises(days(day(today), day(usual)), end).filter(({ fact }) => fact === 'symptom');
        const hour = (of: readonly number[]) => of.slice(0, 12).reduce((sum, each) => sum + each, 0);
        const expected =
          hour(today) >= riseSettings.atLeast && hour(today) >= riseSettings.times * hour(usual);
        expect(rises.length).toBe(expected ? 1 : 0);
        for (const { since, count } of rises) {
          expect(since.getTime()).toBeGreaterThanOrEqual(end.getTime() - 72 * bucketMs);
          expect(since.getTime()).toBeLessThan(end.getTime());
          expect(count).toBeGreaterThanOrEqual(0);
        }
        if (expected) {
          const more = today.map((each) => each + 5);
          expect(findRises(days(day(more), day(usual)), end).length).toBeGreaterThan(0);
        }
      }),
    );
  });
});
