import { expect, test } from 'vitest';
import { aCase, anAgent } from '../testing/builders.ts';
import { deskVisitor } from '../testing/desk-visitor.ts';
import { testApp, testTexts } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);
const say = (key: string, parameters = {}) => testTexts.say('fr', key, parameters);

test.each([
  '/desk',
  '/desk?ligne=liberaux',
  '/desk/dossiers/VC-100001',
  '/desk/recherche?q=durand',
  '/desk/flows',
  '/desk/hotlines',
  '/desk/hotlines/liberaux/details',
  '/desk/routing-rules',
])('%s without a session leads to the sign-in page, and back', async (url) => {
  const answer = await server.app.inject({ url });
  expect(answer.statusCode).toBe(303);
  expect(answer.headers.location).toBe(`/desk/connexion?next=${encodeURIComponent(url)}`);
});

test('a form sent after the session ended gives back what was written in it', async () => {
  const answer = await server.app.inject({
    method: 'POST',
    url: '/desk/dossiers/VC-100001/noter',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ token: 'x', note: 'Rappeler <demain>' }).toString(),
  });
  expect(answer.statusCode).toBe(403);
  expect(answer.body).toContain('Rappeler &lt;demain&gt;');
  expect(answer.body).toContain('name="next" value="/desk/dossiers/VC-100001"');
});

test('an unknown page of the desk says so, inside the desk', async () => {
  const visitor = await deskVisitor(server, await anAgent(database.db));
  const answer = await visitor.get('/desk/dossiers/VC-999999');
  expect(answer.statusCode).toBe(404);
  expect(answer.body).toContain(say('problems.case-not-found.detail'));
  expect(answer.body).toContain('desk-header');
});

test('the desk speaks French, and English to who asks', async () => {
  const visitor = await deskVisitor(server, await anAgent(database.db));
  expect((await visitor.get('/desk')).body).toContain('<html lang="fr"');
  const english = await visitor.get('/desk?ligne=etablissements&lang=en');
  expect(english.body).toContain('<html lang="en"');
  expect(english.body).toContain('/desk?ligne&#x3D;etablissements&amp;lang&#x3D;fr');
});

test('every page of the drawing of the wizard is there, with where its answers lead', async () => {
  const visitor = await deskVisitor(server, await anAgent(database.db));
  const { statusCode, body } = await visitor.get('/desk/flows');
  expect(statusCode).toBe(200);
  const targets = [...body.matchAll(/href="#(connection-\w+)"/g)].map(([, id]) => id);
  expect(targets.length).toBeGreaterThan(100);
  for (const id of new Set(targets)) expect(body).toContain(`id="${id}"`);
  expect(body).toContain('flowchart TD');
});

test('a search finds open and finished cases of my lines only, and escapes what was typed', async () => {
  const found = await aCase(database.db, { contactName: 'Zoé Recherche' });
  const foreign = await aCase(database.db, { contactName: 'Zoé Recherche', hotlineId: 'liberaux' });
  const visitor = await deskVisitor(server, await anAgent(database.db));
  const { body } = await visitor.get('/desk/recherche?q=zoe+rech');
  expect(body).toContain(`/desk/dossiers/${found.number}"`);
  expect(body).not.toContain(foreign.number);

  const none = await visitor.get(`/desk/recherche?q=${encodeURIComponent('"><script>alert(1)</script>')}`);
  expect(none.statusCode).toBe(200);
  expect(none.body).not.toContain('<script>alert');
  const nobody = await visitor.get('/desk/recherche?q=nulle+part');
  expect(nobody.body).toContain(say('desk.search.none', { q: 'nulle part' }));
  expect(nobody.body).toContain(say('desk.search.noneHint'));
});

test.each(['/desk/recherche?q=a&after=nonsense', '/desk/recherche?q=%00'])(
  '%s is refused without a failure',
  async (url) => {
    const visitor = await deskVisitor(server, await anAgent(database.db));
    expect((await visitor.get(url)).statusCode).toBe(400);
  },
);
