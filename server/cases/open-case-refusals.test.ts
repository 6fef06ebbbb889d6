import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { caseOpener, helpAsked } from '#server/testing/case-opener.ts';
import { storedAboutCases } from '#server/testing/page-visitor.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);
const caller = caseOpener(database, server);

describe('what is at fault', () => {
  const refusals: readonly (readonly [string, object, string, RegExp, RegExp])[] = [
    [
      'no way to be reached',
      { contact: { name: 'A' } },
      '/contact/phone',
      /un seul des deux/,
      /one of the two/,
    ],
    ['half a number', { contact: { name: 'A', phone: '06 12' } }, '/contact/phone', /téléphone/, /telephone/],
    [
      'a premium number',
      { contact: { name: 'A', phone: '0899123456' } },
      '/contact/phone',
      /surtaxé/,
      /premium/,
    ],
    [
      'no address',
      { contact: { name: 'A', email: 'a@b' } },
      '/contact/email',
      /adresse e-mail/,
      /e-mail address/,
    ],
    ['an empty name', { contact: { name: ' ', phone: '0612345678' } }, '/contact/name', /nom/, /name/],
    ['a short RPPS', { practitioner: { rpps: '1234' } }, '/practitioner/rpps', /11\schiffres/, /11 digits/],
    [
      'a FINESS in words',
      { practitioner: { finess: 'abc' } },
      '/practitioner/finess',
      /9\scaractères/,
      /9 char/,
    ],
    ['a long message', { message: 'é'.repeat(4001) }, '/message', /4\s001.+4\s000/, /4,001.+4,000/],
    [
      'a social security number',
      { message: 'NIR 2 95 10 99 126 111 93' },
      '/message',
      /sécurité sociale/,
      /social security/,
    ],
    [
      'such a number for a name',
      { contact: { name: '295109912611193', phone: '0612345678' } },
      '/contact/name',
      /sécurité/,
      /security/,
    ],
  ];
  test.each(refusals)(
    '%s is named in the language of the request',
    async (_, changes, path, french, english) => {
      const id = await caller.aSession();
      const before = await storedAboutCases(database.db);
      for (const [language, sentence] of [
        ['fr', french],
        ['en', english],
      ] as const) {
        const response = await caller.open(id, { ...helpAsked, ...changes }, { 'accept-language': language });
        expect(response.statusCode).toBe(422);
        expect(response.json().errors).toEqual([{ path, message: expect.stringMatching(sentence) }]);
      }
      expect(await storedAboutCases(database.db)).toEqual(before);
    },
  );

  test('is told all at once', async () => {
    const response = await caller.open(await caller.aSession(), {
      contact: { name: '', phone: '1', email: 'x' },
      practitioner: { rpps: '1' },
      message: 'é'.repeat(5000),
      followUps: false,
    });
    expect(response.json().errors.map(({ path }: { path: string }) => path)).toEqual([
      '/contact/name',
      '/contact/phone',
      '/contact/email',
      '/practitioner/rpps',
      '/message',
    ]);
  });

  test('in an RPPS number only by its key is a warning', async () => {
    const id = await caller.aSession();
    const response = await caller.open(id, { ...helpAsked, practitioner: { rpps: '8 10001234567' } });
    expect(response.statusCode).toBe(201);
    expect(response.json().warnings).toEqual([
      { path: '/practitioner/rpps', code: 'rpps_doubtful', message: expect.stringMatching(/RPPS/) },
    ]);
    expect(await caller.caseOf(id)).toMatchObject({ rpps: '10001234567', rppsDoubtful: true });
  });

  const shapes: readonly (readonly [string, unknown, string])[] = [
    ['an unknown field', { ...helpAsked, priority: 'urgent' }, '/priority'],
    [
      'an unknown field inside',
      { ...helpAsked, contact: { ...helpAsked.contact, nir: '1' } },
      '/contact/nir',
    ],
    ['an unknown mode', { ...helpAsked, practitioner: { mode: 'X' } }, '/practitioner/mode'],
    [
      'SQL for a profession',
      { ...helpAsked, practitioner: { profession: "10'; drop table cases" } },
      '/practitioner/profession',
    ],
    ['no consent said', { contact: helpAsked.contact }, '/followUps'],
    ['consent in words', { ...helpAsked, followUps: 'yes' }, '/followUps'],
    ['a NUL byte', { ...helpAsked, message: 'a\0b' }, '/message'],
    [
      'half a character',
      { ...helpAsked, contact: { ...helpAsked.contact, name: 'a\ud83d' } },
      '/contact/name',
    ],
  ];
  test.each(shapes)('%s is a bad request that names it', async (_, payload, path) => {
    const id = await caller.aSession();
    const before = await storedAboutCases(database.db);
    const response = await caller.open(id, payload);
    expect(response.statusCode).toBe(400);
    expect(response.json().errors).toContainEqual({ path, message: expect.any(String) });
    expect(await storedAboutCases(database.db)).toEqual(before);
  });
});

