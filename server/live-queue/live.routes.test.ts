import { eq } from 'drizzle-orm';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { caseEvents, caseMessages, cases } from '#server/cases/cases.table.ts';
import { type CaseRecord, changeCase } from '#server/cases/change-case.ts';
import { aCase, anAgent, signedIn, type TestAgent } from '#server/testing/builders.ts';
import { addressOf, type LiveClient, type LiveWish, liveClient } from '#server/testing/live-client.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);
let agent: TestAgent;
let cookie: string;
let open: LiveClient[] = [];

beforeAll(async () => {
  await server.app.listen({ port: 0, host: '127.0.0.1' });
  agent = await anAgent(database.db, {
    name: 'Alice',
    hotlines: ['etablissements', 'liberaux'],
    capacity: 99,
  });
  cookie = await signedIn(server, agent);
});

beforeEach(async () => {
  await database.db.delete(caseMessages);
  await database.db.delete(caseEvents);
  await database.db.delete(cases);
});

afterEach(async () => {
  await Promise.all(open.map((client) => client.end()));
  open = [];
});

async function connect(wish: LiveWish = {}): Promise<LiveClient> {
  const client = await liveClient(server.app, { cookie, ...wish });
  open.push(client);
  return client;
}

/** A client that has its snapshot. */
async function watching(wish: LiveWish = {}) {
  const client = await connect(wish);
  client.say({ type: 'resume' });
  return Object.assign(client, { snapshot: await client.next('snapshot') });
}

async function post(path: string, payload: object = {}): Promise<number> {
  const url = `/api/cases/${path}`;
  const answer = await server.app.inject({ method: 'POST', url, headers: { cookie }, payload });
  return answer.statusCode;
}

/** Opens a case as the practitioner's side does, and rings. */
async function arrive(overrides: Parameters<typeof aCase>[1] = {}): Promise<CaseRecord> {
  const opened = await aCase(database.db, overrides);
  server.deps.doorbell.ring();
  return opened;
}

describe('the connection is refused before it is made', () => {
  const status = (wish: LiveWish) => connect(wish).catch((error: { status?: number }) => error.status);

  test('without a session, or with a session that is over', async () => {
    expect(await status({ cookie: '' })).toBe(401);
    const other = await signedIn(server, await anAgent(database.db));
    await server.app.inject({ method: 'DELETE', url: '/api/agents/session', headers: { cookie: other } });
    expect(await status({ cookie: other })).toBe(401);
    expect(await status({ cookie: `${cookie}x` })).toBe(401);
  });

  test('from a page of another site, and not from ours', async () => {
    expect(await status({ origin: 'https://ailleurs.test' })).toBe(403);
    expect(await status({ origin: 'null' })).toBe(403);
    expect(await connect({ origin: server.deps.config.publicUrl })).toBeDefined();
    expect(await connect({ origin: `http://${addressOf(server.app)}` })).toBeDefined();
  });

  test('for a hotline that the agent does not answer, or that is not named', async () => {
    const other = await signedIn(server, await anAgent(database.db));
    expect(await status({ cookie: other, hotline: 'liberaux' })).toBe(403);
    expect(await status({ hotline: 'nulle-part' })).toBe(403);
    expect(await status({ hotline: '' })).toBe(403);
    expect(await status({ query: '&unknown=1' })).toBe(400);
  });

  test('when it is no WebSocket', async () => {
    const answer = await server.app.inject({ url: '/api/live?hotline=liberaux', headers: { cookie } });
    expect(answer.statusCode).toBe(426);
    expect(answer.json().type).toBe('/problems/websocket-needed');
  });
});

describe('what a client says', () => {
  test.each([
    ['nothing that is JSON', 'bonjour'],
    ['an unknown message', '{"type":"claim"}'],
    ['a message with more than it has', '{"type":"resume","from":1}'],
    ['a place that is none', '{"type":"resume","after":-1}'],
    ['a place that is no number', '{"type":"resume","after":"1"}'],
    ['null', 'null'],
    ['too much', `{"type":"resume"${' '.repeat(2000)}}`],
    ['bytes', Buffer.from('{"type":"resume"}')],
  ])('ends the connection when it is %s', async (_, said) => {
    const client = await connect();
    client.socket.send(said);
    expect(await client.closed).toEqual({ code: 1008, reason: 'not understood' });
  });

  test('ends the connection when it is enormous or broken, and not the server', async () => {
    const client = await connect();
    client.say('x'.repeat(100_000));
    expect((await client.closed).code).toBe(1009);
    const broken = await connect();
    // A frame of a kind that does not exist.
    Reflect.get(broken.socket, '_socket').write(Buffer.from([0x8f, 0x80, 0, 0, 0, 0]));
    expect((await broken.closed).code).not.toBe(1000);
    expect((await watching()).snapshot.seq).toBeTypeOf('number');
  });

  test('ends the connection when it asks on and on', async () => {
    const client = await connect();
    for (let n = 0; n < 50; n += 1) client.say({ type: 'resume' });
    expect(await client.closed).toEqual({ code: 1008, reason: 'asked too often' });
  });

  test('may be nothing: the snapshot comes by itself', async () => {
    const { number } = await aCase(database.db);
    const client = await connect();
    expect((await client.next('snapshot')).rows).toMatchObject([{ number }]);
    expect(client.heard[0]?.type).toBe('snapshot');
  });
});

