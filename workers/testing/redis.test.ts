import { expect, test } from 'vitest';
import { redisMissing } from './redis.ts';

test('where Redis is not installed its tests are skipped, saying why', () => {
  expect(redisMissing({ PATH: '' })).toBe('redis-server is not installed');
});

test('in CI they are not skipped, and so fail', () => {
  expect(redisMissing({ PATH: '', CI: 'true' })).toBeUndefined();
});
