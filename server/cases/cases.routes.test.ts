import { eq } from 'drizzle-orm';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { agents } from '#server/agents/agents.table.ts';
import { outbox } from '#server/database/outbox.table.ts';
import { aCase, anAgent, signedIn, type TestAgent } from '#server/testing/builders.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { caseEvents, caseMessages, cases } from './cases.table.ts';

const database = testDatabase();
const server = testApp(database);

interface Desk {
  readonly agent: TestAgent;
  readonly cookie: string;
}
let alice: Desk;
let bob: Desk;
let foreigner: Desk;

async function aDesk(overrides: Partial<TestAgent>): Promise<Desk> {
  const agent = await anAgent(database.db, overrides);
  return { agent, cookie: await signedIn(server, agent) };
}

beforeAll(async () => {
  alice = await aDesk({ name: 'Alice' });
  bob = await aDesk({ name: 'Bob' });
  foreigner = await aDesk({ hotlines: ['liberaux'] });
});

beforeEach(async () => {
  await database.db.delete(caseMessages);
  await database.db.delete(caseEvents);
  await database.db.delete(cases);
});

const get = (url: string, desk: Desk | undefined, headers = {}) =>
  server.app.inject({ url, headers: { ...(desk && { cookie: desk.cookie }), ...headers } });

const post = (path: string, desk: Desk | undefined, payload?: object, headers = {}) =>
  server.app.inject({
    method: 'POST',
    url: `/api/cases/${path}`,
    headers: { ...(desk && { cookie: desk.cookie }), ...headers },
    ...(payload && { payload }),
  });

describe('GET /api/cases', () => {
  test('gives rows as the desk shows them, and the figures of the same queues', async () => {
    const waiting = await aCase(database.db, { profession: '60', mode: 'S', priorityRank: 1 });
    const inHand = await aCase(database.db, {
      state: 'in_progress',
      assigneeId: alice.agent.id,
      assigneeSlot: 1,
    });
    await aCase(database.db, { hotlineId: 'liberaux' });
    server.deps.doorbell.ring();
    const answer = await get('/api/cases?hotline=etablissements', alice);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      cases: [
        {
          number: waiting.number,
          hotline: 'etablissements',
          state: 'waiting',
          priority: 'high',
          version: 1,
          openedAt: waiting.openedAt.toISOString(),
          waitingSince: waiting.waitingSince.toISOString(),
          returned: false,
          practitioner: { name: 'Camille Durand', profession: '60', mode: 'S' },
          summary: 'e-CPS : code non reçu',
        },
        {
          number: inHand.number,
          hotline: 'etablissements',
          state: 'in_progress',
          priority: 'normal',
          version: 1,
          openedAt: inHand.openedAt.toISOString(),
          waitingSince: inHand.waitingSince.toISOString(),
          returned: false,
          assignee: { id: alice.agent.id, name: 'Alice' },
          practitioner: { name: 'Camille Durand' },
          summary: 'e-CPS : code non reçu',
        },
      ],
      counts: { waiting: 1, in_progress: 1, pending: 0, callbacks: 0 },
    });
  });

  test('speaks the language of who reads', async () => {
    await aCase(database.db);
    const answer = await get('/api/cases', alice, { 'accept-language': 'en' });
    expect(answer.json().cases).toMatchObject([{ summary: 'e-CPS: code not received' }]);
  });

  test('gives pages, and what is mine', async () => {
    const mine = await aCase(database.db, {
      state: 'in_progress',
      assigneeId: alice.agent.id,
      assigneeSlot: 1,
    });
    const other = await aCase(database.db);
    const first = (await get('/api/cases?limit=1', alice)).json();
    expect(first.cases).toMatchObject([{ number: mine.number }]);
    const second = (await get(`/api/cases?limit=1&after=${first.next}`, alice)).json();
    expect(second.cases).toMatchObject([{ number: other.number }]);
    expect(second).not.toHaveProperty('next');
    expect((await get('/api/cases?assignee=me', alice)).json().cases).toMatchObject([
      { number: mine.number },
    ]);
    expect((await get('/api/cases?assignee=me', bob)).json().cases).toEqual([]);
  });

  test('gives nothing of other hotlines', async () => {
    await aCase(database.db, { hotlineId: 'liberaux' });
    server.deps.doorbell.ring();
    expect((await get('/api/cases', alice)).json()).toEqual({
      cases: [],
      counts: { waiting: 0, in_progress: 0, pending: 0, callbacks: 0 },
    });
    const answer = await get('/api/cases?hotline=liberaux', alice);
    expect(answer.statusCode).toBe(403);
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  test.each([
    'state=lost',
    'limit=0',
    'limit=201',
    'limit=abc',
    'assignee=bob',
    'after=xyz',
    'unknown=1',
    'q=%00',
  ])('refuses %s', async (query) => {
    expect((await get(`/api/cases?${query}`, alice)).statusCode).toBe(400);
  });

  test('wants an agent', async () => {
    expect((await get('/api/cases', undefined)).statusCode).toBe(401);
  });
});

