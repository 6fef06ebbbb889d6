import { describe, expect, it } from 'vitest';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);

describe.each([
  ['badly encoded', '%zz', 400],
  ['too long', 'a'.repeat(300), 414],
])('an address that is %s', (_, part, status) => {
  it('is refused with a page like any other', async () => {
    const answer = await server.app.inject({ url: `/suivi/${part}`, headers: { 'accept-language': 'fr' } });
    const other = await server.app.inject({ url: '/suivi/unknown' });
    expect(answer.statusCode).toBe(status);
    expect(answer.body).toContain('<html lang="fr"');
    expect(answer.body).not.toContain(part);
    for (const header of ['content-type', 'content-security-policy', 'referrer-policy', 'cache-control'])
      expect([header, answer.headers[header]]).toEqual([header, other.headers[header]]);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('is refused with a problem to a program', async () => {
    const url = `/api/wizard/sessions/${part}`;
    const answer = await server.app.inject({ url, headers: { 'accept-language': 'en' } });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({ type: '/problems/bad-request', title: 'Unreadable request' });
    expect(answer.headers['cache-control']).toBe('no-store');
  });
});

describe('the server', () => {
  it('does not wait for ever for a request', () => {
    expect(server.app.server.requestTimeout).toBe(60_000);
  });
});
