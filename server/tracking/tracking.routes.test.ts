import { asc, eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { caseEvents, caseMessages, cases } from '#server/cases/cases.table.ts';
import type { CaseRecord } from '#server/cases/change-case.ts';
import { outbox } from '#server/database/outbox.table.ts';
import { followUps } from '#server/follow-ups/follow-ups.table.ts';
import { aCase, anAgent } from '#server/testing/builders.ts';
import { testApp, testTexts } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);
type Overrides = Partial<typeof cases.$inferInsert>;

const html = { accept: 'text/html' };
const get = (url: string, headers: Record<string, string> = {}) =>
  server.app.inject({ url, headers: { ...html, ...headers } });

let callers = 0;
function post(url: string, form: Readonly<Record<string, string>>, from?: string) {
  callers += 1;
  return server.app.inject({
    method: 'POST',
    url,
    payload: new URLSearchParams(form).toString(),
    headers: { ...html, 'content-type': 'application/x-www-form-urlencoded' },
    remoteAddress: from ?? `10.2.${callers >> 8}.${callers & 255}`,
  });
}

async function formTokenAt(url: string): Promise<string> {
  const token = /name="token" value="([^"]+)"/.exec((await get(url)).body)?.[1];
  if (!token) throw new Error(`no form at ${url}`);
  return token;
}

/** Presses a button of the case's page. */
async function press(record: CaseRecord, path: string, form: Readonly<Record<string, string>> = {}) {
  const address = `/suivi/${record.trackingToken}`;
  return post(`${address}/${path}`, { token: await formTokenAt(address), ...form });
}

const say = (key: string, parameters?: Record<string, string | number>) =>
  testTexts.say('fr', key, parameters).replaceAll('"', '&quot;').replaceAll("'", '&#x27;');

async function now(record: CaseRecord): Promise<CaseRecord> {
  const [found] = await database.db.select().from(cases).where(eq(cases.id, record.id));
  if (!found) throw new Error('the case is gone');
  return found;
}

const eventsOf = async (record: CaseRecord) =>
  (
    await database.db
      .select({ kind: caseEvents.kind })
      .from(caseEvents)
      .where(eq(caseEvents.caseId, record.id))
      .orderBy(asc(caseEvents.id))
  ).map(({ kind }) => kind);

const messagesOf = async (record: CaseRecord) =>
  (await database.db.select().from(caseMessages).where(eq(caseMessages.caseId, record.id))).map(
    ({ body }) => body,
  );

/** Everything that could change. */
async function stored() {
  return JSON.stringify([
    await database.db.select().from(cases).orderBy(asc(cases.id)),
    await database.db.$count(caseEvents),
    await database.db.$count(caseMessages),
    await database.db.$count(outbox),
    await database.db.select().from(followUps).orderBy(asc(followUps.id)),
  ]);
}

/** A case in each state in which there is something to say. */
async function inState(
  state: 'waiting' | 'in_progress' | 'pending' | 'resolved' | 'closed',
  overrides: Overrides = {},
) {
  if (state === 'waiting') return aCase(database.db, overrides);
  const agent = await anAgent(database.db, { name: 'Sam Petit' });
  const resolvedAt = state === 'resolved' ? new Date('2026-11-23T09:30:00+01:00') : null;
  const assigneeSlot = state === 'in_progress' ? 1 : null;
  return aCase(database.db, { state, assigneeId: agent.id, assigneeSlot, resolvedAt, ...overrides });
}

async function aFollowUp(record: CaseRecord): Promise<number> {
  const [row] = await database.db
    .insert(followUps)
    .values({ caseId: record.id, kind: 'did_it_work', round: 1, dueAt: record.openedAt, state: 'sent' })
    .returning({ id: followUps.id });
  return row?.id ?? 0;
}

