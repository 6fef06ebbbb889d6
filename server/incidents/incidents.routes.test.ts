import { asc, eq } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { caseEvents, cases } from '../cases/cases.table.ts';
import { outbox } from '../database/outbox.table.ts';
import { followUps } from '../follow-ups/follow-ups.table.ts';
import { aCase, anAgent, signedIn } from '../testing/builders.ts';
import { caseOpener } from '../testing/case-opener.ts';
import { deskVisitor } from '../testing/desk-visitor.ts';
import { escaped, pageVisitor, sentence } from '../testing/page-visitor.ts';
import { testApp, testTexts } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';
import { towardPerson, walkedSession } from '../testing/walked-session.ts';
import { incidentNotices } from './incident-notices.table.ts';
import { incidentChanges, incidentSubscriptions, incidents } from './incidents.table.ts';
import { linkCases } from './link-cases.ts';
import { planNotices } from './plan-notices.ts';
import { anIncident, aSupervisor, aWish } from './testing/builders.ts';

const database = testDatabase();
const server = testApp(database);
const { get, post, tokenAt } = pageVisitor(server);
const opener = caseOpener(database, server);
const sms = { symptoms: ['code_sms'], ways: ['ecps'] };

beforeEach(async () => {
  const { db } = database;
  await db.delete(incidentNotices);
  await db.delete(incidentSubscriptions);
  await db.delete(incidentChanges);
  await db.update(cases).set({ incidentId: null, state: 'resolved' });
  await db.delete(incidents);
  await db.delete(outbox);
});

async function asAgent(role: 'agent' | 'supervisor') {
  const agent = await anAgent(database.db, { role });
  const cookie = await signedIn(server, agent);
  return (method: 'GET' | 'POST' | 'PUT', url: string, payload?: object) =>
    server.app.inject({ method, url, headers: { cookie }, ...(payload && { payload }) });
}
const words = { title: { fr: 'Panne' }, message: { fr: 'Patientez.' } };