describe('the snapshot', () => {
  test('holds the open cases of the hotline, those that wait in order, and who answers it', async () => {
    const low = await aCase(database.db, { priorityRank: 3 });
    const urgent = await aCase(database.db, { priorityRank: 0 });
    const mine = await aCase(database.db, {
      state: 'in_progress',
      assigneeId: agent.id,
      assigneeSlot: 1,
    });
    const pending = await aCase(database.db, { state: 'pending', assigneeId: agent.id });
    await aCase(database.db, { state: 'resolved' });
    await aCase(database.db, { hotlineId: 'liberaux' });
    server.deps.doorbell.ring();
    const client = await watching();
    expect(client.heard[0]).toEqual(client.snapshot);
    expect(client.snapshot.rows.map(({ number }) => number)).toEqual(
      [urgent, low, mine, pending].map(({ number }) => number),
    );
    expect(client.snapshot.rows[2]).toMatchObject({ assignee: { id: agent.id, name: 'Alice' } });
    expect(client.snapshot.counts).toEqual({ waiting: 2, in_progress: 1, pending: 1 });
    expect(client.snapshot).not.toHaveProperty('truncated');
    const { agents } = await client.next('presence');
    expect(agents).toContainEqual({ id: agent.id, name: 'Alice', presence: 'available' });
  });

  test('says when it does not hold all that waits', async () => {
    await Promise.all(Array.from({ length: 201 }, () => aCase(database.db)));
    server.deps.doorbell.ring();
    const { snapshot } = await watching();
    expect(snapshot.rows).toHaveLength(200);
    expect(snapshot).toMatchObject({ truncated: true, counts: { waiting: 201 } });
  });
});

describe('what happens', () => {
  test('is pushed to everybody who watches, with the case as it is and the figures', async () => {
    const [one, other] = [await watching(), await watching()];
    const { number } = await arrive();
    for (const client of [one, other]) {
      expect(await client.next('event')).toEqual({
        type: 'event',
        seq: one.snapshot.seq + 1,
        event: 'opened',
        number,
        version: 1,
        row: expect.objectContaining({ number, state: 'waiting', version: 1 }),
        counts: { waiting: 1, in_progress: 0, pending: 0 },
      });
    }
    await post(`${number}/claim`);
    for (const client of [one, other]) {
      expect(await client.next('event')).toMatchObject({
        seq: one.snapshot.seq + 2,
        event: 'claimed',
        version: 2,
        row: { state: 'in_progress', version: 2, assignee: { id: agent.id, name: 'Alice' } },
        counts: { waiting: 0, in_progress: 1, pending: 0 },
      });
    }
  });

  test('takes a case off the list once it is resolved', async () => {
    const { number } = await arrive();
    const client = await watching();
    await post(`${number}/claim`);
    await client.next('event');
    await post(`${number}/resolve`);
    const gone = await client.next('event');
    expect(gone).toMatchObject({ event: 'resolved', number, version: 3, removed: true });
    expect(gone).not.toHaveProperty('row');
    expect(gone.counts).toEqual({ waiting: 0, in_progress: 0, pending: 0 });
    await post(`${number}/notes`, { body: 'Après coup' });
    expect(await client.next('event')).toMatchObject({ event: 'note_added', removed: true });
    await post(`${number}/reopen`);
    expect(await client.next('event')).toMatchObject({ event: 'reopened', row: { state: 'waiting' } });
  });

  test('of a transfer is seen on both hotlines', async () => {
    const { number } = await arrive();
    const [from, to] = [await watching(), await watching({ hotline: 'liberaux' })];
    await post(`${number}/transfer`, { hotline: 'liberaux' });
    expect(await from.next('event')).toMatchObject({
      event: 'transferred_away',
      number,
      version: 2,
      removed: true,
      counts: { waiting: 0 },
    });
    expect(await to.next('event')).toMatchObject({
      event: 'transferred',
      number,
      version: 2,
      row: { hotline: 'liberaux', state: 'waiting' },
      counts: { waiting: 1 },
    });
  });

  test('is told in the language of each, and with the page’s row to who wants it', async () => {
    const seen: unknown[] = [];
    const partial = vi.spyOn(server.deps.views, 'partial').mockImplementation((name, language, data) => {
      seen.push([name, language, data]);
      return `<tr lang="${language}"></tr>`;
    });
    const plain = await watching({ query: '&lang=en' });
    const pages = [await watching({ query: '&html=1' }), await watching({ query: '&html=1' })];
    const { number } = await arrive();
    const event = await plain.next('event');
    expect(event).toMatchObject({ row: { summary: 'e-CPS: code not received' } });
    expect(event).not.toHaveProperty('html');
    for (const page of pages) {
      expect(await page.next('event')).toMatchObject({
        row: { summary: 'e-CPS : code non reçu' },
        html: '<tr lang="fr"></tr>',
      });
    }
    // Worded once, for both.
    expect(seen).toEqual([['desk/case-row', 'fr', { row: expect.objectContaining({ number }) }]]);
    const late = await watching({ query: '&html=1&lang=en' });
    expect(late.snapshot.rows).toMatchObject([{ number, html: '<tr lang="en"></tr>' }]);
    partial.mockRestore();
  });

  test('to an agent’s presence is pushed', async () => {
    const client = await watching();
    const { agents } = await client.next('presence');
    expect(agents).toContainEqual({ id: agent.id, name: 'Alice', presence: 'available' });
    for (const presence of ['wrap_up', 'available']) {
      await server.app.inject({
        method: 'PUT',
        url: '/api/agents/me/presence',
        headers: { cookie },
        payload: { presence },
      });
      const message = await client.next('presence');
      expect(message.agents).toContainEqual({ id: agent.id, name: 'Alice', presence });
    }
  });
});