describe('the page of a case', () => {
  test('says where it stands, whom to call, and what was said', async () => {
    const record = await aCase(database.db, { message: 'Code jamais reçu' });
    const agent = await anAgent(database.db, { name: 'Sam Petit' });
    const at = new Date('2026-11-23T09:40:00+01:00');
    await database.db.insert(caseMessages).values([
      {
        caseId: record.id,
        author: 'agent',
        agentId: agent.id,
        internal: false,
        body: 'Avez-vous réessayé ?',
        at,
      },
      { caseId: record.id, author: 'agent', agentId: agent.id, internal: true, body: 'note entre nous', at },
    ]);
    const { statusCode, body, headers } = await get(`/suivi/${record.trackingToken}`);
    expect(statusCode).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toContain('<meta name="robots" content="noindex">');
    expect(body).toContain(say('tracking.title', { number: record.number }));
    expect(body).toContain(say('tracking.states.waiting.label'));
    expect(body).toContain('0 800 08 12 07');
    expect(body).toContain('opening-open');
    expect(body).toContain('Code jamais reçu');
    expect(body).toContain('Avez-vous réessayé ?');
    expect(body).toContain('Comment vous connectez-vous ?');
    expect(body).not.toContain('note entre nous');
    expect(body).not.toContain('Sam Petit');
  });

  test.each(['waiting', 'in_progress', 'pending', 'resolved', 'closed'] as const)(
    'knows %s',
    async (state) => {
      const record = await inState(state);
      const { body } = await get(`/suivi/${record.trackingToken}`);
      expect(body).toContain(say(`tracking.states.${state}.label`));
    },
  );

  test('leads from a merged case to the one it is followed in', async () => {
    const target = await aCase(database.db);
    const record = await inState('closed', { mergedInto: target.id });
    const { body } = await get(`/suivi/${record.trackingToken}`);
    expect(body).toContain(`href="/suivi/${target.trackingToken}"`);
    expect(body).toContain(say('tracking.followed_in', { number: target.number }));
    expect(body).not.toContain('/messages');
  });

  test('speaks the case’s language, or the one asked for, and keeps it through what is done there', async () => {
    const record = await aCase(database.db, { language: 'en' });
    const address = `/suivi/${record.trackingToken}`;
    expect((await get(address)).body).toContain('<html lang="en">');
    const french = await get(`${address}?lang=fr`);
    expect(french.body).toContain('<html lang="fr">');
    expect(french.body).toContain(`action="${address}/ca-marche?lang&#x3D;fr"`);
    const token = await formTokenAt(address);
    const done = await post(`${address}/ca-marche?lang=fr`, { token });
    expect(done.headers.location).toBe(`${address}?lang=fr&fait=works`);
  });

  test('shows hostile words as words', async () => {
    const message = '<script>alert(1)</script> \u202eabc {{7*7}}';
    const record = await aCase(database.db, { message });
    const { body } = await get(`/suivi/${record.trackingToken}`);
    expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(body).not.toContain('<script>alert');
  });
});

describe('a link that is not right', () => {
  test('by one character leads nowhere, in the reader’s language, whatever is pressed', async () => {
    const record = await aCase(database.db);
    const last = record.trackingToken.at(-1) === 'A' ? 'B' : 'A';
    const wrong = record.trackingToken.slice(0, -1) + last;
    const before = await stored();
    const page = await get(`/suivi/${wrong}`, { 'accept-language': 'en' });
    expect(page.statusCode).toBe(404);
    expect(page.body).toContain(testTexts.say('en', 'problems.no-such-tracking.title'));
    const token = await formTokenAt(`/suivi/${record.trackingToken}`);
    for (const path of ['ca-marche', 'toujours-bloque', 'messages', 'arret', 'reponse']) {
      const response = await post(`/suivi/${wrong}/${path}`, {
        token,
        message: 'À copier',
        suivi: '1',
        reponse: 'works',
      });
      expect(response.statusCode).toBe(404);
      expect(response.body).toContain('À copier</textarea>');
    }
    expect(await stored()).toBe(before);
  });

  test.each(['x', "'%20or%201=1--", '%00', 'a'.repeat(90), '😀'])(
    'like %s is a clear refusal',
    async (token) => {
      const { statusCode, body } = await get(`/suivi/${encodeURI(token)}`);
      expect([400, 404]).toContain(statusCode);
      expect(body).toContain('<html lang="fr">');
    },
  );
});