describe('hostile input', () => {
  test('is stored as the words it is', async () => {
    const hostile = `<script>alert(1)</script> '; DROP TABLE cases; -- \u202eabc 😀 مرحبا \${7*7} {{7*7}}`;
    const id = await caller.aSession();
    const response = await caller.open(id, {
      ...helpAsked,
      contact: { ...helpAsked.contact, name: hostile },
      message: hostile,
    });
    expect(response.statusCode).toBe(201);
    const record = await caller.caseOf(id);
    expect(record?.message).toBe(hostile);
    expect(record?.contactName).toBe(hostile.replace('\u202e', ''));
  });

  test.each([
    [
      'a message fifteen times too long',
      () => JSON.stringify({ ...helpAsked, message: 'x'.repeat(60_000) }),
      'application/json',
      422,
    ],
    [
      'a message of a megabyte',
      () => JSON.stringify({ ...helpAsked, message: 'x'.repeat(1_000_000) }),
      'application/json',
      413,
    ],
    ['something that is not JSON', () => '{"contact":', 'application/json', 400],
    ['a form', () => 'name=Anne', 'application/x-www-form-urlencoded', 415],
    ['plain text', () => 'Anne', 'text/plain', 415],
    ['nothing', () => '', 'application/json', 400],
    ['null', () => 'null', 'application/json', 400],
    ['a list', () => '[]', 'application/json', 400],
  ])('%s is refused and changes nothing', async (_, payload, type, status) => {
    const id = await caller.aSession();
    const before = await storedAboutCases(database.db);
    const response = await caller.open(id, payload(), { 'content-type': type });
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toMatch('application/problem+json');
    expect(await storedAboutCases(database.db)).toEqual(before);
  });

  test.each([randomUUID(), 'x', "1' or '1'='1", '%00'])('an unknown session %s has no case', async (id) => {
    const before = await storedAboutCases(database.db);
    expect((await caller.open(id)).statusCode).toBe(id === '%00' ? 400 : 404);
    expect(await storedAboutCases(database.db)).toEqual(before);
  });

  test('a flood from one address is told to wait, and others are not', async () => {
    const id = await caller.aSession();
    const from = (remoteAddress: string) =>
      server.app.inject({
        method: 'POST',
        url: `/api/wizard/sessions/${id}/case`,
        payload: helpAsked,
        remoteAddress,
      });
    for (let sent = 0; sent < 60; sent += 1) expect((await from('192.0.2.1')).statusCode).toBeLessThan(300);
    const refused = await from('192.0.2.1');
    expect(refused.statusCode).toBe(429);
    expect(refused.headers['retry-after']).toBeDefined();
    expect(refused.json().title).toBe('Trop de demandes d’affilée');
    expect((await from('192.0.2.2')).statusCode).toBe(200);
  });

  test('a foreign page cannot send it', async () => {
    const response = await caller.open(await caller.aSession(), helpAsked, {
      origin: 'https://elsewhere.example',
    });
    expect(response.statusCode).toBe(403);
  });
});
