import { describe, expect, test } from 'vitest';
import { aCase, anAgent, signedIn } from '../testing/builders.ts';
import { testApp } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);
const lines = '/api/desk/hotlines';
const rulesPath = '/api/desk/routing-rules';

async function caller(role: 'agent' | 'supervisor') {
  const agent = await anAgent(database.db, { role, name: 'Sophie' });
  const cookie = await signedIn(server, agent);
  return async (method: 'GET' | 'PUT' | 'POST', url: string, payload?: object) => {
    const answer = await server.app.inject({
      method,
      url,
      headers: { cookie, 'accept-language': 'fr' },
      ...(payload && { payload }),
    });
    return { status: answer.statusCode, body: answer.json() };
  };
}

describe('lines', () => {
  test('are read by whoever is signed in, and edited by supervisors', async () => {
    const agent = await caller('agent');
    const { status, body } = await agent('GET', `${lines}/liberaux`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: 'liberaux', version: 0, phone: '3608', timetables: [] });
    const { id: _, ...document } = body;
    for (const [method, url, payload] of [
      ['PUT', `${lines}/liberaux`, document],
      ['POST', lines, body],
      ['POST', `${lines}/liberaux/preview`, document],
      ['PUT', rulesPath, (await agent('GET', rulesPath)).body],
      ['POST', `${rulesPath}/preview`, { rules: [] }],
    ] as const) {
      const refused = await agent(method, url, payload);
      expect(refused.status, url).toBe(403);
      expect(refused.body.type).toBe('/problems/supervisors-only');
    }
    for (const url of [lines, `${lines}/liberaux`, `${lines}/liberaux/history`, rulesPath]) {
      expect((await server.app.inject({ url })).statusCode, url).toBe(401);
    }
    expect((await agent('GET', `${lines}/nowhere`)).status).toBe(404);
  });

  test('are replaced whole, with a history, and not over somebody else’s edit', async () => {
    const call = await caller('supervisor');
    const { id: _, ...read } = (await call('GET', `${lines}/liberaux`)).body;
    const weekly = [{ weekday: 1, opensAt: '22:00', closesAt: '24:00' }];
    const timetables = [{ validFrom: null, validTo: null, holidays: 'closed', weekly }];
    const { version, ...document } = { ...read, timetables };
    const preview = await call('POST', `${lines}/liberaux/preview`, document);
    expect(preview.body[0]).toMatchObject({
      date: '2026-11-23',
      state: 'open',
      open: [{ opensAt: '22:00', closesAt: '24:00' }],
    });
    expect(preview.body).toHaveLength(14);

    const saved = await call('PUT', `${lines}/liberaux`, { version, ...document });
    expect(saved.body).toMatchObject({ version: version + 1, timetables });
    expect((await call('PUT', `${lines}/liberaux`, { version, ...document })).body).toMatchObject({
      status: 409,
      version: version + 1,
    });
    const history = await call('GET', `${lines}/liberaux/history`);
    expect(history.body[0]).toMatchObject({
      by: 'Sophie',
      facts: [{ label: 'Horaires sans date de début', after: expect.stringContaining('22:00–24:00') }],
    });
    await call('PUT', `${lines}/liberaux`, { ...read, version: version + 1 });
  });

  test('are refused by naming every field', async () => {
    const call = await caller('supervisor');
    const { id: _, ...read } = (await call('GET', `${lines}/liberaux`)).body;
    const hours = (opensAt: string, closesAt: string) => ({ weekday: 2, opensAt, closesAt });
    const timetables = [
      { validFrom: null, validTo: '2027-01-01', holidays: 'open', weekly: [hours('9:00', '12:00')] },
      { validFrom: '2026-12-01', validTo: null, holidays: 'open', weekly: [hours('12:00', '09:00')] },
    ];
    const { status, body } = await call('PUT', `${lines}/liberaux`, {
      ...read,
      zone: 'Paris',
      timetables,
    });
    expect(status).toBe(422);
    expect(body.errors.map(({ path }: { path: string }) => path)).toEqual([
      '/zone',
      '/timetables/0/weekly/0/opensAt',
      '/timetables/1/weekly/0/closesAt',
      '/timetables/1/validFrom',
    ]);
    expect((await call('PUT', `${lines}/liberaux`, { ...read, colour: 'red' })).status).toBe(400);
  });

  test('are added', async () => {
    const call = await caller('supervisor');
    const { version: _, ...read } = (await call('GET', `${lines}/liberaux`)).body;
    expect((await call('POST', lines, { ...read, id: 'api' })).body).toMatchObject({ id: 'api', version: 1 });
    expect((await call('POST', lines, { ...read, id: 'api' })).body.errors[0].path).toBe('/id');
    expect((await call('GET', lines)).body).toHaveLength(3);
  });
});

describe('rules', () => {
  test('are replaced whole once they leave nobody out', async () => {
    const call = await caller('supervisor');
    const moved = await aCase(database.db, { setting: 'other', mode: 'B' });
    const read = (await call('GET', rulesPath)).body;
    const rules = [...read.rules.slice(0, -1), { ...read.rules.at(-1), hotline: 'liberaux' }];
    const effect = await call('POST', `${rulesPath}/preview`, { rules });
    expect(effect.body.comparisons[0].moved).toEqual([
      { from: 'etablissements', to: 'liberaux', count: 1, examples: [moved.number] },
    ]);
    expect(effect.body.holes).toEqual([]);

    const holes = await call('PUT', rulesPath, { ...read, rules: read.rules.slice(0, -1) });
    expect(holes.status).toBe(422);
    expect(holes.body.holes[0]).toMatchObject({ setting: 'practice', mode: 'B' });
    const saved = await call('PUT', rulesPath, { ...read, rules });
    expect(saved.body).toEqual({ version: read.version + 1, rules });
    expect((await call('PUT', rulesPath, { ...read, rules })).status).toBe(409);
    expect((await call('GET', `${rulesPath}/history`)).body[0]).toMatchObject({ by: 'Sophie' });
    expect((await call('PUT', rulesPath, { version: 1, rules: [] })).status).toBe(400);
  });
});

test('all of it is described', async () => {
  const { paths } = (await server.app.inject({ url: '/openapi.json' })).json();
  expect(Object.keys(paths[`${lines}/{id}`])).toEqual(expect.arrayContaining(['get', 'put']));
  expect(Object.keys(paths[rulesPath])).toEqual(expect.arrayContaining(['get', 'put']));
});
