import { expect, test } from 'vitest';
import { testApp } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';

const server = testApp(testDatabase());

/** What an answer says to browsers about itself, without what differs from one answer to the next. */
async function headers(url: string) {
  const { headers: all } = await server.app.inject(url);
  const { date: _date, 'content-length': _length, ...same } = all;
  return Object.fromEntries(Object.entries(same).filter(([name]) => !name.startsWith('x-ratelimit')));
}

test('every answer carries the same protections, the first and those after it', async () => {
  const first = await headers('/health/live');
  expect(first['content-security-policy']).toContain("default-src 'none'");
  expect(first['x-content-type-options']).toBe('nosniff');
  expect(await headers('/health/live')).toEqual(first);
  expect((await headers('/'))['content-security-policy']).toBe(first['content-security-policy']);
});

test('a page with protections of its own keeps them', async () => {
  const own = (await headers('/demo/mails'))['content-security-policy'];
  await headers('/health/live');
  expect((await headers('/demo/mails'))['content-security-policy']).toBe(own);
});
