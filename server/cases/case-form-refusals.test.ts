import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { caseFormVisitor, expectKept, filledIn, formOf } from '#server/testing/case-form-visitor.ts';
import { type Form, formToken, sentence, storedAboutCases } from '#server/testing/page-visitor.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { towardPerson } from '#server/testing/walked-session.ts';

const database = testDatabase();
const server = testApp(database);
const visitor = caseFormVisitor(database, server);

describe('a form that cannot be taken', () => {
  const faults: readonly (readonly [string, Form, readonly string[]])[] = [
    ['an empty name', { name: '  ' }, ['case.errors.name_missing']],
    ['no way to be reached', { phone: '', email: ' ' }, ['case.errors.unreachable']],
    ['half a number', { phone: '06 12' }, ['case.errors.phone_wrong']],
    ['half an address', { email: 'anne@' }, ['case.errors.email_wrong']],
    ['half an RPPS number', { rpps: '123' }, ['routing.fields.rpps']],
    [
      'a social security number',
      { message: '2 95 10 99 126 111 93' },
      ['case.errors.social_security_number'],
    ],
    ['a place not in the list', { setting: 'moon' }, ['problems.fields.enum']],
    ['a profession not in the list', { profession: "' or 1=1 --" }, ['problems.fields.enum']],
    [
      'several at once',
      { name: '', phone: '1', email: 'x', rpps: 'y' },
      [
        'case.errors.name_missing',
        'case.errors.phone_wrong',
        'case.errors.email_wrong',
        'routing.fields.rpps',
      ],
    ],
  ];
  test.each(faults)('for %s says so beside the field, with all that was typed', async (_, changes, keys) => {
    const id = await visitor.aSession();
    const before = await storedAboutCases(database.db);
    const form = { ...filledIn, ...changes };
    const { statusCode, body } = await visitor.send(id, form);
    expect(statusCode).toBe(422);
    expect(body).toContain('role="alert"');
    expect(body).toContain('aria-invalid="true"');
    for (const key of keys) expect(body.split(sentence(key)).length - 1).toBe(2);
    expectKept(body, form);
    expect(await storedAboutCases(database.db)).toEqual(before);
  });

  test('asks for the activity of somebody who is both salaried and independent, and takes the answer', async () => {
    const id = await visitor.aSession(towardPerson);
    const form = { ...filledIn, setting: 'practice', mode: 'both' };
    const asked = await visitor.send(id, form);
    expect(asked.statusCode).toBe(422);
    expect(asked.body).toContain(`<legend>${sentence('routing.questions.activity')}</legend>`);
    expect(asked.body).not.toContain('value="both"');
    expectKept(asked.body, form);
    expect(await visitor.caseOf(id)).toBeUndefined();
    await visitor.send(id, { ...form, mode: 'S' });
    expect(await visitor.caseOf(id)).toMatchObject({ hotlineId: 'etablissements', mode: 'S' });
  });

  test('does not ask for the activity where the place decides', async () => {
    const id = await visitor.aSession(towardPerson);
    expect((await visitor.send(id, { ...filledIn, setting: 'establishment', mode: 'both' })).statusCode).toBe(
      303,
    );
    expect(await visitor.caseOf(id)).toMatchObject({ hotlineId: 'etablissements', mode: null });
  });

  test('asks for the line’s questions when they were left unanswered', async () => {
    const id = await visitor.aSession(towardPerson);
    const { statusCode, body } = await visitor.send(id, filledIn);
    expect(statusCode).toBe(422);
    expect(body).toContain('href="#setting-0"');
    expect(body).toContain('href="#mode-0"');
    expectKept(body, filledIn);
  });

  test.each([
    ['none', undefined],
    ['of another session', 'other'],
    ['made up', 'a.b'],
  ])('because its token is %s comes back with a new one', async (_, kind) => {
    const id = await visitor.aSession();
    const before = await storedAboutCases(database.db);
    const token = kind === 'other' ? await visitor.tokenOf(await visitor.aSession()) : kind;
    const response = await visitor.post(id, token === undefined ? filledIn : { ...filledIn, token });
    expect(response.statusCode).toBe(403);
    expect(response.body).toContain(sentence('problems.stale-form.title'));
    expectKept(response.body, filledIn);
    expect(await storedAboutCases(database.db)).toEqual(before);
    const fresh = formToken(response.body);
    expect((await visitor.post(id, { ...filledIn, token: fresh })).statusCode).toBe(303);
  });

  test('because it was left open for two days comes back with a new token', async () => {
    const id = await visitor.aSession();
    const token = await visitor.tokenOf(id);
    server.clock.advance(48 * 3_600_000);
    const response = await visitor.post(id, { ...filledIn, token });
    expect(response.statusCode).toBe(403);
    expectKept(response.body, filledIn);
    expect((await visitor.send(id, filledIn)).statusCode).toBe(303);
  });

  test('because a program filled in the hidden field is refused; a person has only to send again', async () => {
    const id = await visitor.aSession();
    const before = await storedAboutCases(database.db);
    const response = await visitor.send(id, { ...filledIn, website: 'https://spam.example' });
    expect(response.statusCode).toBe(422);
    expect(response.body).not.toContain('spam.example');
    expectKept(response.body, filledIn);
    expect(await storedAboutCases(database.db)).toEqual(before);
    expect((await visitor.send(id, { ...filledIn, website: '' })).statusCode).toBe(303);
  });

  test('because too many came from one address comes back with all that was typed', async () => {
    const id = await visitor.aSession();
    const form = { token: await visitor.tokenOf(id), ...filledIn, name: '' };
    const from = '192.0.2.10';
    for (let sent = 0; sent < 60; sent += 1)
      expect((await visitor.post(id, form, { from })).statusCode).toBe(422);
    const refused = await visitor.post(id, { ...form, name: 'Anne Lefèvre' }, { from });
    expect(refused.statusCode).toBe(429);
    expect(refused.headers['retry-after']).toBeDefined();
    expect(refused.body).toContain(sentence('problems.too-many.title'));
    expectKept(refused.body, filledIn);
    expect(await visitor.caseOf(id)).toBeUndefined();
  });

  test.each([randomUUID(), 'x', "1'--"])(
    'because its diagnosis %s is unknown gives back the message',
    async (id) => {
      const before = await storedAboutCases(database.db);
      const response = await visitor.post(encodeURIComponent(id), {
        ...filledIn,
        message: 'À <b>copier</b>',
      });
      expect(response.statusCode).toBe(404);
      expect(response.body).toContain('À &lt;b&gt;copier&lt;/b&gt;</textarea>');
      expect(response.body).toContain('href="/"');
      expect(await storedAboutCases(database.db)).toEqual(before);
      expect((await visitor.get(formOf(encodeURIComponent(id)))).statusCode).toBe(404);
    },
  );
});

