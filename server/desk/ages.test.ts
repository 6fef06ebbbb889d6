import { expect, test } from 'vitest';
import { ageInWords, clockOffset } from '../../templates/assets/desk/ages.js';

const minute = 60_000;

test.each([
  [0, '0 min', '0 min'],
  [59_999, '0 min', '0 min'],
  [12 * minute, '12 min', '12 min'],
  [59 * minute, '59 min', '59 min'],
  [60 * minute, '1 h 0 min', '1 hr 0 min'],
  [(23 * 60 + 59) * minute, '23 h 59 min', '23 hr 59 min'],
  [24 * 60 * minute, '1 j 0 h', '1 day 0 hr'],
  [(49 * 60 + 5) * minute, '2 j 1 h', '2 days 1 hr'],
  [-5 * minute, '0 min', '0 min'],
])('%i milliseconds are %s', (age, fr, en) => {
  const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');
  expect(plain(ageInWords(1000, 1000 + age, 'fr'))).toBe(fr);
  expect(plain(ageInWords(1000, 1000 + age, 'en'))).toBe(en);
});

test('a browser whose clock is wrong counts on the server’s', () => {
  const server = '2026-11-23T10:00:00.000Z';
  const right = Date.parse(server);
  expect(clockOffset(server, right + 3_600_000)).toBe(-3_600_000);
  expect(clockOffset(server, right + 1500)).toBe(0);
  expect(clockOffset('', right)).toBe(0);
});