describe('the desk’s API of incidents', () => {
  test('a supervisor opens, edits, closes and reopens; every change is in the history', async () => {
    const call = await asAgent('supervisor');
    const opened = await call('POST', '/api/incidents', { ...words, ...sms });
    expect(opened.statusCode).toBe(201);
    const { id } = opened.json();
    const edited = await call('PUT', `/api/incidents/${id}`, {
      ...words,
      message: { fr: 'Revenez.' },
      version: 1,
    });
    expect(edited.json()).toMatchObject({ version: 2, ways: [], message: { fr: 'Revenez.' } });
    expect((await call('PUT', `/api/incidents/${id}`, { ...words, version: 1 })).statusCode).toBe(409);
    expect((await call('POST', `/api/incidents/${id}/close`)).statusCode).toBe(200);
    const again = await call('POST', `/api/incidents/${id}/close`);
    expect([again.statusCode, again.json().type]).toEqual([409, '/problems/incident-over']);
    expect((await call('POST', `/api/incidents/${id}/reopen`)).json()).not.toHaveProperty('closedAt');
    expect((await call('POST', `/api/incidents/${id}/reopen`)).json().type).toBe(
      '/problems/incident-not-over',
    );
    const { history } = (await call('GET', `/api/incidents/${id}`)).json();
    expect(history.map(({ change }: { change: string }) => change)).toEqual([
      'reopened',
      'closed',
      'edited',
      'opened',
    ]);
    server.clock.advance(61 * 60_000);
    await (await asAgent('supervisor'))('POST', `/api/incidents/${id}/close`);
    server.clock.advance(61 * 60_000);
    const late = await (await asAgent('supervisor'))('POST', `/api/incidents/${id}/reopen`);
    expect(late.json().type).toBe('/problems/incident-reopen-late');
  });

  test('agents look and nothing else; nobody else looks', async () => {
    const supervisor = await aSupervisor(database.db);
    const { id } = await anIncident(database.db, { agent: supervisor });
    const call = await asAgent('agent');
    expect((await call('GET', '/api/incidents')).json().incidents).toHaveLength(1);
    for (const answer of [
      await call('POST', '/api/incidents', words),
      await call('PUT', `/api/incidents/${id}`, words),
      await call('POST', `/api/incidents/${id}/close`),
    ]) {
      expect(answer.statusCode).toBe(403);
    }
    expect((await server.app.inject('/api/incidents')).statusCode).toBe(401);
  });

  test('of two supervisors who close at once one is told, and there is one job', async () => {
    const [one, two] = await Promise.all([asAgent('supervisor'), asAgent('supervisor')]);
    const { id } = await anIncident(database.db, { agent: await aSupervisor(database.db) });
    const close = (call: typeof one) => call('POST', `/api/incidents/${id}/close`, { version: 1 });
    const answers = await Promise.all([close(one), close(two)]);
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409]);
    const jobs = await database.db.select().from(outbox).where(eq(outbox.job, 'plan-incident-notices'));
    expect(jobs).toHaveLength(1);
  });

  test('lists what ended at one instant by when it was declared, the last first', async () => {
    const { db } = database;
    const agent = await aSupervisor(db);
    const ids: number[] = [];
    for (let n = 0; n < 3; n += 1) ids.push((await anIncident(db, { agent })).id);
    const [first, second, third] = ids;
    // Ended in another order than they were declared in.
    for (const id of [second, third, first]) {
      await db
        .update(incidents)
        .set({ closedAt: server.clock.now(), closedBy: agent.id })
        .where(eq(incidents.id, id ?? 0));
    }
    const { incidents: listed } = (
      await (
        await asAgent('agent')
      )('GET', '/api/incidents?state=closed')
    ).json();
    expect(listed.map(({ id }: { id: number }) => id)).toEqual([third, second, first]);
  });

  test('values are checked all at once', async () => {
    const call = await asAgent('supervisor');
    const answer = await call('POST', '/api/incidents', {
      title: { fr: '  ', en: 'Down' },
      message: { fr: 'x' },
      symptoms: ['of_nobody'],
    });
    expect(answer.statusCode).toBe(422);
    expect(answer.json().errors.map(({ path }: { path: string }) => path)).toEqual([
      '/title/fr',
      '/message/en',
      '/symptoms',
    ]);
    expect((await call('POST', '/api/incidents', { ...words, other: 1 })).statusCode).toBe(400);
  });
});