describe('"it works now"', () => {
  test.each(['waiting', 'in_progress', 'pending'] as const)('resolves a case that is %s', async (state) => {
    const record = await inState(state);
    let rings = 0;
    const stop = server.deps.doorbell.onRing(() => {
      rings += 1;
    });
    const response = await press(record, 'ca-marche');
    stop();
    expect(response.statusCode).toBe(303);
    expect(response.headers.location).toBe(`/suivi/${record.trackingToken}?fait=works`);
    expect(rings).toBe(1);
    expect(await now(record)).toMatchObject({
      state: 'resolved',
      resolvedAt: server.clock.now(),
      assigneeSlot: null,
      version: 2,
    });
    expect(await eventsOf(record)).toEqual(['opened', 'practitioner_confirmed']);
    const page = await get(String(response.headers.location));
    expect(page.body).toContain(say('tracking.done.works'));
  });

  test('said again changes nothing; said of what an agent resolved, it is noted once', async () => {
    const waiting = await inState('waiting');
    await press(waiting, 'ca-marche');
    const before = await stored();
    await press(waiting, 'ca-marche');
    expect(await stored()).toBe(before);
    const resolved = await inState('resolved');
    await press(resolved, 'ca-marche');
    await press(resolved, 'ca-marche');
    expect(await eventsOf(resolved)).toEqual(['opened', 'practitioner_confirmed']);
    expect((await now(resolved)).resolvedAt).toEqual(resolved.resolvedAt);
  });

  test('pressed ten times at once is one fact', async () => {
    const record = await inState('in_progress');
    const address = `/suivi/${record.trackingToken}`;
    const token = await formTokenAt(address);
    await Promise.all(Array.from({ length: 10 }, () => post(`${address}/ca-marche`, { token })));
    expect(await eventsOf(record)).toEqual(['opened', 'practitioner_confirmed']);
  });
});

describe('"still stuck"', () => {
  test.each(['waiting', 'pending', 'resolved'] as const)(
    'brings a case that is %s to the front',
    async (state) => {
      const record = await inState(state);
      const response = await press(record, 'toujours-bloque');
      expect(response.headers.location).toBe(`/suivi/${record.trackingToken}?fait=stuck`);
      expect(await now(record)).toMatchObject({
        state: 'waiting',
        returnedAt: server.clock.now(),
        resolvedAt: null,
        assigneeId: null,
        assigneeSlot: null,
      });
      expect(await eventsOf(record)).toEqual(['opened', 'practitioner_returned']);
      const page = await get(`/suivi/${record.trackingToken}?fait=stuck`);
      expect(page.body).toContain(say('tracking.done.stuck'));
      expect(page.body).toContain(say('tracking.states.returned.label'));
      expect(page.body).not.toContain('/toujours-bloque');
    },
  );

  test('leaves a case in progress with its agent, and tells them', async () => {
    const record = await inState('in_progress');
    const { headers } = await press(record, 'toujours-bloque');
    expect(await now(record)).toMatchObject({
      state: 'in_progress',
      assigneeId: record.assigneeId,
      returnedAt: null,
      version: 2,
    });
    expect(await eventsOf(record)).toEqual(['opened', 'practitioner_returned']);
    expect((await get(String(headers.location))).body).toContain(say('tracking.done.stuck_in_progress'));
  });

  test('keeps the place in the queue of whoever only waits', async () => {
    const record = await inState('waiting');
    await press(record, 'toujours-bloque');
    expect((await now(record)).waitingSince).toEqual(record.waitingSince);
  });

  test.each(['waiting', 'in_progress', 'resolved'] as const)(
    'said again of a case that was %s changes nothing',
    async (state) => {
      const record = await inState(state);
      await press(record, 'toujours-bloque', { message: 'Toujours rien' });
      const before = await stored();
      const token = await formTokenAt(`/suivi/${record.trackingToken}`);
      await post(`/suivi/${record.trackingToken}/toujours-bloque`, { token, message: 'Toujours rien' });
      await post(`/suivi/${record.trackingToken}/toujours-bloque`, { token });
      expect(await stored()).toBe(before);
      expect(await messagesOf(record)).toEqual(['Toujours rien']);
    },
  );

  test('of a closed case is refused, and says where to go', async () => {
    const open = await inState('waiting');
    const token = await formTokenAt(`/suivi/${open.trackingToken}`);
    await database.db.update(cases).set({ state: 'closed' }).where(eq(cases.id, open.id));
    const before = await stored();
    for (const path of ['ca-marche', 'toujours-bloque', 'messages']) {
      const response = await post(`/suivi/${open.trackingToken}/${path}`, {
        token,
        message: 'Encore bloquée',
      });
      expect(response.statusCode).toBe(409);
      expect(response.body).toContain(say('problems.request-closed.title'));
      expect(response.body).toContain('Encore bloquée</textarea>');
      expect(response.body).toContain('href="/"');
    }
    expect(await stored()).toBe(before);
  });
});

