import { eq } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { buildApp } from '#server/app.ts';
import { anAgent, signedIn } from '#server/testing/builders.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { sessionsStillOpen } from './agent-sessions.ts';
import { agentSessions, agents } from './agents.table.ts';
import { createAgent } from './create-agent.ts';
import { hashPassword, verifyPassword } from './passwords.ts';

const database = testDatabase();
const server = testApp(database);
const password = 'un mot de passe';
const minute = 60_000;
const hour = 60 * minute;

beforeEach(() => server.clock.set('2026-11-23T10:00:00+01:00'));

async function anAccount(name: string): Promise<string> {
  const email = `${name}@demo.test`;
  const id = await createAgent(
    database.db,
    { email, name, password, hotlines: ['etablissements'] },
    server.clock.now(),
  );
  if (!id) throw new Error('the address is taken');
  return id;
}

function signIn(email: string, attempt: string, remoteAddress = '127.0.0.1') {
  return server.app.inject({
    method: 'POST',
    url: '/api/agents/session',
    payload: { email, password: attempt },
    remoteAddress,
  });
}

const me = (cookie: string | undefined) =>
  server.app.inject({ url: '/api/agents/me', headers: cookie === undefined ? {} : { cookie } });

const signOut = (cookie: string) =>
  server.app.inject({ method: 'DELETE', url: '/api/agents/session', headers: { cookie } });

const presenceOf = async (id: string) =>
  (await database.db.select().from(agents).where(eq(agents.id, id)))[0]?.presence;

describe('passwords', () => {
  test('are recognised, however their accents were typed, and stored each with a salt of its own', async () => {
    const stored = await hashPassword('déjà vu');
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await verifyPassword('déjà vu'.normalize('NFD'), stored)).toBe(true);
    expect(await verifyPassword('deja vu', stored)).toBe(false);
    expect(await hashPassword('déjà vu')).not.toBe(stored);
  });

  test('never match what is not a stored password', async () => {
    for (const stored of [undefined, '', 'none', '$argon2id$v=19$m=8,t=1,p=1$$']) {
      expect(await verifyPassword('', stored)).toBe(false);
    }
  });
});

