import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { formField, registerForms } from './forms.ts';

const database = testDatabase();
const server = testApp(database);

/** Asks for a routing decision: a route that anybody may ask, with a body of several levels. */
function decide(payload: string) {
  const headers = { 'content-type': 'application/json' };
  return server.app.inject({ method: 'POST', url: '/api/routing/decision', headers, payload });
}

describe('a JSON body', () => {
  it('with thousands of faults is told the first', async () => {
    const response = await decide(
      JSON.stringify({ practitioner: { activities: new Array(20_000).fill({}) } }),
    );
    expect(response.statusCode).toBe(400);
    expect(response.json().errors).toHaveLength(1);
  });

  it('over 64 KB is refused unread', async () => {
    const response = await decide(JSON.stringify({ practitioner: { rpps: 'x'.repeat(64 * 1024) } }));
    expect([response.statusCode, response.json().type]).toEqual([413, '/problems/too-large']);
  });

  it.each([
    ['lists', '[', ']'],
    ['objects', '{"a":', '}'],
  ])('nested too deep in %s is a bad request', async (_, open, close) => {
    const depth = 30_000 / open.length;
    const response = await decide(`${open.repeat(depth)}1${close.repeat(depth)}`);
    expect([response.statusCode, response.json().type]).toEqual([400, '/problems/invalid']);
  });

  it.each([
    ['a name', '{"a":{"b\\u0000":1}}', '/a'],
    ['a text in a list', '{"a":["b","\\ud83d"]}', '/a/1'],
  ])('with %s that cannot be stored is told where', async (_, payload, path) => {
    const response = await decide(payload);
    expect(response.statusCode).toBe(400);
    expect(response.json().errors).toEqual([{ path, message: expect.stringContaining('caractère') }]);
  });
});

describe('a form', () => {
  it('is read up to its thousandth field', async () => {
    const app = Fastify();
    await registerForms(app);
    app.post('/', async ({ body }) => ({
      fields: Object.keys(body as object).length,
      first: formField(body, 'f0'),
    }));
    const payload = Array.from({ length: 10_000 }, (_, n) => `f${n}=a+%C3%A9`).join('&');
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await app.inject({ method: 'POST', url: '/', headers, payload });
    expect(response.json()).toEqual({ fields: 1000, first: 'a é' });
    await app.close();
  });
});