describe('a message', () => {
  test.each([
    ['waiting', 'waiting'],
    ['in_progress', 'in_progress'],
    ['pending', 'waiting'],
    ['resolved', 'resolved'],
  ] as const)('to a case that is %s leaves it %s', async (state, after) => {
    const record = await inState(state);
    const token = await formTokenAt(`/suivi/${record.trackingToken}`);
    const response = await post(`/suivi/${record.trackingToken}/messages`, {
      token,
      message: ' Voici\r\nla suite ',
    });
    expect(response.statusCode).toBe(303);
    expect(await now(record)).toMatchObject({
      state: after,
      waitingSince: record.waitingSince,
      assigneeId: after === 'waiting' ? null : record.assigneeId,
    });
    expect(await eventsOf(record)).toEqual(['opened', 'message_received']);
    expect(await messagesOf(record)).toEqual(['Voici\nla suite']);
    const [message] = await database.db.select().from(caseMessages).where(eq(caseMessages.caseId, record.id));
    expect(message).toMatchObject({
      author: 'practitioner',
      internal: false,
      agentId: null,
      at: server.clock.now(),
    });
    const page = await get(String(response.headers.location));
    expect(page.body).toContain('Voici\nla suite');
    expect(page.body).toContain(
      say(state === 'resolved' ? 'tracking.done.message_resolved' : 'tracking.done.message'),
    );
  });

  test('sent twice, even at once, is one; said again later, it is another', async () => {
    const record = await inState('waiting');
    const address = `/suivi/${record.trackingToken}`;
    const form = { token: await formTokenAt(address), message: 'Bonjour' };
    await Promise.all(Array.from({ length: 5 }, () => post(`${address}/messages`, form)));
    expect(await messagesOf(record)).toEqual(['Bonjour']);
    server.clock.advance(11 * 60_000);
    await post(`${address}/messages`, form);
    expect(await messagesOf(record)).toEqual(['Bonjour', 'Bonjour']);
  });

  const refusals: readonly (readonly [string, string, string, Record<string, number>])[] = [
    ['empty', '  ', 'case.errors.message_missing', {}],
    ['too long', 'é'.repeat(1_000_000), 'case.errors.message_too_long', { length: 1_000_000, limit: 4000 }],
    [
      'with a social security number',
      'Voici 2 95 10 99 126 111 93',
      'case.errors.social_security_number',
      {},
    ],
    ['with a NUL byte', 'a\0b', 'problems.fields.characters', {}],
  ];
  test.each(refusals)('that is %s is refused, and still there', async (_, message, key, parameters) => {
    for (const state of ['waiting', 'resolved'] as const) {
      const record = await inState(state);
      const before = await stored();
      const path = state === 'waiting' || !message.trim() ? 'messages' : 'toujours-bloque';
      const response = await press(record, path, { message });
      expect(response.statusCode).toBe(422);
      expect(response.body).toContain(`>\n${message}</textarea>`);
      expect(response.body).toContain('href="#message"');
      expect(response.body).toContain(say(key, parameters));
      expect(await stored()).toBe(before);
    }
  });

  test.each([
    ['none', undefined],
    ['another case’s', 'other'],
    ['made up', 'a.b'],
  ])('with a token that is %s is given back with a new one', async (_, kind) => {
    const record = await inState('waiting');
    const address = `/suivi/${record.trackingToken}`;
    const token =
      kind === 'other' ? await formTokenAt(`/suivi/${(await aCase(database.db)).trackingToken}`) : kind;
    const before = await stored();
    const response = await post(`${address}/messages`, { message: 'Bonjour', ...(token && { token }) });
    expect(response.statusCode).toBe(403);
    expect(response.body).toContain(say('problems.stale-form.title'));
    expect(response.body).toContain('Bonjour</textarea>');
    expect(await stored()).toBe(before);
    const fresh = /name="token" value="([^"]+)"/.exec(response.body)?.[1] ?? '';
    expect((await post(`${address}/messages`, { message: 'Bonjour', token: fresh })).statusCode).toBe(303);
  });

  test('in a flood is held back, and given back', async () => {
    const record = await inState('waiting');
    const address = `/suivi/${record.trackingToken}/messages`;
    const form = { token: await formTokenAt(`/suivi/${record.trackingToken}`), message: '' };
    for (let sent = 0; sent < 120; sent += 1) await post(address, form, '192.0.2.20');
    const refused = await post(address, { ...form, message: 'Bonjour' }, '192.0.2.20');
    expect(refused.statusCode).toBe(429);
    expect(refused.body).toContain('Bonjour</textarea>');
    expect(await messagesOf(record)).toEqual([]);
  });

  test('sent as JSON is refused', async () => {
    const record = await inState('waiting');
    const before = await stored();
    const response = await server.app.inject({
      method: 'POST',
      url: `/suivi/${record.trackingToken}/messages`,
      payload: { token: await formTokenAt(`/suivi/${record.trackingToken}`), message: 'Bonjour' },
    });
    expect(response.statusCode).toBe(415);
    expect(await stored()).toBe(before);
  });
});

