import { expect, test } from 'vitest';
import { testTexts } from './testing/test-app.ts';

test.each([
  ['fr', '4\u202f000'],
  ['en', '4,000'],
] as const)('in %s, how many is written %s', (language, written) => {
  expect(testTexts.say(language, 'tracking.write_hint', { limit: 4000 })).toContain(written);
});

test('a number that names something is left as it is', () => {
  expect(testTexts.say('fr', 'incidents.desk.badge', { id: 4000 })).toContain('4000');
});
