import { asc, eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { outbox } from '#server/database/outbox.table.ts';
import { caseOpener, helpAsked } from '#server/testing/case-opener.ts';
import { storedAboutCases } from '#server/testing/page-visitor.ts';
import { testApp, testTexts } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { independentNurse, towardPerson } from '#server/testing/walked-session.ts';
import { caseEvents } from './cases.table.ts';

const database = testDatabase();
const server = testApp(database);
const caller = caseOpener(database, server);

describe('asking for a person', () => {
  test('opens a case on the right line, with everything that was answered', async () => {
    const id = await caller.aSession();
    const response = await caller.open(id, {
      ...helpAsked,
      message: 'Code jamais reçu.\r\nMerci',
      practitioner: { rpps: '10001234565' },
    });

    expect(response.statusCode).toBe(201);
    const record = await caller.caseOf(id);
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
    const id = await caller.aSession();
    await caller.open(id);
    const record = await caller.caseOf(id);
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
    const id = await caller.aSession();
    let rings = 0;
    const stop = server.deps.doorbell.onRing(() => {
      rings += 1;
    });
    await caller.open(id);
    await caller.open(id);
    stop();
    expect(rings).toBe(1);
  });

  test('is possible whatever the diagnosis came to, and before it came to anything', async () => {
    const practitioner = { setting: 'establishment' };
    for (const answers of [['way/it_works'], ['way/insured'], ['way/ecps'], []]) {
      const response = await caller.open(await caller.aSession(answers), { ...helpAsked, practitioner });
      expect(response.statusCode).toBe(201);
    }
  });

  test('answers in the language of the request, and keeps the one asked for in mails', async () => {
    const id = await caller.aSession(independentNurse, 'fr');
    const response = await caller.open(
      id,
      { ...helpAsked, contact: { ...helpAsked.contact, language: 'en' } },
      { 'accept-language': 'en' },
    );
    expect(response.json().reason).toBe(testTexts.say('en', 'routing.reasons.mode.L'));
    expect((await caller.caseOf(id))?.language).toBe('en');
    const inEnglish = await caller.aSession(independentNurse, 'en');
    await caller.open(inEnglish);
    expect((await caller.caseOf(inEnglish))?.language).toBe('en');
  });
});

describe('sent again', () => {
  test('the same session gives the same case, unchanged', async () => {
    const id = await caller.aSession();
    const first = await caller.open(id);
    const before = await storedAboutCases(database.db);
    const second = await caller.open(id, {
      contact: { name: 'Bob', phone: '07 11 22 33 44' },
      followUps: false,
    });
    expect([first.statusCode, second.statusCode]).toEqual([201, 200]);
    expect(second.json()).toEqual(first.json());
    expect((await caller.caseOf(id))?.contactName).toBe('Anne Lefèvre');
    expect(await storedAboutCases(database.db)).toEqual(before);
  });

  test('twenty at once make one case', async () => {
    const id = await caller.aSession();
    const before = await storedAboutCases(database.db);
    const answers = await Promise.all(Array.from({ length: 20 }, () => caller.open(id)));
    const statuses = answers.map(({ statusCode }) => statusCode).sort();
    expect(statuses).toEqual([...Array(19).fill(200), 201]);
    expect(new Set(answers.map((each) => each.json().number)).size).toBe(1);
    const after = await storedAboutCases(database.db);
    expect(after.cases).toHaveLength(before.cases.length + 1);
    expect([after.events, after.jobs]).toEqual([before.events + 1, before.jobs + 1]);
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
    const response = await caller.open(await caller.aSession([]), {
      ...helpAsked,
      practitioner: { setting, mode },
    });
    expect(response.statusCode).toBe(201);
    expect(response.json()).toMatchObject({ hotline, reasonCode });
    expect(response.json().reason).toMatch(/^[A-Z].+\.$/);
  });

  test('is asked for where nothing tells it: a sentence for each question', async () => {
    const before = await storedAboutCases(database.db);
    const response = await caller.open(await caller.aSession(towardPerson));
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
    expect(await storedAboutCases(database.db)).toEqual(before);
  });

  test('is asked for where a place is not enough', async () => {
    const response = await caller.open(await caller.aSession([...towardPerson, 'setting/practice']));
    expect(response.json()).toMatchObject({ needs: ['mode'], errors: [{ path: '/practitioner/mode' }] });
  });

  test('is asked for where somebody is both salaried and independent', async () => {
    const activities = [{ mode: 'L' }, { mode: 'S' }];
    const id = await caller.aSession([...towardPerson, 'setting/practice', 'mode/both']);
    const asked = await caller.open(id, { ...helpAsked, practitioner: { activities } });
    expect(asked.statusCode).toBe(422);
    expect(asked.json()).toMatchObject({ needs: ['activity'], errors: [{ path: '/practitioner/mode' }] });
    const told = await caller.open(id, { ...helpAsked, practitioner: { activities, mode: 'L' } });
    expect(told.json()).toMatchObject({ hotline: 'liberaux', reasonCode: 'mode' });
  });

  test('follows what the caller says rather than what was answered', async () => {
    const id = await caller.aSession();
    const response = await caller.open(id, {
      ...helpAsked,
      practitioner: { setting: 'vaccination_centre', profession: '10' },
    });
    expect(response.json()).toMatchObject({ hotline: 'etablissements', reasonCode: 'place' });
    expect(await caller.caseOf(id)).toMatchObject({
      setting: 'vaccination_centre',
      mode: 'L',
      profession: '10',
    });
  });
});

test('the route and its shapes are described', async () => {
  const described = await server.app.inject({ url: '/openapi.json' });
  const route = described.json().paths['/api/wizard/sessions/{id}/case'].post;
  expect(Object.keys(route.responses)).toEqual(expect.arrayContaining(['200', '201', '404', '422', '429']));
});
