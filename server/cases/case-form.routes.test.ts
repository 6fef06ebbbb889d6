import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { outbox } from '#server/database/outbox.table.ts';
import { testApp, testTexts } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { towardPerson, walkedSession } from '#server/testing/walked-session.ts';
import { wizardSessions } from '#server/wizard/wizard.table.ts';
import { caseEvents, cases } from './cases.table.ts';

const database = testDatabase();
const server = testApp(database);

type Form = Readonly<Record<string, string>>;

const typed: Form = {
  name: 'Anne Lefèvre',
  phone: '06 12 34 56 78',
  email: 'anne.lefevre@exemple.fr',
  rpps: '1000 1234 565',
  message: 'Le code n’arrive jamais.',
  followUps: 'yes',
};

let callers = 0;
/** An address that no other test uses, so that none is counted with another. */
function anAddress(): string {
  callers += 1;
  return `10.1.${callers >> 8}.${callers & 255}`;
}

const addressOf = (id: string) => `/diagnostic/${id}/demande`;

function get(url: string, headers: Record<string, string> = {}) {
  return server.app.inject({ url, headers: { accept: 'text/html', ...headers } });
}

async function tokenOf(id: string): Promise<string> {
  const { body } = await get(addressOf(id));
  const token = /name="token" value="([^"]+)"/.exec(body)?.[1];
  if (!token) throw new Error(`no form at ${addressOf(id)}`);
  return token;
}

function post(id: string, form: Form, options: { from?: string; type?: string } = {}) {
  return server.app.inject({
    method: 'POST',
    url: addressOf(id),
    payload: new URLSearchParams(form).toString(),
    headers: { accept: 'text/html', 'content-type': options.type ?? 'application/x-www-form-urlencoded' },
    remoteAddress: options.from ?? anAddress(),
  });
}

async function send(id: string, form: Form) {
  return post(id, { token: await tokenOf(id), ...form });
}

async function aSession(answers?: readonly string[], language?: 'fr' | 'en'): Promise<string> {
  return (await walkedSession(database.db, answers, language)).session.id;
}

async function stored() {
  const [events, jobs, all] = await Promise.all([
    database.db.$count(caseEvents),
    database.db.$count(outbox),
    database.db.$count(cases),
  ]);
  return { events, jobs, cases: all };
}

const caseOf = async (id: string) =>
  (await database.db.select().from(cases).where(eq(cases.wizardSessionId, id)))[0];

const escaped = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#x27;');

/** Everything typed is still in the page, ready to be sent again. */
function expectKept(body: string, form: Form) {
  for (const field of ['name', 'phone', 'email', 'rpps']) {
    expect(body).toContain(
      `name="${field}" type="${{ phone: 'tel', email: 'email' }[field] ?? 'text'}" value="${escaped(form[field] ?? '')}"`,
    );
  }
  expect(body).toContain(`>\n${escaped(form.message ?? '')}</textarea>`);
  expect(/name="followUps" value="yes" checked/.test(body)).toBe(form.followUps === 'yes');
}

const say = (key: string, parameters?: Record<string, string | number>) =>
  escaped(testTexts.say('fr', key, parameters));

