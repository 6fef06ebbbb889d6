import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { caseMessages } from '#server/cases/cases.table.ts';
import { aCase } from '#server/testing/builders.ts';
import { formToken, sentence, storedAboutCases } from '#server/testing/page-visitor.ts';
import { pageOf, practitioner } from '#server/testing/practitioner.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);
const visitor = practitioner(database, server);

describe('a message', () => {
  test.each([
    ['waiting', 'waiting'],
    ['in_progress', 'in_progress'],
    ['pending', 'waiting'],
    ['resolved', 'resolved'],
  ] as const)('to a case that is %s leaves it %s', async (state, after) => {
    const record = await visitor.inState(state);
    const token = await visitor.tokenAt(pageOf(record));
    const response = await visitor.post(`${pageOf(record)}/messages`, {
      token,
      message: ' Voici\r\nla suite ',
    });
    expect(response.statusCode).toBe(303);
    expect(await visitor.now(record)).toMatchObject({
      state: after,
      waitingSince: record.waitingSince,
      assigneeId: after === 'waiting' ? null : record.assigneeId,
    });
    expect(await visitor.eventsOf(record)).toEqual(['opened', 'message_received']);
    expect(await visitor.messagesOf(record)).toEqual(['Voici\nla suite']);
    const [message] = await database.db.select().from(caseMessages).where(eq(caseMessages.caseId, record.id));
    expect(message).toMatchObject({
      author: 'practitioner',
      internal: false,
      agentId: null,
      at: server.clock.now(),
    });
    const page = await visitor.get(String(response.headers.location));
    expect(page.body).toContain('Voici\nla suite');
    expect(page.body).toContain(
      sentence(state === 'resolved' ? 'tracking.done.message_resolved' : 'tracking.done.message'),
    );
  });

  test('sent twice, even at once, is one; said again later, it is another', async () => {
    const record = await visitor.inState('waiting');
    const address = pageOf(record);
    const form = { token: await visitor.tokenAt(address), message: 'Bonjour' };
    await Promise.all(Array.from({ length: 5 }, () => visitor.post(`${address}/messages`, form)));
    expect(await visitor.messagesOf(record)).toEqual(['Bonjour']);
    server.clock.advance(11 * 60_000);
    await visitor.post(`${address}/messages`, form);
    expect(await visitor.messagesOf(record)).toEqual(['Bonjour', 'Bonjour']);
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
      const record = await visitor.inState(state);
      const before = await storedAboutCases(database.db);
      const path = state === 'waiting' || !message.trim() ? 'messages' : 'toujours-bloque';
      const response = await visitor.press(record, path, { message });
      expect(response.statusCode).toBe(422);
      expect(response.body).toContain(`>\n${message}</textarea>`);
      expect(response.body).toContain('href="#message"');
      expect(response.body).toContain(sentence(key, parameters));
      expect(await storedAboutCases(database.db)).toEqual(before);
    }
  });

  test.each([
    ['none', undefined],
    ['another case’s', 'other'],
    ['made up', 'a.b'],
  ])('with a token that is %s is given back with a new one', async (_, kind) => {
    const record = await visitor.inState('waiting');
    const address = pageOf(record);
    const token =
      kind === 'other' ? await visitor.tokenAt(`/suivi/${(await aCase(database.db)).trackingToken}`) : kind;
    const before = await storedAboutCases(database.db);
    const response = await visitor.post(`${address}/messages`, {
      message: 'Bonjour',
      ...(token && { token }),
    });
    expect(response.statusCode).toBe(403);
    expect(response.body).toContain(sentence('problems.stale-form.title'));
    expect(response.body).toContain('Bonjour</textarea>');
    expect(await storedAboutCases(database.db)).toEqual(before);
    const fresh = formToken(response.body);
    expect((await visitor.post(`${address}/messages`, { message: 'Bonjour', token: fresh })).statusCode).toBe(
      303,
    );
  });

  test('in a flood is held back, and given back', async () => {
    const record = await visitor.inState('waiting');
    const address = `${pageOf(record)}/messages`;
    const form = { token: await visitor.tokenAt(pageOf(record)), message: '' };
    for (let sent = 0; sent < 120; sent += 1) await visitor.post(address, form, { from: '192.0.2.20' });
    const refused = await visitor.post(address, { ...form, message: 'Bonjour' }, { from: '192.0.2.20' });
    expect(refused.statusCode).toBe(429);
    expect(refused.body).toContain('Bonjour</textarea>');
    expect(await visitor.messagesOf(record)).toEqual([]);
  });

  test('is one of twenty changes an hour; more are refused and given back, the mails can still be stopped', async () => {
    const record = await visitor.inState('waiting');
    const address = `${pageOf(record)}/messages`;
    const token = await visitor.tokenAt(pageOf(record));
    const say = (message: string) => visitor.post(address, { token, message });
    for (let said = 1; said <= 20; said += 1) expect((await say(`Mot ${said}`)).statusCode).toBe(303);
    const before = await storedAboutCases(database.db);
    const refused = await say('Mot de trop');
    expect(refused.statusCode).toBe(429);
    expect(refused.body).toContain('Mot de trop</textarea>');
    expect(refused.body).toContain(sentence('problems.too-many-changes.title'));
    // Sent twice by mistake is nothing more to store.
    expect((await say('Mot 20')).statusCode).toBe(303);
    expect(await storedAboutCases(database.db)).toEqual(before);
    await visitor.press(record, 'arret');
    expect((await visitor.now(record)).followUps).toBe(false);
    server.clock.advance(3_600_000);
    expect((await say('Mot de trop')).statusCode).toBe(303);
  });

  test('is among the last two hundred that are shown', async () => {
    const record = await visitor.inState('waiting');
    const at = server.clock.now();
    await database.db.insert(caseMessages).values(
      Array.from({ length: 201 }, (_, place) => ({
        caseId: record.id,
        author: 'practitioner' as const,
        internal: false,
        body: `Mot ${place}.`,
        at,
      })),
    );
    const { body } = await visitor.get(pageOf(record));
    expect(body).not.toContain('Mot 0.');
    expect(body).toMatch(/Mot 1\.[^§]*Mot 200\./);
  });

  test('sent as JSON is refused', async () => {
    const record = await visitor.inState('waiting');
    const before = await storedAboutCases(database.db);
    const response = await server.app.inject({
      method: 'POST',
      url: `${pageOf(record)}/messages`,
      payload: { token: await visitor.tokenAt(pageOf(record)), message: 'Bonjour' },
    });
    expect(response.statusCode).toBe(415);
    expect(await storedAboutCases(database.db)).toEqual(before);
  });
});
