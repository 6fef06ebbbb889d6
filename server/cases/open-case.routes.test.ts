import { randomUUID } from 'node:crypto';
import { asc, eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { outbox } from '#server/database/outbox.table.ts';
import { testApp, testTexts } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { independentNurse, towardPerson, walkedSession } from '#server/testing/walked-session.ts';
import { caseEvents, cases } from './cases.table.ts';

const database = testDatabase();
const server = testApp(database);

const body = {
  contact: { name: 'Anne Lefèvre', phone: '06 12 34 56 78', email: 'anne.lefevre@exemple.fr' },
  followUps: true,
};

/** Each test comes from an address of its own, so that none is counted with another. */
let callers = 0;

function open(sessionId: string, payload: unknown = body, headers: Record<string, string> = {}) {
  callers += 1;
  return server.app.inject({
    method: 'POST',
    url: `/api/wizard/sessions/${sessionId}/case`,
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    headers: { 'content-type': 'application/json', ...headers },
    remoteAddress: `10.0.${callers >> 8}.${callers & 255}`,
  });
}

async function aSession(answers?: readonly string[], language?: 'fr' | 'en'): Promise<string> {
  return (await walkedSession(database.db, answers, language)).session.id;
}

const casesOf = (sessionId: string) =>
  database.db.select().from(cases).where(eq(cases.wizardSessionId, sessionId));

/** How much is stored: a refusal must not change it. */
async function stored() {
  const [events, jobs, all] = await Promise.all([
    database.db.$count(caseEvents),
    database.db.$count(outbox),
    database.db.$count(cases),
  ]);
  return { events, jobs, cases: all };
}

describe('asking for a person', () => {
  test('opens a case on the right line, with everything that was answered', async () => {
    const id = await aSession();
    const response = await open(id, {
      ...body,
      message: 'Code jamais reçu.\r\nMerci',
      practitioner: { rpps: '10001234565' },
    });

    expect(response.statusCode).toBe(201);
    const [record] = await casesOf(id);
    expect(response.json()).toEqual({
      number: record?.number,
      hotline: 'liberaux',
      reason: testTexts.say('fr', 'routing.reasons.mode.L'),
      reasonCode: 'mode',
      opening: expect.objectContaining({ state: 'unknown', reasonCode: 'hours_unknown' }),
      trackingUrl: `http://localhost:3000/suivi/${record?.trackingToken}`,
      warnings: [],
    });
    expect(record?.number).toMatch(/^VC-\d{6,}$/);
    expect(record?.trackingToken).toMatch(/^[\w-]{32}$/);
    expect(record).toMatchObject({
      hotlineId: 'liberaux',
      state: 'waiting',
      version: 1,
      openedAt: server.clock.now(),
      waitingSince: server.clock.now(),
      contactName: 'Anne Lefèvre',
      contactPhone: '+33612345678',
      contactEmail: 'anne.lefevre@exemple.fr',
      language: 'fr',
      rpps: '10001234565',
      profession: '60',
      mode: 'L',
      setting: 'practice',
      message: 'Code jamais reçu.\nMerci',
      followUps: true,
      routingReason: { code: 'mode', mode: 'L' },
      flow: 'connection',
      summary: { fr: 'e-CPS · code SMS non reçu', en: expect.stringMatching(/^e-CPS · .+/) },
    });
    expect(record?.trail.map(({ node, answer }) => `${node}/${answer}`)).toEqual(independentNurse);
    expect(record?.trail[0]).toEqual({
      node: 'way',
      answer: 'ecps',
      title: { fr: 'Comment entrez-vous dans Vaccin Covid\u202f?', en: 'How do you get into Vaccin Covid?' },
      label: { fr: 'L’e-CPS', en: 'The e-CPS' },
    });
  });

  test('stores its event, and the job that follows it up, with the case', async () => {
    const id = await aSession();
    await open(id);
    const [record] = await casesOf(id);
    expect(
      await database.db
        .select()
        .from(caseEvents)
        .where(eq(caseEvents.caseId, record?.id ?? 0)),
    ).toEqual([
      expect.objectContaining({
        kind: 'opened',
        actor: 'practitioner',
        hotlineId: 'liberaux',
        seq: null,
        version: 1,
        at: server.clock.now(),
        data: {},
      }),
    ]);
    const jobs = await database.db.select().from(outbox).orderBy(asc(outbox.id));
    expect(jobs.at(-1)).toMatchObject({
      job: 'case-opened',
      payload: { caseId: record?.id },
      notBefore: server.clock.now(),
      relayedAt: null,
    });
  });

  test('rings the doorbell, once for a case', async () => {
    const id = await aSession();
    let rings = 0;
    const stop = server.deps.doorbell.onRing(() => {
      rings += 1;
    });
    await open(id);
    await open(id);
    stop();
    expect(rings).toBe(1);
  });

  test('is possible whatever the diagnosis came to, and before it came to anything', async () => {
    const practitioner = { setting: 'establishment' };
    for (const answers of [['way/it_works'], ['way/insured'], ['way/ecps'], []]) {
      const response = await open(await aSession(answers), { ...body, practitioner });
      expect(response.statusCode).toBe(201);
    }
  });

  test('answers in the language of the request, and keeps the one asked for in mails', async () => {
    const id = await aSession(independentNurse, 'fr');
    const response = await open(
      id,
      { ...body, contact: { ...body.contact, language: 'en' } },
      { 'accept-language': 'en' },
    );
    expect(response.json().reason).toBe(testTexts.say('en', 'routing.reasons.mode.L'));
    expect((await casesOf(id))[0]?.language).toBe('en');
    const inEnglish = await aSession(independentNurse, 'en');
    await open(inEnglish);
    expect((await casesOf(inEnglish))[0]?.language).toBe('en');
  });
});

describe('sent again', () => {
  test('the same session gives the same case, unchanged', async () => {
    const id = await aSession();
    const first = await open(id);
    const before = await stored();
    const second = await open(id, { contact: { name: 'Bob', phone: '07 11 22 33 44' }, followUps: false });
    expect([first.statusCode, second.statusCode]).toEqual([201, 200]);
    expect(second.json()).toEqual(first.json());
    expect((await casesOf(id))[0]?.contactName).toBe('Anne Lefèvre');
    expect(await stored()).toEqual(before);
  });

  test('twenty at once make one case', async () => {
    const id = await aSession();
    const before = await stored();
    const answers = await Promise.all(Array.from({ length: 20 }, () => open(id)));
    const statuses = answers.map(({ statusCode }) => statusCode).sort();
    expect(statuses).toEqual([...Array(19).fill(200), 201]);
    expect(new Set(answers.map((each) => each.json().number)).size).toBe(1);
    expect(await stored()).toEqual({
      cases: before.cases + 1,
      events: before.events + 1,
      jobs: before.jobs + 1,
    });
  });
});

describe('the line', () => {
  test.each([
    ['establishment', 'L', 'etablissements', 'place'],
    ['vaccination_centre', 'B', 'etablissements', 'place'],
    ['establishment', undefined, 'etablissements', 'place'],
    ['practice', 'S', 'etablissements', 'mode'],
    ['practice', 'L', 'liberaux', 'mode'],
    ['other', 'L', 'liberaux', 'mode'],
    ['other', 'B', 'etablissements', 'not_named'],
    [undefined, 'S', 'etablissements', 'mode'],
    [undefined, 'L', 'liberaux', 'mode'],
  ])('for %s and %s is %s, because of the %s', async (setting, mode, hotline, reasonCode) => {
    const response = await open(await aSession([]), { ...body, practitioner: { setting, mode } });
    expect(response.statusCode).toBe(201);
    expect(response.json()).toMatchObject({ hotline, reasonCode });
    expect(response.json().reason).toMatch(/^[A-Z].+\.$/);
  });

  test('is asked for where nothing tells it: a sentence for each question', async () => {
    const before = await stored();
    const response = await open(await aSession(towardPerson));
    expect(response.statusCode).toBe(422);
    expect(response.headers['content-type']).toMatch('application/problem+json');
    expect(response.json()).toMatchObject({
      status: 422,
      needs: ['setting', 'mode'],
      reasonCode: 'nothing_known',
      errors: [
        { path: '/practitioner/setting', message: testTexts.say('fr', 'routing.questions.setting') },
        { path: '/practitioner/mode', message: testTexts.say('fr', 'routing.questions.mode') },
      ],
    });
    expect(await stored()).toEqual(before);
  });

  test('is asked for where a place is not enough', async () => {
    const response = await open(await aSession([...towardPerson, 'setting/practice']));
    expect(response.json()).toMatchObject({ needs: ['mode'], errors: [{ path: '/practitioner/mode' }] });
  });

  test('is asked for where somebody is both salaried and independent', async () => {
    const activities = [{ mode: 'L' }, { mode: 'S' }];
    const id = await aSession([...towardPerson, 'setting/practice', 'mode/both']);
    const asked = await open(id, { ...body, practitioner: { activities } });
    expect(asked.statusCode).toBe(422);
    expect(asked.json()).toMatchObject({ needs: ['activity'], errors: [{ path: '/practitioner/mode' }] });
    const told = await open(id, { ...body, practitioner: { activities, mode: 'L' } });
    expect(told.json()).toMatchObject({ hotline: 'liberaux', reasonCode: 'mode' });
  });

  test('follows what the caller says rather than what was answered', async () => {
    const id = await aSession();
    const response = await open(id, {
      ...body,
      practitioner: { setting: 'vaccination_centre', profession: '10' },
    });
    expect(response.json()).toMatchObject({ hotline: 'etablissements', reasonCode: 'place' });
    expect((await casesOf(id))[0]).toMatchObject({
      setting: 'vaccination_centre',
      mode: 'L',
      profession: '10',
    });
  });
});

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
    ['a long message', { message: 'é'.repeat(4001) }, '/message', /4001.+4000/, /4001.+4000/],
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
      const id = await aSession();
      const before = await stored();
      for (const [language, sentence] of [
        ['fr', french],
        ['en', english],
      ] as const) {
        const response = await open(id, { ...body, ...changes }, { 'accept-language': language });
        expect(response.statusCode).toBe(422);
        expect(response.json().errors).toEqual([{ path, message: expect.stringMatching(sentence) }]);
      }
      expect(await stored()).toEqual(before);
    },
  );

  test('is told all at once', async () => {
    const response = await open(await aSession(), {
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
    const id = await aSession();
    const response = await open(id, { ...body, practitioner: { rpps: '8 10001234567' } });
    expect(response.statusCode).toBe(201);
    expect(response.json().warnings).toEqual([
      { path: '/practitioner/rpps', code: 'rpps_doubtful', message: expect.stringMatching(/RPPS/) },
    ]);
    expect((await casesOf(id))[0]).toMatchObject({ rpps: '10001234567', rppsDoubtful: true });
  });

  const shapes: readonly (readonly [string, unknown, string])[] = [
    ['an unknown field', { ...body, priority: 'urgent' }, '/priority'],
    ['an unknown field inside', { ...body, contact: { ...body.contact, nir: '1' } }, '/contact/nir'],
    ['an unknown mode', { ...body, practitioner: { mode: 'X' } }, '/practitioner/mode'],
    [
      'SQL for a profession',
      { ...body, practitioner: { profession: "10'; drop table cases" } },
      '/practitioner/profession',
    ],
    ['no consent said', { contact: body.contact }, '/followUps'],
    ['consent in words', { ...body, followUps: 'yes' }, '/followUps'],
    ['a NUL byte', { ...body, message: 'a\0b' }, '/message'],
    ['half a character', { ...body, contact: { ...body.contact, name: 'a\ud83d' } }, '/contact/name'],
  ];
  test.each(shapes)('%s is a bad request that names it', async (_, payload, path) => {
    const id = await aSession();
    const before = await stored();
    const response = await open(id, payload);
    expect(response.statusCode).toBe(400);
    expect(response.json().errors).toContainEqual({ path, message: expect.any(String) });
    expect(await stored()).toEqual(before);
  });
});

