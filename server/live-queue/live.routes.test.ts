import { describe, expect, test, vi } from 'vitest';
import { aCase, anAgent, signedIn } from '#server/testing/builders.ts';
import { addressOf, type LiveWish } from '#server/testing/live-client.ts';
import { liveDesk } from '#server/testing/live-desk.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);
const desk = liveDesk(database, server);
const { connect, watch, post, arrive } = desk;

describe('the connection is refused before it is made', () => {
  const status = (wish: LiveWish) => connect(wish).catch((error: { status?: number }) => error.status);

  test('without a session, or with a session that is over', async () => {
    expect(await status({ cookie: '' })).toBe(401);
    const other = await signedIn(server, await anAgent(database.db));
    await server.app.inject({ method: 'DELETE', url: '/api/agents/session', headers: { cookie: other } });
    expect(await status({ cookie: other })).toBe(401);
    expect(await status({ cookie: `${desk.cookie}x` })).toBe(401);
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
    const answer = await server.app.inject({
      url: '/api/live?hotline=liberaux',
      headers: { cookie: desk.cookie },
    });
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
    expect((await watch()).snapshot.seq).toBeTypeOf('number');
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
      assigneeId: desk.agent.id,
      assigneeSlot: 1,
    });
    const pending = await aCase(database.db, { state: 'pending', assigneeId: desk.agent.id });
    await aCase(database.db, { state: 'resolved' });
    await aCase(database.db, { hotlineId: 'liberaux' });
    server.deps.doorbell.ring();
    const client = await watch();
    expect(client.heard[0]).toEqual(client.snapshot);
    expect(client.snapshot.rows.map(({ number }) => number)).toEqual(
      [urgent, low, mine, pending].map(({ number }) => number),
    );
    expect(client.snapshot.rows[2]).toMatchObject({ assignee: { id: desk.agent.id, name: 'Alice' } });
    expect(client.snapshot.counts).toEqual({ waiting: 2, in_progress: 1, pending: 1, callbacks: 0 });
    expect(client.snapshot).not.toHaveProperty('truncated');
    const { agents } = await client.next('presence');
    expect(agents).toContainEqual({ id: desk.agent.id, name: 'Alice', presence: 'available' });
  });

  test('says when it does not hold all that waits', async () => {
    await Promise.all(Array.from({ length: 201 }, () => aCase(database.db)));
    server.deps.doorbell.ring();
    const { snapshot } = await watch();
    expect(snapshot.rows).toHaveLength(200);
    expect(snapshot).toMatchObject({ truncated: true, counts: { waiting: 201 } });
  });
});

describe('what happens', () => {
  test('is pushed to everybody who watches, with the case as it is and the figures', async () => {
    const [one, other] = [await watch(), await watch()];
    const { number } = await arrive();
    for (const client of [one, other]) {
      expect(await client.next('event')).toEqual({
        type: 'event',
        seq: one.snapshot.seq + 1,
        event: 'opened',
        number,
        version: 1,
        row: expect.objectContaining({ number, state: 'waiting', version: 1 }),
        counts: { waiting: 1, in_progress: 0, pending: 0, callbacks: 0 },
      });
    }
    await post(`${number}/claim`);
    for (const client of [one, other]) {
      expect(await client.next('event')).toMatchObject({
        seq: one.snapshot.seq + 2,
        event: 'claimed',
        version: 2,
        row: { state: 'in_progress', version: 2, assignee: { id: desk.agent.id, name: 'Alice' } },
        counts: { waiting: 0, in_progress: 1, pending: 0, callbacks: 0 },
      });
    }
  });

  test('takes a case off the list once it is resolved', async () => {
    const { number } = await arrive();
    const client = await watch();
    await post(`${number}/claim`);
    await client.next('event');
    await post(`${number}/resolve`);
    const gone = await client.next('event');
    expect(gone).toMatchObject({ event: 'resolved', number, version: 3, removed: true });
    expect(gone).not.toHaveProperty('row');
    expect(gone.counts).toEqual({ waiting: 0, in_progress: 0, pending: 0, callbacks: 0 });
    await post(`${number}/notes`, { body: 'Après coup' });
    expect(await client.next('event')).toMatchObject({ event: 'note_added', removed: true });
    await post(`${number}/reopen`);
    expect(await client.next('event')).toMatchObject({ event: 'reopened', row: { state: 'waiting' } });
  });

  test('of a transfer is seen on both hotlines', async () => {
    const { number } = await arrive();
    const [from, to] = [await watch(), await watch({ hotline: 'liberaux' })];
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
    const plain = await watch({ query: '&lang=en' });
    const pages = [await watch({ query: '&html=1' }), await watch({ query: '&html=1' })];
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
    const late = await watch({ query: '&html=1&lang=en' });
    expect(late.snapshot.rows).toMatchObject([{ number, html: '<tr lang="en"></tr>' }]);
    partial.mockRestore();
  });

  test('to an agent’s presence is pushed', async () => {
    const client = await watch();
    const { agents } = await client.next('presence');
    expect(agents).toContainEqual({ id: desk.agent.id, name: 'Alice', presence: 'available' });
    for (const presence of ['wrap_up', 'available']) {
      await server.app.inject({
        method: 'PUT',
        url: '/api/agents/me/presence',
        headers: { cookie: desk.cookie },
        payload: { presence },
      });
      const message = await client.next('presence');
      expect(message.agents).toContainEqual({ id: desk.agent.id, name: 'Alice', presence });
    }
  });
});