describe('GET /api/cases/{number}', () => {
  test('gives the trail as it was answered, the history with names, and what was said', async () => {
    const { number, id } = await aCase(database.db, { rpps: '10003456789', message: 'Urgent !' });
    await post(`${number}/claim`, alice, {});
    await post(`${number}/notes`, bob, { body: 'Je connais ce cas.' });
    await post(`${number}/messages`, alice, { body: 'Bonjour, on regarde.' });
    const answer = await get(`/api/cases/${number}`, bob, { 'accept-language': 'en' });
    expect(answer.statusCode).toBe(200);
    const [agentA, agentB] = [
      { id: alice.agent.id, name: 'Alice' },
      { id: bob.agent.id, name: 'Bob' },
    ];
    expect(answer.json()).toMatchObject({
      number,
      state: 'in_progress',
      version: 4,
      assignee: agentA,
      practitioner: { name: 'Camille Durand', rpps: '10003456789', rppsDoubtful: false, language: 'fr' },
      message: 'Urgent !',
      followUps: true,
      routingReason: { code: expect.any(String) },
      flow: 'connection',
      flowVersion: 1,
      trail: [{ node: 'way', answer: 'ecps', title: 'How do you sign in?', label: 'With the e-CPS' }],
      history: [
        { event: 'opened', actor: 'practitioner', version: 1, hotline: 'etablissements', data: {} },
        { event: 'claimed', actor: 'agent', agent: agentA, version: 2 },
        { event: 'note_added', actor: 'agent', agent: agentB, version: 3 },
        { event: 'message_sent', actor: 'agent', agent: agentA, version: 4 },
      ],
      messages: [
        { author: 'agent', agent: agentB, internal: true, body: 'Je connais ce cas.' },
        { author: 'agent', agent: agentA, internal: false, body: 'Bonjour, on regarde.' },
      ],
    });
    const jobs = await database.db.select().from(outbox);
    const said = await database.db.select().from(caseMessages).where(eq(caseMessages.caseId, id));
    expect(jobs.filter(({ job }) => job === 'message-sent').map(({ payload }) => payload)).toEqual([
      { messageId: said.find((each) => !each.internal)?.id },
    ]);
  });

  test('names the case that a duplicate was merged into', async () => {
    const [one, other] = [await aCase(database.db), await aCase(database.db)];
    expect((await post(`${one.number}/merge`, alice, { into: other.number })).statusCode).toBe(200);
    expect((await get(`/api/cases/${one.number}`, alice)).json()).toMatchObject({
      state: 'closed',
      mergedInto: other.number,
    });
  });

  test('gives nothing of other hotlines, nor of nothing, nor to nobody', async () => {
    const { number } = await aCase(database.db);
    expect((await get(`/api/cases/${number}`, foreigner)).statusCode).toBe(403);
    expect((await get('/api/cases/VC-1', alice)).statusCode).toBe(404);
    expect((await get(`/api/cases/${number}`, undefined)).statusCode).toBe(401);
  });
});

