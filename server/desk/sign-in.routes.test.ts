import { beforeAll, expect, test } from 'vitest';
import { hashPassword } from '../agents/passwords.ts';
import { anAgent, signedIn } from '../testing/builders.ts';
import { deskVisitor, tokenIn } from '../testing/desk-visitor.ts';
import { testApp, testTexts } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);
const say = (key: string) => testTexts.say('fr', key);
const email = 'alice@demo.test';
const password = 'correct horse';

beforeAll(async () => {
  await anAgent(database.db, { email, passwordHash: await hashPassword(password) });
});

async function signIn(fields: Readonly<Record<string, string>>) {
  const page = await server.app.inject({ url: '/desk/connexion' });
  return server.app.inject({
    method: 'POST',
    url: '/desk/connexion',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ token: tokenIn(page.body), ...fields }).toString(),
  });
}

test('the right password opens the desk, where it was left', async () => {
  const answer = await signIn({ email: ' Alice@demo.test ', password, next: '/desk/dossiers/VC-100001' });
  expect(answer.statusCode).toBe(303);
  expect(answer.headers.location).toBe('/desk/dossiers/VC-100001');
  const session = answer.cookies.find(({ name }) => name === 'agent_session');
  expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
  const desk = await server.app.inject({ url: '/desk', cookies: { agent_session: session?.value ?? '' } });
  expect(desk.statusCode).toBe(200);
});

test('signing in is told to who watches the desk, and closes the session before', async () => {
  let rings = 0;
  const stop = server.deps.doorbell.onRing(() => {
    rings += 1;
  });
  const page = await server.app.inject({ url: '/desk/connexion' });
  const cookie = await signedIn(server, await anAgent(database.db));
  const own = 'berthe@demo.test';
  await anAgent(database.db, { email: own, passwordHash: await hashPassword(password) });
  const answer = await server.app.inject({
    method: 'POST',
    url: '/desk/connexion',
    headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ token: tokenIn(page.body), email: own, password }).toString(),
  });
  stop();
  expect(answer.statusCode).toBe(303);
  expect(rings).toBe(1);
  expect((await server.app.inject({ url: '/api/agents/me', headers: { cookie } })).statusCode).toBe(401);
});

test('a wrong password is said beside the field, and the address stays typed', async () => {
  const answer = await signIn({ email, password: 'wrong' });
  expect(answer.statusCode).toBe(422);
  expect(answer.body).toContain(say('desk.errors.credentials'));
  expect(answer.body).toContain(`value="${email}"`);
  expect(answer.body).not.toContain('wrong');
  expect(answer.cookies).toEqual([]);
});

test('empty fields are each named', async () => {
  const answer = await signIn({});
  expect(answer.statusCode).toBe(422);
  expect(answer.body).toContain('href="#email"');
  expect(answer.body).toContain('href="#password"');
});

test('a form without its token is not taken, and keeps what was typed', async () => {
  const answer = await signIn({ email, password, token: 'not.ours' });
  expect(answer.statusCode).toBe(403);
  expect(answer.body).toContain(say('problems.stale-form.detail'));
  expect(answer.body).toContain(`value="${email}"`);
});

test('a character that cannot be stored is refused on the page itself', async () => {
  const answer = await signIn({ email: 'a\0b@demo.test', password });
  expect(answer.statusCode).toBe(400);
  expect(answer.body).toContain('<form');
});

test.each([
  'https://elsewhere.test/',
  '//elsewhere.test',
  '/\\elsewhere.test',
  '/desk/../../elsewhere',
  '/desk@elsewhere.test',
  '/api/cases',
  'javascript:alert(1)',
  '/desk\r\nSet-Cookie: a=b',
])('nobody is led to %j', async (next) => {
  const answer = await signIn({ email, password, next });
  expect(answer.headers.location).toBe('/desk');
});

test('who tries passwords is slowed, on the same page', async () => {
  let answer = await signIn({ email: 'somebody@demo.test', password: 'wrong' });
  for (let tries = 0; tries < 10; tries += 1) {
    answer = await signIn({ email: 'somebody@demo.test', password: 'wrong' });
  }
  expect(answer.statusCode).toBe(429);
  expect(answer.body).toContain(say('problems.too-many.detail'));
  expect(answer.body).toContain('value="somebody@demo.test"');
});

test('who is signed in goes straight to the desk, and who signs out is out', async () => {
  const visitor = await deskVisitor(server, await anAgent(database.db));
  expect((await visitor.get('/desk/connexion')).headers.location).toBe('/desk');
  const out = await visitor.post('/desk/deconnexion');
  expect(out.headers.location).toBe('/desk/connexion');
  expect((await visitor.get('/desk')).statusCode).toBe(303);
});

test('a link cannot sign anybody out', async () => {
  const visitor = await deskVisitor(server, await anAgent(database.db));
  await visitor.post('/desk/deconnexion', { token: 'forged' });
  expect((await visitor.get('/desk')).statusCode).toBe(200);
});