describe('the wizard, while there is an incident', () => {
  test('says it on every page it may concern, first, and offers one field where it does', async () => {
    const agent = await aSupervisor(database.db);
    await anIncident(database.db, { agent, ...sms });
    const title = 'Pro Santé Connect est en panne';
    const start = (await get('/')).body;
    expect(start).toContain(title);
    expect(start).toContain(sentence('incidents.box.advice'));
    expect(start).not.toContain('name="email"');
    const { session } = await walkedSession(database.db, towardPerson.slice(0, 3));
    const page = (await get(`/diagnostic/${session.id}/sms_not_received`)).body;
    expect(page.indexOf(title)).toBeLessThan(page.indexOf('<h1>'));
    expect(page.match(/name="email"/g)).toHaveLength(1);
    expect(page).toContain('value="help"');
    const other = await walkedSession(database.db, ['way/card']);
    expect((await get(`/diagnostic/${other.session.id}/problem`)).body).not.toContain(title);
    const position = await server.app.inject(`/api/wizard/sessions/${session.id}`);
    expect(position.json().incidents).toMatchObject([{ title, concerned: true }]);
    expect((await get('/aide')).body).toContain(title);
  });

  test('in English, French words are shown where there are no others, and said to be French', async () => {
    const agent = await aSupervisor(database.db);
    await anIncident(database.db, { agent, title: { fr: 'Panne' }, message: { fr: 'Patientez.' } });
    expect((await get('/?lang=en')).body).toMatch(/<h2 [^>]*lang="fr">Panne</);
  });

  test('a wish is noted once however it is typed; what is wrong is said on the same page, typed value kept', async () => {
    const agent = await aSupervisor(database.db);
    const { id } = await anIncident(database.db, { agent, ...sms });
    const { session } = await walkedSession(database.db, towardPerson.slice(0, 3));
    const path = `/diagnostic/${session.id}/sms_not_received`;
    const token = await tokenAt(path);
    const send = (email: string, form = {}) =>
      post(`${path}/prevenir`, { token, incident: String(id), email, ...form });
    const wrong = await send('anne@');
    expect(wrong.statusCode).toBe(422);
    expect(wrong.body).toContain('value="anne@"');
    expect(wrong.body).toContain(sentence('case.errors.email_wrong'));
    expect(wrong.body).toContain(`href="#warn-${id}"`);
    const stale = await send('anne@exemple.fr', { token: 'no' });
    expect(stale.statusCode).toBe(403);
    expect(stale.body).toContain('value="anne@exemple.fr"');
    const taken = await send('Anne@exemple.fr');
    expect([taken.statusCode, taken.headers.location]).toEqual([303, `${path}?prevenu=${id}`]);
    expect((await get(`${path}?prevenu=${id}`)).body).toContain(sentence('incidents.box.noted'));
    expect((await send(' anne@EXEMPLE.fr')).statusCode).toBe(303);
    expect(await database.db.$count(incidentSubscriptions)).toBe(1);
    const call = await asAgent('supervisor');
    await call('POST', `/api/incidents/${id}/close`);
    const over = await send('other@exemple.fr');
    expect(over.statusCode).toBe(409);
    expect(over.body).toContain(sentence('problems.incident-over.detail'));
  });

  test('what is wrong with a wish is said in the language of its page', async () => {
    const agent = await aSupervisor(database.db);
    const { id } = await anIncident(database.db, { agent });
    const { session } = await walkedSession(database.db, towardPerson.slice(0, 3));
    for (const page of ['/', `/diagnostic/${session.id}/sms_not_received`]) {
      const { body } = await get(`${page}?lang=en`);
      const action = /action="([^"]*prevenir[^"]*)"/.exec(body)?.[1]?.replace('&#x3D;', '=') ?? '';
      const token = /name="token" value="([^"]*)"/.exec(body)?.[1] ?? '';
      const wrong = await post(action, { token, incident: String(id), email: 'anne@' });
      expect(wrong.statusCode).toBe(422);
      expect(wrong.body).toContain('<html lang="en">');
      expect(wrong.body).toContain(escaped(testTexts.say('en', 'case.errors.email_wrong')));
      const taken = await post(action, { token, incident: String(id), email: 'anne@exemple.fr' });
      expect(taken.headers.location).toBe(`${page}?lang=en&prevenu=${id}`);
    }
  });

  test('an address is not noted more often than a hospital needs, and what was typed is kept', async () => {
    const agent = await aSupervisor(database.db);
    const { id } = await anIncident(database.db, { agent });
    const token = await tokenAt('/');
    let last = await post(
      '/prevenir',
      { token, incident: String(id), email: 'a@b.fr' },
      { from: '10.1.1.1' },
    );
    expect(last.statusCode).toBe(303);
    for (let times = 0; times < 120; times += 1) {
      last = await post(
        '/prevenir',
        { token, incident: String(id), email: 'kept@b.fr' },
        { from: '10.1.1.1' },
      );
    }
    expect(last.statusCode).toBe(429);
    expect(last.body).toContain('value="kept@b.fr"');
  });

  test('a case that is opened all the same belongs to it from the first moment; closed, no longer', async () => {
    const agent = await aSupervisor(database.db);
    const { id } = await anIncident(database.db, { agent, ...sms });
    const session = await opener.aSession();
    expect((await opener.open(session)).statusCode).toBe(201);
    const record = await opener.caseOf(session);
    expect(record).toMatchObject({ incidentId: id, way: 'ecps', symptom: 'code_sms' });
    const tracking = (await get(`/suivi/${record?.trackingToken}`)).body;
    expect(tracking).toContain(escaped('Pro Santé Connect est en panne'));
    expect(tracking).toContain(sentence('incidents.tracking.linked'));
    await database.db.update(incidents).set({ closedAt: server.clock.now(), closedBy: agent.id });
    const later = await opener.aSession();
    await opener.open(later);
    expect(await opener.caseOf(later)).toMatchObject({ incidentId: null });
  });
});