describe('the case form', () => {
  test('asks only what is not already known, and shows what is', async () => {
    const { statusCode, body, headers } = await get(addressOf(await aSession()));
    expect(statusCode).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toContain('<meta name="robots" content="noindex">');
    for (const known of ['routing.settings.practice', 'routing.modes.L', 'routing.professions.60']) {
      expect(body).toContain(`<span class="known-answer">${say(known)}</span>`);
    }
    expect(body).toContain('value="practice" checked');
    expect(body).not.toContain('required');
  });

  test('asks for place and mode when nothing tells the line, and not for the mode where the place decides', async () => {
    const unknown = await get(addressOf(await aSession(towardPerson)));
    expect(unknown.body).toContain(`<legend>${say('routing.questions.setting')}</legend>`);
    expect(unknown.body).toContain(`<legend>${say('routing.questions.mode')}</legend>`);
    const centre = await get(addressOf(await aSession([...towardPerson, 'setting/vaccination_centre'])));
    expect(centre.body).toContain(
      `<span class="known-answer">${say('routing.settings.vaccination_centre')}</span>`,
    );
    expect(centre.body).not.toContain(say('routing.questions.mode'));
  });

  test('opens the case, and leads to a page that can be loaded again', async () => {
    const id = await aSession();
    let rings = 0;
    const stop = server.deps.doorbell.onRing(() => {
      rings += 1;
    });
    const response = await send(id, typed);
    stop();
    expect([response.statusCode, response.headers.location]).toEqual([303, `${addressOf(id)}/envoyee`]);
    expect(rings).toBe(1);
    expect(await caseOf(id)).toMatchObject({
      hotlineId: 'liberaux',
      contactName: 'Anne Lefèvre',
      contactPhone: '+33612345678',
      contactEmail: 'anne.lefevre@exemple.fr',
      rpps: '10001234565',
      profession: '60',
      mode: 'L',
      setting: 'practice',
      message: 'Le code n’arrive jamais.',
      followUps: true,
      language: 'fr',
    });
    const before = await stored();
    const pages = [await get(`${addressOf(id)}/envoyee`), await get(`${addressOf(id)}/envoyee`)];
    expect(pages.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    expect(await stored()).toEqual(before);
  });

  test('takes consent to mails only when it is given', async () => {
    const id = await aSession();
    const { followUps: _, ...without } = typed;
    await send(id, without);
    expect((await caseOf(id))?.followUps).toBe(false);
  });

  test('lets what is known be changed', async () => {
    const id = await aSession();
    await send(id, { ...typed, setting: 'establishment', mode: 'S', profession: 'none' });
    expect(await caseOf(id)).toMatchObject({
      hotlineId: 'etablissements',
      setting: 'establishment',
      mode: 'S',
      profession: 'none',
    });
  });

  test('once sent, shows what became of it instead', async () => {
    const id = await aSession();
    const token = await tokenOf(id);
    await post(id, { token, ...typed });
    expect((await get(addressOf(id))).headers.location).toBe(`${addressOf(id)}/envoyee`);
    const again = await post(id, { token, ...typed, name: 'Bob' });
    expect([again.statusCode, again.headers.location]).toEqual([303, `${addressOf(id)}/envoyee`]);
    expect((await caseOf(id))?.contactName).toBe('Anne Lefèvre');
  });

  test('sent twenty times at once makes one case', async () => {
    const id = await aSession();
    const token = await tokenOf(id);
    const before = await stored();
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(id, { token, ...typed })));
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([303]));
    expect(await stored()).toEqual({
      cases: before.cases + 1,
      events: before.events + 1,
      jobs: before.jobs + 1,
    });
  });

  test('is read again in the other language with all that was typed, from then on for good', async () => {
    const id = await aSession();
    const before = await stored();
    const response = await send(id, { ...typed, lang: 'en' });
    expect(response.statusCode).toBe(200);
    expect(response.body).toContain('<html lang="en">');
    expectKept(response.body, typed);
    expect(await stored()).toEqual(before);
    expect((await get(addressOf(id))).body).toContain('<html lang="en">');
    await send(id, typed);
    expect((await caseOf(id))?.language).toBe('en');
    expect((await get(`${addressOf(id)}/envoyee`)).body).toContain('<html lang="en">');
  });
});