describe('hostile input', () => {
  test('is stored as the words it is', async () => {
    const hostile = `<script>alert(1)</script> '; DROP TABLE cases; -- \u202eabc 😀 مرحبا \${7*7} {{7*7}}`;
    const id = await aSession();
    const response = await open(id, {
      ...body,
      contact: { ...body.contact, name: hostile },
      message: hostile,
    });
    expect(response.statusCode).toBe(201);
    const [record] = await casesOf(id);
    expect(record?.message).toBe(hostile);
    expect(record?.contactName).toBe(hostile.replace('\u202e', ''));
  });

  test.each([
    [
      'a message of a megabyte',
      () => JSON.stringify({ ...body, message: 'x'.repeat(1_000_000) }),
      'application/json',
      422,
    ],
    [
      'four megabytes',
      () => JSON.stringify({ ...body, message: 'x'.repeat(4_000_000) }),
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
    const id = await aSession();
    const before = await stored();
    const response = await open(id, payload(), { 'content-type': type });
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toMatch('application/problem+json');
    expect(await stored()).toEqual(before);
  });

  test.each([randomUUID(), 'x', "1' or '1'='1", '%00'])('an unknown session %s has no case', async (id) => {
    const before = await stored();
    expect((await open(id)).statusCode).toBe(id === '%00' ? 400 : 404);
    expect(await stored()).toEqual(before);
  });

  test('a flood from one address is told to wait, and others are not', async () => {
    const id = await aSession();
    const from = (remoteAddress: string) =>
      server.app.inject({
        method: 'POST',
        url: `/api/wizard/sessions/${id}/case`,
        payload: body,
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
    const response = await open(await aSession(), body, { origin: 'https://elsewhere.example' });
    expect(response.statusCode).toBe(403);
  });
});

test('the route and its shapes are described', async () => {
  const described = await server.app.inject({ url: '/openapi.json' });
  const route = described.json().paths['/api/wizard/sessions/{id}/case'].post;
  expect(Object.keys(route.responses)).toEqual(expect.arrayContaining(['200', '201', '404', '422', '429']));
});
