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

test('the camera and machine code are for the page that reads codes alone', async () => {
  for (const url of [
    '/',
    '/aide',
    '/desk',
    '/connexion',
    '/api/certificates/revocations',
    '/demo/mails',
    '/nowhere',
  ]) {
    const { 'permissions-policy': policy, 'content-security-policy': content } = await headers(url);
    expect([url, policy]).toEqual([url, expect.stringContaining('camera=(), microphone=()')]);
    expect(content).not.toContain('wasm-unsafe-eval');
  }
  const page = await headers('/verifier');
  expect(page['permissions-policy']).toContain('camera=(self), microphone=()');
  const { 'content-security-policy': elsewhere } = await headers('/');
  expect(page['content-security-policy']).toBe(
    String(elsewhere).replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'"),
  );
  expect(page['content-security-policy']).toContain("default-src 'none'");
});

test('the reader of codes is ours to serve, and nothing else of its package', async () => {
  const get = async (path: string) => server.app.inject(`/assets/zxing${path}`);
  expect((await get('/reader/zxing_reader.wasm')).headers['content-type']).toBe('application/wasm');
  expect((await get('/es/reader/index.js')).headers['content-type']).toContain('javascript');
  for (const path of ['/es/index.js', '/reader/', '/full/zxing_full.wasm', '/../package.json']) {
    expect((await get(path)).statusCode).toBe(404);
  }
});

test('a page with protections of its own keeps them', async () => {
  const own = (await headers('/demo/mails'))['content-security-policy'];
  await headers('/health/live');
  expect((await headers('/demo/mails'))['content-security-policy']).toBe(own);
});