describe('the page that says what happens next', () => {
  const outcomes = [
    ['establishment', 'B', '0 800 08 12 07', 'routing.reasons.place.declared.establishment'],
    ['practice', 'S', '0 800 08 12 07', 'routing.reasons.mode.S'],
    ['other', 'B', '0 800 08 12 07', 'routing.reasons.not_named.B'],
    ['practice', 'L', '3608', 'routing.reasons.mode.L'],
  ] as const;
  test.each(outcomes)('for %s and %s gives %s and its reason', async (setting, mode, phone, reason) => {
    const id = await aSession(towardPerson);
    await send(id, { ...typed, setting, mode });
    const { body } = await get(`${addressOf(id)}/envoyee`);
    const opened = await caseOf(id);
    expect(body).toContain(`<strong>${opened?.number}</strong>`);
    expect(body).toContain(`>${phone}</a>`);
    expect(body).toContain(say(reason));
    expect(body).toContain(`href="/suivi/${opened?.trackingToken}"`);
    expect(body).toContain(`<code>http://localhost:3000/suivi/${opened?.trackingToken}</code>`);
    expect(body).toContain(phone === '3608' ? say('routing.openings.unknown') : 'opening-open');
  });

  test('warns about an RPPS number that seems mistyped, and only then', async () => {
    const [doubtful, right] = [await aSession(), await aSession()];
    await send(doubtful, { ...typed, rpps: '10001234567' });
    await send(right, typed);
    expect((await get(`${addressOf(doubtful)}/envoyee`)).body).toContain(say('routing.warnings.rpps'));
    expect((await get(`${addressOf(right)}/envoyee`)).body).not.toContain(say('routing.warnings.rpps'));
  });

  test('is still there when the diagnosis has been purged', async () => {
    const id = await aSession();
    await send(id, typed);
    await database.db.delete(wizardSessions).where(eq(wizardSessions.id, id));
    expect((await get(`${addressOf(id)}/envoyee`)).statusCode).toBe(200);
  });

  test('leads back to the form where nothing was sent', async () => {
    const id = await aSession();
    expect((await get(`${addressOf(id)}/envoyee`)).headers.location).toBe(addressOf(id));
  });
});

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
    const id = await aSession();
    const before = await stored();
    const form = { ...typed, ...changes };
    const { statusCode, body } = await send(id, form);
    expect(statusCode).toBe(422);
    expect(body).toContain('role="alert"');
    expect(body).toContain('aria-invalid="true"');
    for (const key of keys) expect(body.split(say(key)).length - 1).toBe(2);
    expectKept(body, form);
    expect(await stored()).toEqual(before);
  });

  test('asks for the activity of somebody who is both salaried and independent, and takes the answer', async () => {
    const id = await aSession(towardPerson);
    const form = { ...typed, setting: 'practice', mode: 'both' };
    const asked = await send(id, form);
    expect(asked.statusCode).toBe(422);
    expect(asked.body).toContain(`<legend>${say('routing.questions.activity')}</legend>`);
    expect(asked.body).not.toContain('value="both"');
    expectKept(asked.body, form);
    expect(await caseOf(id)).toBeUndefined();
    await send(id, { ...form, mode: 'S' });
    expect(await caseOf(id)).toMatchObject({ hotlineId: 'etablissements', mode: 'S' });
  });

  test('does not ask for the activity where the place decides', async () => {
    const id = await aSession(towardPerson);
    expect((await send(id, { ...typed, setting: 'establishment', mode: 'both' })).statusCode).toBe(303);
    expect(await caseOf(id)).toMatchObject({ hotlineId: 'etablissements', mode: null });
  });

  test('asks for the line’s questions when they were left unanswered', async () => {
    const id = await aSession(towardPerson);
    const { statusCode, body } = await send(id, typed);
    expect(statusCode).toBe(422);
    expect(body).toContain('href="#setting-0"');
    expect(body).toContain('href="#mode-0"');
    expectKept(body, typed);
  });

  test.each([
    ['none', undefined],
    ['of another session', 'other'],
    ['made up', 'a.b'],
  ])('because its token is %s comes back with a new one', async (_, kind) => {
    const id = await aSession();
    const before = await stored();
    const token = kind === 'other' ? await tokenOf(await aSession()) : kind;
    const response = await post(id, token === undefined ? typed : { ...typed, token });
    expect(response.statusCode).toBe(403);
    expect(response.body).toContain(say('problems.stale-form.title'));
    expectKept(response.body, typed);
    expect(await stored()).toEqual(before);
    const fresh = /name="token" value="([^"]+)"/.exec(response.body)?.[1] ?? '';
    expect((await post(id, { ...typed, token: fresh })).statusCode).toBe(303);
  });

  test('because it was left open for two days comes back with a new token', async () => {
    const id = await aSession();
    const token = await tokenOf(id);
    server.clock.advance(48 * 3_600_000);
    const response = await post(id, { ...typed, token });
    expect(response.statusCode).toBe(403);
    expectKept(response.body, typed);
    expect((await send(id, typed)).statusCode).toBe(303);
  });

  test('because a program filled in the hidden field is refused; a person has only to send again', async () => {
    const id = await aSession();
    const before = await stored();
    const response = await send(id, { ...typed, website: 'https://spam.example' });
    expect(response.statusCode).toBe(422);
    expect(response.body).not.toContain('spam.example');
    expectKept(response.body, typed);
    expect(await stored()).toEqual(before);
    expect((await send(id, { ...typed, website: '' })).statusCode).toBe(303);
  });

  test('because too many came from one address comes back with all that was typed', async () => {
    const id = await aSession();
    const form = { token: await tokenOf(id), ...typed, name: '' };
    const from = '192.0.2.10';
    for (let sent = 0; sent < 60; sent += 1) expect((await post(id, form, { from })).statusCode).toBe(422);
    const refused = await post(id, { ...form, name: 'Anne Lefèvre' }, { from });
    expect(refused.statusCode).toBe(429);
    expect(refused.headers['retry-after']).toBeDefined();
    expect(refused.body).toContain(say('problems.too-many.title'));
    expectKept(refused.body, typed);
    expect(await caseOf(id)).toBeUndefined();
  });

  test.each([randomUUID(), 'x', "1'--"])(
    'because its diagnosis %s is unknown gives back the message',
    async (id) => {
      const before = await stored();
      const response = await post(encodeURIComponent(id), { ...typed, message: 'À <b>copier</b>' });
      expect(response.statusCode).toBe(404);
      expect(response.body).toContain('À &lt;b&gt;copier&lt;/b&gt;</textarea>');
      expect(response.body).toContain('href="/"');
      expect(await stored()).toEqual(before);
      expect((await get(addressOf(encodeURIComponent(id)))).statusCode).toBe(404);
    },
  );
});