describe('stopping the mails', () => {
  test('is done once, and said on the page', async () => {
    const record = await aCase(database.db, { followUps: true });
    await press(record, 'arret');
    await press(record, 'ca-marche');
    const token = await formTokenAt(`/suivi/${(await aCase(database.db)).trackingToken}`);
    expect((await now(record)).followUps).toBe(false);
    expect(await eventsOf(record)).toEqual(['opened', 'follow_ups_stopped', 'practitioner_confirmed']);
    const page = await get(`/suivi/${record.trackingToken}`);
    expect(page.body).toContain(say('tracking.no_mails'));
    expect(page.body).not.toContain('/arret');
    expect((await post(`/suivi/${record.trackingToken}/arret`, { token })).statusCode).toBe(403);
  });

  test('is possible for a closed case', async () => {
    const record = await inState('closed', { followUps: true });
    await press(record, 'arret');
    expect((await now(record)).followUps).toBe(false);
  });

  test('by a mail program’s own button needs the secret link only; opening its address changes nothing', async () => {
    const record = await aCase(database.db, { followUps: true });
    const address = `/suivi/${record.trackingToken}/arret`;
    const before = await stored();
    expect((await get(address)).statusCode).toBe(303);
    expect(await stored()).toBe(before);
    expect((await post(address, { 'List-Unsubscribe': 'One-Click' })).statusCode).toBe(303);
    expect((await now(record)).followUps).toBe(false);
    const other = await post(`/suivi/${record.trackingToken}/ca-marche`, { 'List-Unsubscribe': 'One-Click' });
    expect(other.statusCode).toBe(403);
  });
});

