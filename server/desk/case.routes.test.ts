import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { addNote } from '../cases/add-note.ts';
import { caseEvents, caseMessages, cases } from '../cases/cases.table.ts';
import { claimCase } from '../cases/claim-case.ts';
import { sendMessage } from '../cases/send-message.ts';
import { aCase, anAgent, type TestAgent } from '../testing/builders.ts';
import { deskVisitor } from '../testing/desk-visitor.ts';
import { escaped } from '../testing/page-visitor.ts';
import { testApp, testTexts } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);
const say = (key: string, parameters = {}) => testTexts.say('fr', key, parameters);
const pageOf = (number: string) => `/desk/dossiers/${number}`;

async function stored(number: string) {
  const [found] = await database.db.select().from(cases).where(eq(cases.number, number));
  if (!found) throw new Error(`no case ${number}`);
  return found;
}

/** A case that an agent has, and that agent at the desk. */
async function aClaimedCase(overrides: Partial<TestAgent> = {}) {
  const agent = await anAgent(database.db, overrides);
  const opened = await aCase(database.db);
  const { number, version } = await claimCase(
    database.db,
    { agent, number: opened.number },
    server.clock.now(),
  );
  return { agent, number, version: String(version), visitor: await deskVisitor(server, agent) };
}

describe('the page of a case', () => {
  test('says who asks, how to reach them, the whole trail in words and why this line', async () => {
    const { number } = await aCase(database.db, {
      contactName: 'Camille Durand',
      contactPhone: '+33612345678',
      contactEmail: 'camille@exemple.test',
      profession: '60',
      mode: 'L',
      setting: 'vaccination_centre',
      rpps: '10003345678',
      rppsDoubtful: true,
      message: 'Le code\nn’arrive pas',
      routingReason: { code: 'place', setting: 'vaccination_centre', known: 'declared' },
    });
    const { body } = await (await deskVisitor(server, await anAgent(database.db))).get(pageOf(number));
    expect(body).toContain('<a href="tel:+33612345678">06 12 34 56 78</a>');
    expect(body).toContain('href="mailto:camille@exemple.test"');
    for (const words of [
      'Camille Durand',
      say('routing.professions.60'),
      say('desk.modes.L'),
      say('desk.settings.vaccination_centre'),
      say('desk.case.rppsDoubtful'),
      'Le code\nn’arrive pas',
      'Comment vous connectez-vous ?',
      'Avec la e-CPS',
      say('routing.reasons.place.declared.vaccination_centre'),
      say('desk.history.opened', { who: say('desk.actors.practitioner') }),
    ]) {
      expect(body).toContain(words);
    }
    expect(body).not.toContain(say('desk.case.inEnglish'));
  });

  test('writes to the practitioner’s address and nobody else, whatever it holds', async () => {
    const { number } = await aCase(database.db, {
      contactEmail: 'dr.martin%40ght.fr?bcc=spy&subject=x@evil.test',
    });
    const { body } = await (await deskVisitor(server, await anAgent(database.db))).get(pageOf(number));
    expect(body).toContain(
      `href="mailto:${escaped('dr.martin%2540ght.fr%3Fbcc%3Dspy%26subject%3Dx@evil.test')}"`,
    );
  });

  test('marks a trail that was shown in English, and gives both wordings', async () => {
    const { number } = await aCase(database.db, { language: 'en' });
    const visitor = await deskVisitor(server, await anAgent(database.db));
    const { body } = await visitor.get(pageOf(number));
    expect(body).toContain(say('desk.case.inEnglish'));
    expect(body).toContain('Avec la e-CPS');
    expect(body).toContain('How do you sign in? → With the e-CPS');
    expect((await visitor.get(`${pageOf(number)}?lang=en`)).body).not.toContain(
      'Comment vous connectez-vous',
    );
  });

  test('escapes everything that somebody wrote', async () => {
    const hostile = '"><script>alert(1)</script>';
    const { number } = await aCase(database.db, {
      contactName: hostile,
      message: hostile,
      profession: hostile,
      // As a version of routing that is gone would have stored it.
      routingReason: { code: hostile } as never,
    });
    const agent = await anAgent(database.db, { name: hostile });
    await addNote(database.db, { agent, number, body: hostile }, server.clock.now());
    const { statusCode, body } = await (await deskVisitor(server, agent)).get(pageOf(number));
    expect(statusCode).toBe(200);
    expect(body).not.toContain('<script>alert');
  });

  test('is not for agents of other lines', async () => {
    const { number } = await aCase(database.db, { hotlineId: 'liberaux', contactName: 'Secrète' });
    const answer = await (await deskVisitor(server, await anAgent(database.db))).get(pageOf(number));
    expect(answer.statusCode).toBe(403);
    expect(answer.body).not.toContain('Secrète');
  });

  test('advises who comes upon a colleague’s case, and lets them read it and note', async () => {
    const { number } = await aClaimedCase({ name: 'Alice Martin' });
    const { body } = await (await deskVisitor(server, await anAgent(database.db))).get(pageOf(number));
    expect(body).toContain(say('desk.case.heldBy', { name: 'Alice Martin' }));
    expect(body).toContain(`${pageOf(number)}/noter`);
    for (const action of ['resoudre', 'relacher', 'priorite', 'ecrire', 'reunir']) {
      expect(body).not.toContain(`${pageOf(number)}/${action}`);
    }
  });

  test('offers a supervisor what the owner could do', async () => {
    const { number } = await aClaimedCase();
    const visitor = await deskVisitor(
      server,
      await anAgent(database.db, { role: 'supervisor', hotlines: [] }),
    );
    expect((await visitor.get(pageOf(number))).body).toContain(`${pageOf(number)}/resoudre`);
  });

  test('shows the last two hundred words and events, the oldest words first', async () => {
    const { id: caseId, hotlineId, openedAt: at, number } = await aCase(database.db);
    const places = Array.from({ length: 200 }, (_, place) => place);
    const said = { caseId, author: 'practitioner', internal: false, at } as const;
    await database.db
      .insert(caseMessages)
      .values([-1, ...places].map((place) => ({ ...said, body: `Mot ${place}.` })));
    const event = { caseId, hotlineId, at, kind: 'message_received', actor: 'practitioner' } as const;
    await database.db.insert(caseEvents).values(places.map((place) => ({ ...event, version: place + 2 })));
    const { body } = await (await deskVisitor(server, await anAgent(database.db))).get(pageOf(number));
    expect(body).not.toContain('Mot -1.');
    expect(body).toMatch(/Mot 0\.[^§]*Mot 199\./);
    const actor = say('desk.actors.practitioner');
    expect(body).not.toContain(say('desk.history.opened', { who: actor }));
    expect(body.split(say('desk.history.message_received', { who: actor }))).toHaveLength(201);
  });

  test('tells notes from messages', async () => {
    const { agent, number, visitor } = await aClaimedCase();
    await addNote(database.db, { agent, number, body: 'entre nous' }, server.clock.now());
    await sendMessage(database.db, { agent, number, body: 'bonjour docteur' }, server.clock.now());
    const { body } = await visitor.get(pageOf(number));
    expect(body).toMatch(/exchange-internal[^§]*entre nous[^§]*exchange-sent[^§]*bonjour docteur/);
  });
});

