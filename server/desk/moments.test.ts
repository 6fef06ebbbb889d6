import { expect, test } from 'vitest';
import { shortMoment } from './moments.ts';

const now = new Date('2026-11-23T10:00:00+01:00');

test.each([
  ['2026-11-23T00:00:00+01:00', '00:00', '00:00'],
  ['2026-11-22T23:59:00+01:00', '22 nov., 23:59', '22 Nov, 23:59'],
  ['2025-12-31T23:30:00Z', '1 janv., 00:30', '1 Jan, 00:30'],
  ['2025-12-31T22:30:00Z', '31 déc. 2025, 23:30', '31 Dec 2025, 23:30'],
])('%s is %s', (at, fr, en) => {
  expect(shortMoment(at, now, 'fr')).toBe(fr);
  expect(shortMoment(at, now, 'en')).toBe(en);
});