describe('a client that comes back', () => {
  const note = (id: number) =>
    changeCase(database.db, {
      where: [eq(cases.id, id)],
      set: {},
      at: new Date(),
      by: { kind: 'system' },
      events: [{ kind: 'note_added' }],
    });

  test('is told what it missed, and nothing twice', async () => {
    const client = await watching();
    const { id, number } = await arrive();
    const { seq } = await client.next('event');
    await client.end();
    for (let n = 0; n < 5; n += 1) await note(id);
    const back = await connect();
    back.say({ type: 'resume', after: seq });
    const snapshot = await back.next('snapshot');
    expect(snapshot).toMatchObject({ seq, rows: [{ number, version: 6 }] });
    const events = [];
    for (let n = 0; n < 5; n += 1) events.push(await back.next('event'));
    expect(events.map((event) => [event.seq, event.version, event.row?.version])).toEqual(
      Array.from({ length: 5 }, (_, n) => [seq + 1 + n, 2 + n, 6]),
    );
    await post(`${number}/notes`, { body: 'Suite' });
    expect(await back.next('event')).toMatchObject({ seq: seq + 6 });
  });

  test('while others write misses nothing, wherever it was cut', async () => {
    const written = await Promise.all(Array.from({ length: 6 }, () => aCase(database.db)));
    const { snapshot, ...first } = await watching();
    await first.end();
    const rounds = 12;
    const total = written.length * rounds;
    const write = async (id: number) => {
      for (let round = 0; round < rounds; round += 1) {
        await note(id);
        server.deps.doorbell.ring();
      }
    };
    const writing = Promise.all(written.map(({ id }) => write(id)));
    const seen: number[] = [];
    let after = snapshot.seq;
    let visits = 0;
    while (seen.length < total) {
      visits += 1;
      const client = await connect();
      client.say({ type: 'resume', after });
      expect((await client.next('snapshot')).seq).toBe(after);
      // A few events each time, then the line is cut.
      for (let n = 0; n < 7 && seen.length < total; n += 1) {
        after = (await client.next('event')).seq;
        seen.push(after);
      }
      client.socket.terminate();
    }
    await writing;
    expect(seen).toEqual(Array.from({ length: total }, (_, n) => snapshot.seq + 1 + n));
    expect(visits).toBeGreaterThan(5);
  });

  test('with a place that is not in the log starts over', async () => {
    const { id } = await arrive();
    const client = await watching();
    const { seq } = client.snapshot;
    const ahead = await connect();
    ahead.say({ type: 'resume', after: seq + 1000 });
    expect((await ahead.next('snapshot')).seq).toBe(seq);
    await Promise.all([client.end(), ahead.end()]);
    // More than a client is told again, one by one.
    await Promise.all(Array.from({ length: 501 }, () => note(id)));
    const behind = await connect();
    behind.say({ type: 'resume', after: seq });
    expect((await behind.next('snapshot')).seq).toBe(seq + 501);
  });

  test('can ask again on the same connection', async () => {
    const client = await watching();
    const { number } = await arrive();
    const { seq } = await client.next('event');
    client.say({ type: 'resume', after: seq - 1 });
    expect((await client.next('snapshot')).seq).toBe(seq - 1);
    expect(await client.next('event')).toMatchObject({ seq, number });
  });
});