describe('signing in', () => {
  test('opens a session in a cookie that scripts and other sites cannot use', async () => {
    await anAccount('claire');
    const answer = await signIn(' CLAIRE@demo.test', password);
    expect(answer.statusCode).toBe(204);
    const [cookie] = answer.cookies;
    expect(cookie).toMatchObject({ name: 'agent_session', httpOnly: true, sameSite: 'Lax', path: '/' });
    // The tests' service has an http: address; over https: it would be Secure.
    expect(cookie?.secure).toBeUndefined();
    const header = `agent_session=${encodeURIComponent(cookie?.value ?? '')}`;
    expect((await me(header)).json()).toEqual({
      id: expect.any(String),
      name: 'claire',
      email: 'claire@demo.test',
      role: 'agent',
      hotlines: ['etablissements'],
      presence: 'available',
      capacity: 5,
    });
  });

  test('leaves alone what the agent said in another session', async () => {
    await anAccount('fanny');
    const [first] = (await signIn('fanny@demo.test', password)).cookies;
    const cookie = `agent_session=${encodeURIComponent(first?.value ?? '')}`;
    await server.app.inject({
      method: 'PUT',
      url: '/api/agents/me/presence',
      headers: { cookie },
      payload: { presence: 'away' },
    });
    await signIn('fanny@demo.test', password);
    expect((await me(cookie)).json()).toMatchObject({ presence: 'away' });
  });

  test('closes the session that the request carries, and only when it succeeds', async () => {
    const before = await anAgent(database.db);
    const cookie = await signedIn(server, before);
    await anAccount('karim');
    const again = (attempt: string) =>
      server.app.inject({
        method: 'POST',
        url: '/api/agents/session',
        headers: { cookie },
        payload: { email: 'karim@demo.test', password: attempt },
      });
    expect((await again('faux')).statusCode).toBe(401);
    expect((await me(cookie)).statusCode).toBe(200);
    expect((await again(password)).statusCode).toBe(204);
    expect((await me(cookie)).statusCode).toBe(401);
    expect(await presenceOf(before.id)).toBe('away');
  });

  test('stores nothing that opens a session', async () => {
    const id = await anAccount('denis');
    const secret = (await signIn('denis@demo.test', password)).cookies[0]?.value.split('.')[0] ?? '';
    const [session] = await database.db.select().from(agentSessions).where(eq(agentSessions.agentId, id));
    expect(session?.id).toMatch(/^[0-9a-f]{64}$/);
    expect(session?.id).not.toContain(secret);
  });

  test('is refused alike for a wrong password, an unknown address and a closed account', async () => {
    await anAccount('emma');
    const closed = await anAccount('farid');
    await database.db.update(agents).set({ active: false }).where(eq(agents.id, closed));
    const answers = await Promise.all([
      signIn('emma@demo.test', 'faux'),
      signIn('personne@demo.test', password),
      signIn('farid@demo.test', password),
    ]);
    for (const answer of answers) {
      expect(answer.statusCode).toBe(401);
      expect(answer.cookies).toEqual([]);
      expect(answer.json()).toEqual({
        type: '/problems/sign-in-refused',
        title: 'Connexion refusée',
        status: 401,
        detail: 'L’adresse ou le mot de passe n’est pas le bon.',
      });
    }
  });

  test('is slowed after ten tries from one address, and not for others', async () => {
    await anAccount('gilles');
    const tries = Array.from({ length: 10 }, () => signIn('gilles@demo.test', 'faux', '192.0.2.1'));
    expect((await Promise.all(tries)).map((each) => each.statusCode)).toEqual(Array(10).fill(401));
    expect((await signIn('Gilles@demo.test ', password, '192.0.2.1')).statusCode).toBe(429);
    expect((await signIn('gilles@demo.test', password, '192.0.2.2')).statusCode).toBe(204);
  });

  test('is slowed for an account that is tried from everywhere, until the window ends', async () => {
    await anAccount('henri');
    const places = Array.from({ length: 25 }, (_, n) => `198.51.100.${n}`);
    for (let round = 0; round < 4; round += 1) {
      const tries = await Promise.all(places.map((place) => signIn('henri@demo.test', 'faux', place)));
      for (const each of tries) expect(each.statusCode).toBe(401);
    }
    expect((await signIn('henri@demo.test', password, '192.0.2.9')).statusCode).toBe(429);
  });

  test('gives a Secure cookie where the service is reached over https', async () => {
    const deps = {
      ...server.deps,
      config: { ...server.deps.config, publicUrl: 'https://aide.exemple.test' },
    };
    const app = await buildApp(deps);
    await anAccount('ines');
    const payload = { email: 'ines@demo.test', password };
    const answer = await app.inject({ method: 'POST', url: '/api/agents/session', payload });
    expect(answer.cookies).toMatchObject([{ name: 'agent_session', secure: true, httpOnly: true }]);
    await app.close();
  });

  test('refuses what is not an address and a password', async () => {
    for (const payload of [{}, { email: 'a@b.fr' }, { email: 'a@b.fr', password: 'x', admin: true }]) {
      const answer = await server.app.inject({ method: 'POST', url: '/api/agents/session', payload });
      expect(answer.statusCode).toBe(400);
    }
  });
});