describe('commands', () => {
  test('answer with the new row, and ring', async () => {
    const { number } = await aCase(database.db);
    let rings = 0;
    const stop = server.deps.doorbell.onRing(() => {
      rings += 1;
    });
    const assignee = { id: alice.agent.id, name: 'Alice' };
    const claimed = await post(`${number}/claim`, alice, { version: 1 });
    expect([claimed.statusCode, claimed.json()]).toMatchObject([200, { number, version: 2, assignee }]);
    const raised = await post(`${number}/priority`, alice, { priority: 'urgent', version: 2 });
    expect(raised.json()).toMatchObject({ priority: 'urgent', version: 3, assignee });
    const noted = await post(`${number}/notes`, bob, { body: 'Vu' });
    expect(noted.json()).toMatchObject({ version: 4, assignee });
    const asked = await post(`${number}/messages`, alice, { body: 'Alors ?', awaitReply: true });
    expect(asked.json()).toMatchObject({ state: 'pending', version: 5, assignee });
    const released = await post(`${number}/release`, alice);
    expect(released.json()).toMatchObject({ state: 'waiting', version: 6 });
    expect(released.json()).not.toHaveProperty('assignee');
    const next = await post('next', bob);
    expect([next.statusCode, next.json()]).toMatchObject([200, { number, assignee: { name: 'Bob' } }]);
    const handed = await post(`${number}/transfer`, bob, { agent: alice.agent.id });
    expect(handed.json()).toMatchObject({ state: 'in_progress', assignee });
    const resolved = await post(`${number}/resolve`, alice, {});
    expect(resolved.json()).toMatchObject({ state: 'resolved', assignee });
    const reopened = await post(`${number}/reopen`, bob, {});
    expect(reopened.json()).toMatchObject({ state: 'waiting' });
    const moved = await post(`${number}/transfer`, bob, { hotline: 'liberaux', version: 10 });
    expect(moved.json()).toMatchObject({ hotline: 'liberaux', version: 11 });
    const [stored] = await database.db
      .select({ reason: cases.routingReason })
      .from(cases)
      .where(eq(cases.number, number));
    expect(stored?.reason).toEqual({ code: 'transferred' });
    expect(rings).toBe(10);
    stop();
  });

  test('that come too late are told who has the case, in words too', async () => {
    const { number } = await aCase(database.db);
    await post(`${number}/claim`, alice, { version: 1 });
    const lost = await post(`${number}/claim`, bob, { version: 1 });
    expect(lost.statusCode).toBe(409);
    expect(lost.json()).toEqual({
      type: '/problems/already-claimed',
      title: 'Dossier déjà pris',
      status: 409,
      detail: 'Alice a déjà pris ce dossier.',
      owner: { id: alice.agent.id, name: 'Alice' },
    });
  });

  test('on a stale version say which one is current', async () => {
    const { number } = await aCase(database.db);
    await post(`${number}/notes`, bob, { body: 'Vu' });
    const stale = await post(`${number}/claim`, alice, { version: 1 });
    expect([stale.statusCode, stale.json()]).toMatchObject([409, { version: 2 }]);
  });

  test('give 204 when nothing waits, and say why when the agent cannot', async () => {
    expect((await post('next', alice)).statusCode).toBe(204);
    const resting = await aDesk({ presence: 'away' });
    expect((await post('next', resting)).json()).toMatchObject({
      status: 409,
      type: '/problems/not-available',
    });
    await database.db.update(agents).set({ active: false }).where(eq(agents.id, resting.agent.id));
    expect((await post('next', resting)).statusCode).toBe(401);
  });

  test.each([
    ['claim', { version: '1' }],
    ['claim', { version: 0 }],
    ['claim', { version: 99_999_999_999 }],
    ['claim', { force: true }],
    ['priority', {}],
    ['priority', { priority: 'asap' }],
    ['notes', { body: '' }],
    ['notes', { body: ' \n' }],
    ['notes', { body: 'x'.repeat(10_001) }],
    ['notes', { body: 'a\0b' }],
    ['messages', { body: 5 }],
    ['merge', {}],
    ['merge', { into: 'VC-1' }],
    ['transfer', {}],
    ['transfer', { hotline: 'liberaux', agent: '5f0c7d4e-0000-4000-8000-000000000000' }],
    ['transfer', { hotline: 'nulle-part' }],
    ['transfer', { agent: 'bob' }],
  ])('refuse %s with %j, and change nothing', async (command, body) => {
    const before = await aCase(database.db);
    const answer = await post(`${before.number}/${command}`, alice, body);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors).not.toEqual([]);
    expect(await database.db.select().from(cases)).toEqual([before]);
  });

  test('take words as they are', async () => {
    const { number } = await aCase(database.db);
    const body = `<script>alert(1)</script> '; drop table cases; -- 🩺 ‮مرحبا {{name}}`;
    await post(`${number}/notes`, alice, { body });
    expect((await get(`/api/cases/${number}`, alice)).json().messages).toMatchObject([{ body }]);
  });

  test('are not for strangers, nor for pages of other sites', async () => {
    const { number } = await aCase(database.db);
    expect((await post(`${number}/claim`, undefined, {})).statusCode).toBe(401);
    expect((await post('next', undefined)).statusCode).toBe(401);
    const foreign = await post(`${number}/claim`, alice, {}, { origin: 'https://ailleurs.test' });
    expect(foreign.statusCode).toBe(403);
    expect(await database.db.select().from(cases)).toMatchObject([{ number, state: 'waiting' }]);
  });
});
