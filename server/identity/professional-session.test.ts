import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SignInProvider, startSignInProvider } from '#ops/embedded/sign-in/start-provider.ts';
import { buildApp } from '../app.ts';
import { formToken, sentence } from '../testing/page-visitor.ts';
import {
  anExercise,
  aProfessional,
  kinds,
  signedInProfessional,
  signInAs,
} from '../testing/professionals.ts';
import { signingIn } from '../testing/signing-in.ts';
import { testApp, testDependencies, testViews } from '../testing/test-app.ts';
import { testClock } from '../testing/test-clock.ts';
import { testDatabase } from '../testing/test-database.ts';
import { professionalSessions, professionals } from './identity.table.ts';
import { openTokens, sealTokens } from './seal-tokens.ts';

const database = testDatabase();
let provider: SignInProvider;
beforeAll(async () => {
  provider = await startSignInProvider({ views: testViews, publicUrl: 'http://localhost:3000' });
});
afterAll(() => provider.close());
const clock = testClock();
const server = testApp(database, clock, () => provider.environment);
const browser = () => signingIn(server);
const minutes = 60_000;
beforeEach(() => clock.set('2026-11-23T10:00:00+01:00'));

const at = (cookie: string, url = '/espace') =>
  server.app.inject({ url, headers: { cookie, accept: 'text/html' } });

describe('a professional’s session', () => {
  it('ends after 30 minutes without a request', async () => {
    const { cookie } = await signedInProfessional(server);
    clock.advance(29 * minutes);
    expect((await at(cookie)).statusCode).toBe(200);
    clock.advance(29 * minutes);
    expect((await at(cookie)).statusCode).toBe(200);
    clock.advance(30 * minutes);
    const ended = await at(cookie, '/structure?return_to=%2Fespace');
    expect(ended.statusCode).toBe(303);
    expect(ended.headers.location).toBe(
      `/connexion?return_to=${encodeURIComponent('/structure?return_to=%2Fespace')}`,
    );
  });

  it('ends after 4 hours, however busy', async () => {
    const { cookie } = await signedInProfessional(server);
    for (let passed = 20; passed < 240; passed += 20) {
      clock.advance(20 * minutes);
      expect((await at(cookie)).statusCode).toBe(200);
    }
    clock.advance(20 * minutes);
    expect((await at(cookie)).statusCode).toBe(303);
  });

  it('leaves nothing behind once the next one opens', async () => {
    const { professional } = await signedInProfessional(server);
    clock.advance(31 * minutes);
    await signedInProfessional(server);
    const left = await database.db.select({ id: professionalSessions.id }).from(professionalSessions);
    expect(left.map(({ id }) => id)).not.toContain(professional.sessionId);
  });

  it('is not opened by a forged cookie, nor by one that the database holds', async () => {
    const { professional } = await signedInProfessional(server);
    for (const cookie of [
      'professional_session=x',
      `professional_session=${server.app.signCookie(professional.sessionId)}`,
    ]) {
      expect((await at(cookie)).statusCode).toBe(303);
    }
  });

  it('answers 401 to forms and programs that have none', async () => {
    const form = await server.app.inject({
      method: 'POST',
      url: '/structure',
      headers: { accept: 'text/html' },
    });
    expect(form.statusCode).toBe(401);
    const program = await server.app.inject({ method: 'POST', url: '/auth/logout', payload: {} });
    expect(program.statusCode).toBe(401);
  });

  it('keeps its tokens sealed, opened by older secrets too, and by no others', () => {
    const tokens = { accessToken: 'a', accessUntil: 'b', refreshToken: null, idToken: 'd' };
    const sealed = sealTokens(['old secret'], tokens);
    expect(sealed.toString('latin1')).not.toContain('accessToken');
    expect(openTokens(['new secret', 'old secret'], sealed)).toEqual(tokens);
    expect(openTokens(['new secret'], sealed)).toBeUndefined();
    sealed[20] = (sealed[20] ?? 0) ^ 1;
    expect(openTokens(['old secret'], sealed)).toBeUndefined();
  });
});