describe('the forms of a case', () => {
  test('claim it, once', async () => {
    const { number } = await aCase(database.db);
    const [first, second] = await Promise.all([
      deskVisitor(server, await anAgent(database.db, { name: 'Première' })),
      deskVisitor(server, await anAgent(database.db)),
    ]);
    const won = await first.post(`${pageOf(number)}/prendre`, { version: '1' });
    expect(won.headers.location).toBe(pageOf(number));
    const lost = await second.post(`${pageOf(number)}/prendre`, { version: '1' });
    expect(lost.statusCode).toBe(409);
    expect(lost.body).toContain('Première a déjà pris ce dossier');
    expect(lost.body).toContain(say('desk.case.heldBy', { name: 'Première' }));
  });

  test('put it back, resolve it with a note, and reopen it', async () => {
    const { number, visitor } = await aClaimedCase();
    expect((await visitor.post(`${pageOf(number)}/relacher`)).headers.location).toBe('/desk');
    expect((await stored(number)).state).toBe('waiting');
    await visitor.post(`${pageOf(number)}/prendre`);
    const resolved = await visitor.post(`${pageOf(number)}/resoudre`, { resolution: 'Carte remplacée' });
    expect(resolved.headers.location).toBe('/desk');
    expect((await stored(number)).state).toBe('resolved');
    const { body } = await visitor.get(pageOf(number));
    expect(body).toContain('Carte remplacée');
    expect(body).toContain('exchange-internal');
    await visitor.post(`${pageOf(number)}/rouvrir`);
    expect((await stored(number)).state).toBe('waiting');
  });

  test('write to the practitioner, and wait for the answer when asked to', async () => {
    const { number, visitor } = await aClaimedCase();
    await visitor.post(`${pageOf(number)}/ecrire`, { message: 'Première\r\nligne' });
    expect((await stored(number)).state).toBe('in_progress');
    await visitor.post(`${pageOf(number)}/ecrire`, { message: 'Et maintenant ?', wait: 'yes' });
    expect((await stored(number)).state).toBe('pending');
    expect((await visitor.get(pageOf(number))).body).toContain('Première\nligne');
  });

  test('transfer it with a word for the other team, or nothing at all', async () => {
    const { number, visitor, version } = await aClaimedCase();
    const fields = { 'transfer-note': 'Exerce en libéral', version };
    const missing = await visitor.post(`${pageOf(number)}/transferer`, fields);
    expect(missing.statusCode).toBe(422);
    expect(missing.body).toContain(say('desk.errors.hotlineRequired'));
    expect(missing.body).toContain('Exerce en libéral');
    expect(missing.body).toContain('<details open>');
    const unknown = await visitor.post(`${pageOf(number)}/transferer`, { ...fields, line: 'nowhere' });
    expect(unknown.statusCode).toBe(400);
    expect(unknown.body).toContain('href="#line"');
    expect((await stored(number)).version).toBe(Number(version));

    const sent = await visitor.post(`${pageOf(number)}/transferer`, { ...fields, line: 'liberaux' });
    expect(sent.headers.location).toBe('/desk');
    expect(await stored(number)).toMatchObject({ hotlineId: 'liberaux', state: 'waiting' });
    const there = await deskVisitor(server, await anAgent(database.db, { hotlines: ['liberaux'] }));
    expect((await there.get(pageOf(number))).body).toContain('Exerce en libéral');
  });

  test('hand it to a colleague of the line who is there', async () => {
    const { number, visitor, agent } = await aClaimedCase();
    const colleague = await anAgent(database.db, { name: 'Dora' });
    expect((await visitor.get(pageOf(number))).body).toContain(`<option value="${colleague.id}">Dora`);
    await visitor.post(`${pageOf(number)}/confier`, { colleague: colleague.id });
    const history = say('desk.history.assigned', { who: agent.name, name: 'Dora' });
    expect((await visitor.get(pageOf(number))).body).toContain(history);
    expect((await stored(number)).assigneeId).toBe(colleague.id);
    const nobody = await visitor.post(`${pageOf(number)}/confier`, { colleague: `x${agent.id}` });
    expect(nobody.statusCode).toBe(422);
  });

  test('change its priority', async () => {
    const { number, visitor } = await aClaimedCase();
    await visitor.post(`${pageOf(number)}/priorite`, { priority: 'urgent' });
    expect((await stored(number)).priorityRank).toBe(0);
    expect((await visitor.post(`${pageOf(number)}/priorite`, { priority: 'toString' })).statusCode).toBe(422);
  });

  test('merge it into another, whose number may be typed as one likes', async () => {
    const { number, visitor } = await aClaimedCase();
    const kept = await aCase(database.db);
    const typed = ` ${kept.number.slice(3)} `;
    const itself = await visitor.post(`${pageOf(number)}/reunir`, { into: number });
    expect(itself.statusCode).toBe(400);
    expect(itself.body).toContain(say('problems.fields.mergeTarget'));
    expect(itself.body).toContain(`value="${number}"`);
    await visitor.post(`${pageOf(number)}/reunir`, { into: typed });
    expect(await stored(number)).toMatchObject({ state: 'closed', mergedInto: kept.id });
    expect((await visitor.get(pageOf(number))).body).toContain(`href="${pageOf(kept.number)}"`);
  });

  test('of a version that is no longer the case’s change nothing and keep what was typed', async () => {
    const { agent, number, version, visitor } = await aClaimedCase();
    await addNote(database.db, { agent, number, body: 'entre-temps' }, server.clock.now());
    const stale = await visitor.post(`${pageOf(number)}/resoudre`, { version, resolution: 'Ma longue note' });
    expect(stale.statusCode).toBe(409);
    expect(stale.body).toContain(say('desk.refused.stale'));
    expect(stale.body).toContain('Ma longue note');
    expect(stale.body).toContain('entre-temps');
    expect((await stored(number)).state).toBe('in_progress');

    // The page that came back is about the case as it is now: sending it again is enough.
    const now = /name="version" value="(\d+)"/.exec(stale.body)?.[1] ?? '';
    await visitor.post(`${pageOf(number)}/resoudre`, { version: now, resolution: 'Ma longue note' });
    expect((await stored(number)).state).toBe('resolved');
  });

  test('are refused to who does not have the case, with what was typed', async () => {
    const { number } = await aClaimedCase({ name: 'Alice' });
    const visitor = await deskVisitor(server, await anAgent(database.db));
    const answer = await visitor.post(`${pageOf(number)}/ecrire`, { message: 'Je réponds à sa place' });
    expect(answer.statusCode).toBe(403);
    expect(answer.body).toContain('Alice a pris ce dossier');
    expect((await stored(number)).version).toBe(2);
  });

  test.each([
    ['nothing', '  \n ', 422, 'desk.errors.bodyRequired', {}],
    ['too much', 'é'.repeat(10_001), 422, 'desk.errors.tooLong', { limit: 10_000 }],
    ['a million letters', 'é'.repeat(1_000_000), 422, 'desk.errors.tooLong', { limit: 10_000 }],
    ['what cannot be stored', 'a\0b', 400, 'problems.fields.characters', {}],
  ])('say what is wrong with %s in a note, and keep it', async (_, note, status, key, parameters) => {
    const { number } = await aCase(database.db);
    const visitor = await deskVisitor(server, await anAgent(database.db));
    const answer = await visitor.post(`${pageOf(number)}/noter`, { note });
    expect(answer.statusCode).toBe(status);
    expect(answer.body).toContain(say(key, parameters));
    expect(answer.body).toContain('href="#note"');
    expect(answer.body).toContain(note.trim().slice(0, 50));
    expect((await stored(number)).version).toBe(1);
  });

  test.each([
    ['noter', 'note'],
    ['ecrire', 'message'],
    ['resoudre', 'resolution'],
    ['transferer', 'transfer-note'],
  ])('take no social security number in what %s writes, and keep the rest', async (action, field) => {
    const { number, version, visitor } = await aClaimedCase();
    const words = 'Son numéro : 2 95 10 99 126 111 93, à vérifier';
    const form = { version, line: 'liberaux', [field]: words };
    const answer = await visitor.post(`${pageOf(number)}/${action}`, form);
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain(say('problems.fields.socialSecurityNumber'));
    expect(answer.body).toContain(`href="#${field}"`);
    expect(answer.body).toContain(words);
    expect(await stored(number)).toMatchObject({ version: Number(version), state: 'in_progress' });
  });

  test('give back what was written about a case that has left for another line', async () => {
    const { number } = await aCase(database.db, { hotlineId: 'liberaux' });
    const visitor = await deskVisitor(server, await anAgent(database.db));
    const answer = await visitor.post(`${pageOf(number)}/noter`, { note: 'Un mot utile' });
    expect(answer.statusCode).toBe(403);
    expect(answer.body).toContain('Un mot utile');
  });

  test('without this session’s token change nothing and keep what was typed', async () => {
    const { number } = await aCase(database.db);
    const agent = await anAgent(database.db);
    const [visitor, other] = [await deskVisitor(server, agent), await deskVisitor(server, agent)];
    const foreign = /name="token" value="([^"]+)"/.exec((await other.get('/desk')).body)?.[1] ?? '';
    const answer = await visitor.post(`${pageOf(number)}/noter`, { token: foreign, note: 'Ma note' });
    expect(answer.statusCode).toBe(403);
    expect(answer.body).toContain('Ma note');
    expect((await stored(number)).version).toBe(1);
  });

  test.each(['inconnue', 'toString', '__proto__'])('the action %s does not exist', async (action) => {
    const { number } = await aCase(database.db);
    const visitor = await deskVisitor(server, await anAgent(database.db));
    expect((await visitor.post(`${pageOf(number)}/${action}`)).statusCode).toBe(404);
  });

  test('ring once what they changed is stored', async () => {
    const { number, visitor } = await aClaimedCase();
    let versionAtRing = 0;
    const heard = new Promise<void>((resolve) => {
      const stop = server.deps.doorbell.onRing(async () => {
        stop();
        versionAtRing = (await stored(number)).version;
        resolve();
      });
    });
    await visitor.post(`${pageOf(number)}/noter`, { note: 'Rappelé' });
    await heard;
    expect(versionAtRing).toBe(3);
  });
});
