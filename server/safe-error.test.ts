import { DrizzleQueryError } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { safeError } from './safe-error.ts';

test('a failed query keeps its words and its code, and loses its parameters', () => {
  const cause = Object.assign(new Error('connection terminated'), { code: '57P01' });
  const error = new DrizzleQueryError('select $1', ['camille@exemple.test', 'Camille'], cause);
  const safe = safeError(error);
  expect(safe.message).toContain('select $1');
  expect(safe.code).toBe('57P01');
  expect(`${safe.message}${safe.stack}${safe.cause}`).not.toMatch(/camille/i);
  expect(safe.stack).toContain('safe-error.test.ts');
});

test('an answer of a mail server loses the address it repeats', () => {
  const safe = safeError(new Error('550 5.1.1 <camille.durand@exemple.test>: no such user'));
  expect(safe.message).toBe('550 5.1.1 <[address]>: no such user');
  expect(safe.stack).not.toContain('camille');
});

test('what is not an error says nothing of itself', () => {
  expect(safeError('camille@exemple.test').message).not.toContain('camille');
});