describe('a one-click answer to a mail', () => {
  const linkOf = (record: CaseRecord, followUpId: number | string, reply: string) =>
    `/suivi/${record.trackingToken}/reponse?suivi=${followUpId}&reponse=${reply}`;

  async function confirm(record: CaseRecord, followUpId: number, reply: string) {
    const { body } = await get(linkOf(record, followUpId, reply));
    const field = (name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(body)?.[1] ?? '';
    return post(`/suivi/${record.trackingToken}/reponse`, {
      token: field('token'),
      suivi: field('suivi'),
      reponse: field('reponse'),
    });
  }

  const replyOf = async (id: number) =>
    (await database.db.select().from(followUps).where(eq(followUps.id, id)))[0];

  test('asks for one confirmation: opening the links, however often, changes nothing', async () => {
    const record = await inState('resolved');
    const followUp = await aFollowUp(record);
    const before = await stored();
    for (const reply of ['works', 'stuck'] as const) {
      const { statusCode, body } = await get(linkOf(record, followUp, reply));
      expect(statusCode).toBe(200);
      const main = body.slice(body.indexOf('<main'), body.indexOf('</main>'));
      expect(main.match(/<button/g)).toHaveLength(1);
      expect(main).toContain(say(`tracking.reply.${reply}.confirm`));
      await server.app.inject({ method: 'HEAD', url: linkOf(record, followUp, reply) });
    }
    expect(await stored()).toBe(before);
  });

  test('"yes" resolves the case', async () => {
    const record = await inState('waiting');
    const followUp = await aFollowUp(record);
    const { headers } = await confirm(record, followUp, 'works');
    expect(headers.location).toBe(`/suivi/${record.trackingToken}?fait=works`);
    expect((await now(record)).state).toBe('resolved');
    expect(await replyOf(followUp)).toMatchObject({ reply: 'works', repliedAt: server.clock.now() });
  });

  test('"no" puts the case back at the front', async () => {
    const record = await inState('resolved');
    const followUp = await aFollowUp(record);
    await confirm(record, followUp, 'stuck');
    expect(await now(record)).toMatchObject({ state: 'waiting', returnedAt: server.clock.now() });
    expect(await replyOf(followUp)).toMatchObject({ reply: 'stuck' });
    expect(await eventsOf(record)).toEqual(['opened', 'practitioner_returned']);
  });

  test('given twice changes nothing, even after the case moved on; the page says it was given', async () => {
    const record = await inState('resolved');
    const followUp = await aFollowUp(record);
    const address = `/suivi/${record.trackingToken}/reponse`;
    const token = await formTokenAt(linkOf(record, followUp, 'stuck'));
    const form = { token, suivi: String(followUp), reponse: 'stuck' };
    await Promise.all(Array.from({ length: 5 }, () => post(address, form)));
    expect(await eventsOf(record)).toEqual(['opened', 'practitioner_returned']);
    await database.db
      .update(cases)
      .set({ state: 'resolved', resolvedAt: server.clock.now(), returnedAt: null })
      .where(eq(cases.id, record.id));
    const before = await stored();
    expect((await post(address, form)).statusCode).toBe(303);
    expect(await stored()).toBe(before);
    const again = await get(linkOf(record, followUp, 'stuck'));
    expect(again.body).toContain(say('tracking.reply.stuck.given'));
  });

  test('changed into the other is a new fact', async () => {
    const record = await inState('waiting');
    const followUp = await aFollowUp(record);
    await confirm(record, followUp, 'works');
    await confirm(record, followUp, 'stuck');
    expect(await eventsOf(record)).toEqual(['opened', 'practitioner_confirmed', 'practitioner_returned']);
    expect(await now(record)).toMatchObject({ state: 'waiting', returnedAt: server.clock.now() });
    expect(await replyOf(followUp)).toMatchObject({ reply: 'stuck' });
  });

  test('of another case’s mail, or cut short, leads to the case’s page and changes nothing', async () => {
    const record = await inState('waiting');
    const foreign = await aFollowUp(await inState('waiting'));
    const address = `/suivi/${record.trackingToken}`;
    const before = await stored();
    for (const link of [
      linkOf(record, foreign, 'works'),
      linkOf(record, '', 'works'),
      linkOf(record, 'x', 'works'),
      linkOf(record, '99999999999999999999', 'works'),
      linkOf(record, foreign, 'maybe'),
      `${address}/reponse`,
    ]) {
      expect((await get(link)).headers.location).toBe(address);
    }
    const token = await formTokenAt(address);
    expect(
      (await post(`${address}/reponse`, { token, suivi: String(foreign), reponse: 'works' })).statusCode,
    ).toBe(404);
    expect((await post(`${address}/reponse`, { token, suivi: 'x', reponse: 'works' })).statusCode).toBe(422);
    expect(await stored()).toBe(before);
  });
});