describe('a session', () => {
  test('is refused without a cookie, with a tampered one, and with one signed by somebody else', async () => {
    const cookie = await signedIn(server, await anAgent(database.db));
    const unsigned = cookie.split('.')[0];
    const tampered = cookie.replace(/=(.)/, (_, first) => `=${first === 'A' ? 'B' : 'A'}`);
    for (const bad of [undefined, 'agent_session=', unsigned, tampered, `${cookie}x`]) {
      expect((await me(bad)).statusCode).toBe(401);
    }
    expect((await me(cookie)).statusCode).toBe(200);
  });

  test('ends after an hour without a request, and not before', async () => {
    const cookie = await signedIn(server, await anAgent(database.db));
    server.clock.advance(hour - minute);
    expect((await me(cookie)).statusCode).toBe(200);
    server.clock.advance(hour - minute);
    expect((await me(cookie)).statusCode).toBe(200);
    server.clock.advance(hour);
    expect((await me(cookie)).statusCode).toBe(401);
  });

  test('ends after twelve hours however much it is used', async () => {
    const cookie = await signedIn(server, await anAgent(database.db));
    for (let half = 1; half < 24; half += 1) {
      server.clock.advance(hour / 2);
      expect((await me(cookie)).statusCode).toBe(200);
    }
    server.clock.advance(hour / 2);
    expect((await me(cookie)).statusCode).toBe(401);
  });

  test('is over for an agent whose account is closed', async () => {
    const agent = await anAgent(database.db);
    const cookie = await signedIn(server, agent);
    await database.db.update(agents).set({ active: false }).where(eq(agents.id, agent.id));
    expect((await me(cookie)).statusCode).toBe(401);
  });

  test('that is signed out opens nothing more, and leaves the agent away once none is left', async () => {
    const agent = await anAgent(database.db);
    const [desk, phone] = [await signedIn(server, agent), await signedIn(server, agent)];
    expect((await signOut(phone)).statusCode).toBe(204);
    expect((await me(phone)).statusCode).toBe(401);
    expect(await presenceOf(agent.id)).toBe('available');
    expect((await signOut(desk)).statusCode).toBe(204);
    expect(await presenceOf(agent.id)).toBe('away');
  });

  test('can be watched without being used', async () => {
    const agent = await anAgent(database.db);
    const cookie = await signedIn(server, agent);
    const sessionId = async () =>
      (await database.db.select().from(agentSessions).where(eq(agentSessions.agentId, agent.id)))[0]?.id ??
      '';
    const open = async () =>
      sessionsStillOpen(database.db, [await sessionId(), 'unknown'], server.clock.now());
    expect([...(await open()).values()]).toMatchObject([{ id: agent.id, hotlines: ['etablissements'] }]);
    server.clock.advance(hour - 1);
    expect((await open()).size).toBe(1);
    server.clock.advance(1);
    expect((await open()).size).toBe(0);
    expect((await me(cookie)).statusCode).toBe(401);
  });
});

describe('an agent', () => {
  test('who supervises sees every hotline', async () => {
    const cookie = await signedIn(server, await anAgent(database.db, { role: 'supervisor', hotlines: [] }));
    expect((await me(cookie)).json()).toMatchObject({ hotlines: ['etablissements', 'liberaux'] });
  });

  test('says whether they take cases', async () => {
    const agent = await anAgent(database.db);
    const cookie = await signedIn(server, agent);
    const say = (presence: string) =>
      server.app.inject({
        method: 'PUT',
        url: '/api/agents/me/presence',
        headers: { cookie },
        payload: { presence },
      });
    expect((await say('wrap_up')).statusCode).toBe(204);
    expect(await presenceOf(agent.id)).toBe('wrap_up');
    expect((await say('asleep')).statusCode).toBe(400);
    expect(await presenceOf(agent.id)).toBe('wrap_up');
  });

  test('is created once for an address', async () => {
    const id = await anAccount('hélène');
    const again = { email: 'Hélène@demo.test', name: 'Autre', password, hotlines: [] };
    expect(await createAgent(database.db, again, server.clock.now())).toBeUndefined();
    expect((await database.db.select().from(agents).where(eq(agents.id, id)))[0]?.name).toBe('hélène');
  });
});