describe('signing out', () => {
  const signOut = async (visitor: ReturnType<typeof browser>) =>
    visitor.post('/auth/logout', { token: formToken((await visitor.get('/espace')).body) });

  it('ends both sessions: the issuer asks again who it is', async () => {
    const visitor = browser();
    await visitor.signIn({ who: 'doctor' });
    const left = await signOut(visitor);
    expect(left.statusCode).toBe(303);
    expect(visitor.cookies.has('professional_session')).toBe(false);
    const address = new URL(String(left.headers.location));
    expect(address.origin).toBe(provider.origin);
    expect(address.searchParams.get('id_token_hint')).toBeTruthy();

    const { page = '' } = await visitor.follow(address.href, await visitor.ask(address.href));
    const action = /action="([^"]+)"/.exec(page)?.[1] ?? '';
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const back = await visitor.follow(action, await visitor.ask(action, { xsrf, logout: 'yes' }));
    expect(back.at).toBe('http://localhost:3000/connexion?fin=partout');
    expect((await visitor.get('/connexion?fin=partout')).body).toContain(
      sentence('identity.sign_in.signed_out'),
    );
    const again = await visitor.leave();
    expect((await visitor.follow(again, await visitor.ask(again))).page).toContain('Anne Lefèvre');
  });

  it('by time ends only ours: the issuer lets in at once', async () => {
    const visitor = browser();
    await visitor.signIn({ who: 'doctor' });
    clock.advance(31 * minutes);
    expect((await visitor.get('/espace')).statusCode).toBe(303);
    const again = await visitor.leave();
    const answered = await visitor.follow(again, await visitor.ask(again));
    expect(answered.at).toMatch(/^http:\/\/localhost:3000\/auth\/psc\/callback\?/);
  });

  it('needs the page’s own form, or a program of ours', async () => {
    const { cookie } = await signedInProfessional(server);
    const form = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html', cookie };
    const forged = await server.app.inject({
      method: 'POST',
      url: '/auth/logout',
      headers: form,
      payload: 'token=x',
    });
    expect(forged.statusCode).toBe(403);
    const foreign = await server.app.inject({
      method: 'POST',
      url: '/auth/logout',
      headers: { cookie, origin: 'https://evil.example' },
      payload: {},
    });
    expect(foreign.statusCode).toBe(403);
    expect((await at(cookie)).statusCode).toBe(200);
    const program = await server.app.inject({
      method: 'POST',
      url: '/auth/logout',
      headers: { cookie },
      payload: {},
    });
    expect(program.json()).toEqual({
      endSession: expect.stringContaining(`${provider.origin}/psc/session/end?`),
    });
    expect((await at(cookie)).statusCode).toBe(303);
  });
});

describe('several exercises', () => {
  it('are chosen from before anything is done, and the last one is proposed first', async () => {
    const visitor = browser();
    const arrived = await visitor.signIn({ who: 'several' }, { returnTo: '/espace' });
    expect(arrived.headers.location).toBe('/structure?return_to=%2Fespace');
    expect((await visitor.get('/espace')).headers.location).toBe('/structure');
    const { body } = await visitor.get('/structure?return_to=%2Fespace');
    expect(body.match(/type="radio"/g)).toHaveLength(5);
    expect(body).not.toContain(' checked');
    const options = [...body.matchAll(/name="exercise" value="([^"]+)"/g)].map(([, value]) => value ?? '');
    const third = options[3] ?? '';

    const none = await visitor.post('/structure', { token: formToken(body), return_to: '/espace' });
    expect(none.statusCode).toBe(422);
    const made = { token: formToken(body), return_to: '/espace', exercise: '10|C|L||elsewhere' };
    expect((await visitor.post('/structure', made)).statusCode).toBe(422);
    const stale = await visitor.post('/structure', { ...made, token: 'x', exercise: third });
    expect(stale.statusCode).toBe(403);
    expect(stale.body).toContain(`value="${third}" checked`);
    const chosen = await visitor.post('/structure', { ...made, exercise: third });
    expect(chosen.headers.location).toBe('/espace');
    expect((await visitor.get('/espace')).body).toContain('Centre de santé Jean-Macé');

    const later = browser();
    await later.signIn({ who: 'several' });
    const proposed = (await later.get('/structure')).body;
    expect(/name="exercise" value="([^"]+)"[^>]* checked/.exec(proposed)?.[1]).toBe(third);
    expect(/name="exercise" value="([^"]+)"/.exec(proposed)?.[1]).toBe(third);
  });

  it('none of which is one’s own in another session: what is acted as is kept with each', async () => {
    const stored = await aProfessional(database.db);
    const one = await signInAs(server, stored, anExercise());
    const other = await signInAs(server, stored, kinds.hospitalNurse().actingAs ?? null);
    expect((await at(one.cookie)).body).toContain('Cabinet du docteur Lefèvre');
    expect((await at(other.cookie)).body).toContain('Trois-Rivières');
  });
});