describe('hostile input', () => {
  test('is shown as the words it is', async () => {
    const hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(1)> {{7*7}} \u202eabc 😀 مرحبا`;
    const id = await aSession();
    const form = { ...typed, name: hostile, phone: hostile, email: hostile, rpps: hostile, message: hostile };
    const { statusCode, body } = await send(id, form);
    expect(statusCode).toBe(422);
    expect(body).not.toContain('<script>alert');
    expect(body).not.toContain('<img src=x');
  });

  test('of a megabyte comes back whole, with what is wrong', async () => {
    const id = await aSession();
    const before = await stored();
    const message = 'é'.repeat(1_000_000);
    const { statusCode, body } = await send(id, { ...typed, message });
    expect(statusCode).toBe(422);
    expect(body).toContain(`${message}</textarea>`);
    expect(body).toContain(say('case.errors.message_too_long', { length: 1_000_000, limit: 4000 }));
    expect(await stored()).toEqual(before);
  });

  test('past what can be read at all is refused', async () => {
    const id = await aSession();
    expect((await send(id, { ...typed, message: 'x'.repeat(9_000_000) })).statusCode).toBe(413);
  });

  test('that cannot be stored is named, and the rest is kept', async () => {
    const id = await aSession();
    const { statusCode, body } = await send(id, { ...typed, message: 'a\0b' });
    expect(statusCode).toBe(422);
    expect(body).toContain(say('problems.fields.characters'));
    expect(body).toContain('href="#message"');
    expectKept(body, { ...typed, message: 'a\0b' });
  });

  test.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x', ''])(
    'sent as %j is refused',
    async (type) => {
      const id = await aSession();
      const before = await stored();
      const response = await post(id, { ...typed, token: await tokenOf(id) }, { type });
      expect([400, 415]).toContain(response.statusCode);
      expect(await stored()).toEqual(before);
    },
  );

  test('in fields sent twice counts as not typed', async () => {
    const id = await aSession();
    const payload = `token=${encodeURIComponent(await tokenOf(id))}&name=A&name=B&phone=0612345678`;
    const response = await server.app.inject({
      method: 'POST',
      url: addressOf(id),
      payload,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      remoteAddress: anAddress(),
    });
    expect(response.statusCode).toBe(422);
    expect(response.body).toContain(say('case.errors.name_missing'));
  });
});