describe('cases that wait', () => {
  test('are linked once, with their event; those in hand and those of others stay', async () => {
    const { db } = database;
    const agent = await aSupervisor(db);
    const waiting = await aCase(db, { way: 'ecps', symptom: 'code_sms' });
    const foreign = await aCase(db, { way: 'card', symptom: 'pin_blocked' });
    const pending = await aCase(db, { way: 'ecps', symptom: 'code_sms', state: 'resolved' });
    const { id } = await anIncident(db, { agent, ...sms });
    const now = server.clock.now();
    expect(await linkCases(db, id, now)).toBe(1);
    expect(await linkCases(db, id, now)).toBe(0);
    const linked = await db.select().from(cases).where(eq(cases.incidentId, id));
    expect(linked.map(({ id }) => id)).toEqual([waiting.id]);
    const events = await db
      .select()
      .from(caseEvents)
      .where(eq(caseEvents.caseId, waiting.id))
      .orderBy(asc(caseEvents.id));
    expect(events.map(({ kind }) => kind)).toEqual(['opened', 'incident_linked']);
    expect([foreign, pending].every((each) => each.incidentId === null)).toBe(true);
  });
});

describe('an address given', () => {
  test('is taken back by a button, never by a look; a mail program’s own button does too', async () => {
    const { db } = database;
    const { id } = await anIncident(db, { agent: await aSupervisor(db) });
    await aWish(db, id, 'a@exemple.test');
    await aWish(db, id, 'b@exemple.test');
    const [first, second] = await db.select().from(incidentSubscriptions);
    const path = `/incidents/abonnement/${first?.token}`;
    for (const url of [path, `${path}/arret`, path]) await get(url);
    expect((await db.select().from(incidentSubscriptions)).every(({ email }) => email !== null)).toBe(true);
    expect((await post(`${path}/arret`, { token: 'no' })).statusCode).toBe(403);
    await post(`${path}/arret`, { token: await tokenAt(path) });
    expect((await get(path)).body).toContain(sentence('incidents.withdrawal.done'));
    const oneClick = await post(`/incidents/abonnement/${second?.token}/arret`, {
      'List-Unsubscribe': 'One-Click',
    });
    expect(oneClick.statusCode).toBe(200);
    expect((await db.select().from(incidentSubscriptions)).every(({ email }) => email === null)).toBe(true);
    expect((await get('/incidents/abonnement/nobody')).statusCode).toBe(404);
    const now = server.clock.now();
    await db.update(incidents).set({ closedAt: now, closedBy: (await aSupervisor(db)).id });
    expect(await planNotices(db, id, now)).toBe(0);
  });
});

describe('what the mail asks about a case', () => {
  test('is answered by one click; looking at it changes nothing, and nobody else’s case is touched', async () => {
    const { db } = database;
    const { id } = await anIncident(db, { agent: await aSupervisor(db) });
    const [answered, silent] = [await aCase(db, { incidentId: id }), await aCase(db, { incidentId: id })];
    const asked = { kind: 'incident_over', round: id, dueAt: server.clock.now(), state: 'sent' } as const;
    const [question] = await db
      .insert(followUps)
      .values([answered, silent].map(({ id: caseId }) => ({ ...asked, caseId })))
      .returning();
    const path = `/suivi/${answered.trackingToken}/reponse`;
    const form = { suivi: String(question?.id), reponse: 'works' };
    const link = `${path}?${new URLSearchParams(form)}`;
    for (const url of [link, link]) expect((await get(url)).statusCode).toBe(200);
    const states = async () =>
      (await db.select().from(cases).where(eq(cases.incidentId, id)).orderBy(cases.id)).map(
        ({ state }) => state,
      );
    expect(await states()).toEqual(['waiting', 'waiting']);
    const token = await tokenAt(link);
    expect((await post(path, { token, ...form })).statusCode).toBe(303);
    expect(await states()).toEqual(['resolved', 'waiting']);
  });
});