describe('asking again what one may act as', () => {
  const refresh = async (visitor: ReturnType<typeof browser>) =>
    visitor.post('/structure/actualiser', {
      token: formToken((await visitor.get('/structure')).body),
      return_to: '/espace',
    });
  const storedTokens = async () => {
    const [session] = await database.db
      .select()
      .from(professionalSessions)
      .innerJoin(professionals, eq(professionals.id, professionalSessions.professionalId))
      .where(eq(professionals.nationalIdentifier, '810100000022'));
    return session && openTokens(server.deps.config.secrets, session.professional_sessions.tokens);
  };

  it('takes a new access token once the last has ended', async () => {
    const visitor = browser();
    await visitor.signIn({ who: 'nurse' });
    const first = await storedTokens();
    await database.db.update(professionalSessions).set({ exercises: [], actingAs: null });
    expect((await refresh(visitor)).body).toContain(sentence('identity.structure.refreshed'));
    expect((await storedTokens())?.accessToken).toBe(first?.accessToken);
    expect((await visitor.get('/espace')).body).toContain('Centre hospitalier de Fleurville');

    clock.advance(2 * minutes);
    expect((await refresh(visitor)).statusCode).toBe(200);
    const second = await storedTokens();
    expect(second?.accessToken).not.toBe(first?.accessToken);
    expect(second?.refreshToken).not.toBe(first?.refreshToken);
    clock.advance(2 * minutes);
    expect((await refresh(visitor)).statusCode).toBe(200);
  });

  it('leaves the session as it was while the issuer is away', async () => {
    const visitor = browser();
    await visitor.signIn({ who: 'doctor' });
    clock.advance(3 * minutes);
    provider.setAway(true);
    try {
      const answer = await refresh(visitor);
      expect(answer.statusCode).toBe(503);
      expect(answer.body).toContain(sentence('identity.structure.not_refreshed'));
    } finally {
      provider.setAway(false);
    }
    expect((await visitor.get('/espace')).statusCode).toBe(200);
  });
});

describe('an issuer that is down', () => {
  it('stops nobody else: the server starts, the desk serves, health says so', async () => {
    const deps = testDependencies(database, clock, {
      PSC_ISSUER: 'http://127.0.0.1:9/psc',
      PSC_CLIENT_ID: 'x',
      PSC_CLIENT_SECRET: 'y',
    });
    const app = await buildApp(deps);
    try {
      expect((await app.inject('/')).statusCode).toBe(200);
      const health = await app.inject('/health/ready');
      expect(health.statusCode).toBe(200);
      expect(health.json()).toMatchObject({ status: 'degraded', checks: { database: 'ok' } });
      expect(health.json().checks.psc).toContain('does not answer');
      const left = await app.inject({ url: '/auth/psc/login', headers: { accept: 'text/html' } });
      expect(left.statusCode).toBe(503);
      expect(left.body).toContain(sentence('identity.failures.issuer-down.detail'));
    } finally {
      await app.close();
    }
    expect((await server.app.inject('/health/ready')).json()).toMatchObject({
      status: 'ready',
      checks: { psc: 'ok', amelipro: 'ok' },
    });
  });

  it('that is not configured is not offered', async () => {
    const app = await buildApp(testDependencies(database, clock));
    try {
      const page = await app.inject({ url: '/connexion', headers: { accept: 'text/html' } });
      expect(page.body).toContain(sentence('identity.sign_in.not_offered'));
      expect((await app.inject('/auth/psc/login')).statusCode).toBe(404);
    } finally {
      await app.close();
    }
  });
});
