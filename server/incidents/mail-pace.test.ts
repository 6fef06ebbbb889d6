import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testDatabase } from '../testing/test-database.ts';
import { type Allowance, takeFrom, takeMails } from './mail-pace.ts';

const database = testDatabase();
const start = new Date('2026-11-23T10:00:00+01:00').getTime();

test('over any stretch of time no more leaves than the pace and one burst', () => {
  const steps = fc.array(
    fc.record({ wait: fc.integer({ min: 0, max: 30_000 }), wanted: fc.integer({ min: 0, max: 300 }) }),
    {
      maxLength: 60,
    },
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6000 }), steps, (perMinute, asked) => {
      let state: Allowance = { allowance: 0, at: new Date(start) };
      let now = start;
      const taken: { at: number; granted: number }[] = [];
      for (const { wait, wanted } of asked) {
        now += wait;
        const { granted, left } = takeFrom(state, { wanted, perMinute, now: new Date(now) });
        expect(granted).toBeLessThanOrEqual(wanted);
        state = left;
        taken.push({ at: now, granted });
      }
      const burst = Math.max(1, perMinute / 12);
      for (const [from, first] of taken.entries()) {
        let sum = 0;
        for (const { at, granted } of taken.slice(from)) {
          sum += granted;
          expect(sum).toBeLessThanOrEqual(burst + ((at - first.at) * perMinute) / 60_000 + 0.01);
        }
      }
    }),
  );
});

test('who waits gets the pace in the end', () => {
  let state: Allowance = { allowance: 0, at: new Date(start) };
  let sent = 0;
  for (let second = 1; second <= 600; second += 1) {
    const { granted, left } = takeFrom(state, {
      wanted: 200,
      perMinute: 90,
      now: new Date(start + second * 1000),
    });
    sent += granted;
    state = left;
  }
  expect(sent).toBeGreaterThanOrEqual(899);
  expect(sent).toBeLessThanOrEqual(908);
});

test('ten workers at once take no more than one would', async () => {
  const now = new Date(start);
  const granted = await Promise.all(
    Array.from({ length: 10 }, () => takeMails(database.db, { wanted: 40, perMinute: 600, now })),
  );
  expect(granted.reduce((sum, each) => sum + each)).toBe(50);
  expect(await takeMails(database.db, { wanted: 40, perMinute: 600, now })).toBe(0);
});