describe('hostile input', () => {
  test('is shown as the words it is', async () => {
    const hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(1)> {{7*7}} \u202eabc 😀 مرحبا`;
    const id = await visitor.aSession();
    const form = {
      ...filledIn,
      name: hostile,
      phone: hostile,
      email: hostile,
      rpps: hostile,
      message: hostile,
    };
    const { statusCode, body } = await visitor.send(id, form);
    expect(statusCode).toBe(422);
    expect(body).not.toContain('<script>alert');
    expect(body).not.toContain('<img src=x');
  });

  test('of a megabyte comes back whole, with what is wrong', async () => {
    const id = await visitor.aSession();
    const before = await storedAboutCases(database.db);
    const message = 'é'.repeat(1_000_000);
    const { statusCode, body } = await visitor.send(id, { ...filledIn, message });
    expect(statusCode).toBe(422);
    expect(body).toContain(`${message}</textarea>`);
    expect(body).toContain(sentence('case.errors.message_too_long', { length: 1_000_000, limit: 4000 }));
    expect(await storedAboutCases(database.db)).toEqual(before);
  });

  test('past what can be read at all is refused', async () => {
    const id = await visitor.aSession();
    expect((await visitor.send(id, { ...filledIn, message: 'x'.repeat(9_000_000) })).statusCode).toBe(413);
  });

  test('that cannot be stored is named, and the rest is kept', async () => {
    const id = await visitor.aSession();
    const { statusCode, body } = await visitor.send(id, { ...filledIn, message: 'a\0b' });
    expect(statusCode).toBe(422);
    expect(body).toContain(sentence('problems.fields.characters'));
    expect(body).toContain('href="#message"');
    expectKept(body, { ...filledIn, message: 'a\0b' });
  });

  test.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x', ''])(
    'sent as %j is refused',
    async (type) => {
      const id = await visitor.aSession();
      const before = await storedAboutCases(database.db);
      const response = await visitor.post(id, { ...filledIn, token: await visitor.tokenOf(id) }, { type });
      expect([400, 415]).toContain(response.statusCode);
      expect(await storedAboutCases(database.db)).toEqual(before);
    },
  );

  test('in fields sent twice counts as not typed', async () => {
    const id = await visitor.aSession();
    const form = new URLSearchParams({ token: await visitor.tokenOf(id), phone: '0612345678' });
    for (const name of ['A', 'B']) form.append('name', name);
    const response = await visitor.post(id, form);
    expect(response.statusCode).toBe(422);
    expect(response.body).toContain(sentence('case.errors.name_missing'));
  });
});