describe('the desk’s pages of incidents', () => {
  test('a supervisor works without scripts; refused, all that was typed is still there', async () => {
    const supervisor = await deskVisitor(server, await aSupervisor(database.db));
    const typed = {
      titleFr: 'Panne',
      messageFr: '',
      titleEn: 'Down',
      'symptom-code_sms': 'yes',
      expectedEnd: 'soon',
    };
    const refused = await supervisor.post('/desk/incidents/nouveau', typed);
    expect(refused.statusCode).toBe(422);
    for (const part of [
      'value="Panne"',
      'value="Down"',
      'value="soon"',
      'name="symptom-code_sms" value="yes" checked',
    ])
      expect(refused.body).toContain(part);
    for (const key of ['message_missing', 'english_missing', 'date'])
      expect(refused.body).toContain(sentence(`incidents.errors.${key}`));
    expect(refused.body).toContain(`<title>${sentence('site.error_prefix')} `);
    const done = await supervisor.post('/desk/incidents/nouveau', {
      titleFr: 'Panne',
      messageFr: 'Patientez.',
      'symptom-code_sms': 'yes',
      expectedEnd: '2026-11-24T14:30',
    });
    expect(done.statusCode).toBe(303);
    const page = String(done.headers.location);
    const [stored] = await database.db.select().from(incidents);
    expect(stored).toMatchObject({
      symptoms: ['code_sms'],
      expectedEnd: new Date('2026-11-24T14:30:00+01:00'),
    });
    const edit = { titleFr: 'Panne', messageFr: 'Patientez.', 'symptom-pin_blocked': 'yes', version: '1' };
    expect((await supervisor.post(`${page}/modifier`, edit, page)).statusCode).toBe(303);
    const { body: history } = await supervisor.get(page);
    const symptom = (value: string) => sentence(`wizard.facts.symptom.${value}`);
    const changes = [
      { before: symptom('code_sms'), after: symptom('pin_blocked') },
      { before: '24 nov., 14:30', after: sentence('incidents.desk.nothing') },
    ];
    for (const change of changes) expect(history).toContain(sentence('incidents.desk.was', change));
    const stale = await supervisor.post(
      `${page}/modifier`,
      { titleFr: 'Autre', messageFr: 'Mot', version: '7' },
      page,
    );
    expect(stale.statusCode).toBe(409);
    expect(stale.body).toContain('value="Autre"');
    expect((await supervisor.post(`${page}/fermer`, { version: '2' }, page)).statusCode).toBe(303);
    expect((await supervisor.get(page)).body).toContain(`${page}/rouvrir`);
  });

  test('an agent sees them above the queue and on a case, and is offered nothing to change', async () => {
    const { db } = database;
    const { id } = await anIncident(db, { agent: await aSupervisor(db) });
    const { number } = await aCase(db, { incidentId: id });
    const agent = await deskVisitor(server, await anAgent(db));
    const badge = sentence('incidents.desk.badge', { id });
    expect((await agent.get('/desk')).body).toContain(badge);
    expect((await agent.get(`/desk/dossiers/${number}`)).body).toContain(`/desk/incidents/${id}`);
    const page = (await agent.get(`/desk/incidents/${id}`)).body;
    expect(page).not.toContain('/fermer');
    const refused = await agent.post(`/desk/incidents/${id}/fermer`, { version: '1' });
    expect(refused.statusCode).toBe(403);
  });
});
