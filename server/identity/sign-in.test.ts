import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SignInProvider, startSignInProvider } from '#ops/embedded/sign-in/start-provider.ts';
import { sentence } from '../testing/page-visitor.ts';
import { signingIn } from '../testing/signing-in.ts';
import { testApp, testViews } from '../testing/test-app.ts';
import { testClock } from '../testing/test-clock.ts';
import { testDatabase } from '../testing/test-database.ts';
import { walkedSession } from '../testing/walked-session.ts';
import { wizardSessions } from '../wizard/wizard.table.ts';
import { professionalSessions, professionals, signInAttempts } from './identity.table.ts';

const database = testDatabase();
let provider: SignInProvider;
beforeAll(async () => {
  provider = await startSignInProvider({ views: testViews, publicUrl: 'http://localhost:3000' });
});
afterAll(() => provider.close());
const clock = testClock();
const server = testApp(database, clock, () => provider.environment);
const browser = () => signingIn(server);

describe('signing in', () => {
  it('opens a session for who the issuer says it is, and leads to where they wanted to go', async () => {
    const visitor = browser();
    const answer = await visitor.signIn({ who: 'doctor' }, { returnTo: '/espace?onglet=1' });
    expect(answer.statusCode).toBe(303);
    expect(answer.headers.location).toBe('/espace?onglet=1');
    const home = await visitor.get('/espace');
    expect(home.statusCode).toBe(200);
    expect(home.body).toContain('Anne Lefèvre');
    expect(home.body).toContain('Cabinet du docteur Lefèvre');
    const [stored] = await database.db.select().from(professionals);
    expect(stored).toMatchObject({
      nationalIdentifier: '810100000014',
      rpps: '10100000014',
      profession: '10',
      category: 'C',
      lastSignInAt: clock.now(),
    });
  });

  it('sends what Pro Santé Connect asks for, and keeps the secrets', async () => {
    const visitor = browser();
    const address = new URL(await visitor.leave());
    expect(Object.fromEntries(address.searchParams)).toMatchObject({
      scope: 'openid scope_all',
      acr_values: 'eidas1',
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: 'http://localhost:3000/auth/psc/callback',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(address.searchParams.get(name)?.length, name).toBeGreaterThan(30);
    }
    expect(address.href).not.toContain(provider.environment.PSC_CLIENT_SECRET);
    const stored = JSON.stringify(await database.db.select().from(signInAttempts));
    expect(stored).not.toContain(address.searchParams.get('state'));
    expect(stored).not.toContain([...visitor.cookies.values()][0]?.split('.')[0]);
  });

  it('gives cookies that scripts and other sites do not get', async () => {
    const visitor = browser();
    const left = await visitor.get('/auth/psc/login');
    expect(left.headers['set-cookie']).toMatch(/^sign_in_browser=.+; Path=\/auth; HttpOnly; SameSite=Lax$/);
    const answer = await visitor.signIn({ who: 'doctor' });
    expect(String(answer.headers['set-cookie'])).toMatch(
      /professional_session=[^;]+; Max-Age=14400; Path=\/; HttpOnly; SameSite=Lax/,
    );
    const sessions = JSON.stringify(await database.db.select().from(professionalSessions));
    expect(sessions).not.toContain('eyJ');
    expect(sessions).not.toContain(visitor.cookies.get('professional_session')?.split('.')[0]);
  });

  it.each([
    ['nurse', 'Centre hospitalier de Fleurville'],
    ['pharmacist', 'Pharmacie du Marché'],
    ['secretary', 'Personnel sans profession de santé déclarée'],
    ['standIn', 'comme souvent pour un remplaçant'],
    ['withoutReference', 'Sage-femme'],
  ])('knows the %s for what they are', async (who, words) => {
    const visitor = browser();
    expect((await visitor.signIn({ who })).statusCode).toBe(303);
    expect((await visitor.get('/espace')).body).toContain(words);
  });

  it('can be by amelipro, whose discovery is the standard one', async () => {
    const visitor = browser();
    expect((await visitor.signIn({ who: 'doctor' }, { issuer: 'amelipro' })).headers.location).toBe(
      '/espace',
    );
    const found = await database.db
      .select({ issuer: professionalSessions.issuer })
      .from(professionalSessions);
    expect(found).toContainEqual({ issuer: 'amelipro' });
  });

  it('is not offered by anybody else', async () => {
    expect((await browser().get('/auth/franceconnect/login')).statusCode).toBe(404);
    expect((await browser().get('/auth/franceconnect/callback?code=1&state=2')).statusCode).toBe(404);
  });

  it('takes the place of the session that the browser had', async () => {
    const visitor = browser();
    await visitor.signIn({ who: 'nurse' });
    const before = await database.db.$count(professionalSessions);
    await visitor.signIn({ who: 'nurse' });
    expect(await database.db.$count(professionalSessions)).toBe(before);
  });

  it('works in two tabs at once', async () => {
    const visitor = browser();
    const [first, second] = [await visitor.leave(), await visitor.leave({ returnTo: '/structure' })];
    const answerOfSecond = await visitor.get(await visitor.choose(second, { who: 'doctor' }));
    const answerOfFirst = await visitor.get(await visitor.choose(first, { who: 'doctor' }));
    expect([answerOfFirst.headers.location, answerOfSecond.headers.location]).toEqual([
      '/espace',
      '/structure',
    ]);
  });

  it.each([
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example',
    '/%5Cevil.example\n',
    'javascript:alert(1)',
    '/auth/psc/login',
    '/@evil.example',
    'espace',
    `/${'a'.repeat(600)}`,
  ])('leads nobody to %s', async (returnTo) => {
    const answer = await browser().signIn({ who: 'doctor' }, { returnTo });
    expect(answer.headers.location).toBe('/espace');
  });
});

describe('the way to the sign-in', () => {
  it('is shown by the help and by a diagnosis that ended well', async () => {
    expect((await browser().get('/aide')).body).toContain('href="/connexion"');
    const { session } = await walkedSession(database.db, ['way/ecps', 'problem/it_works']);
    const { body } = await browser().get(`/diagnostic/${session.id}/resolved`);
    expect(body).toContain('href="/connexion"');
  });

  it('is passed by whoever has signed in already', async () => {
    const visitor = browser();
    await visitor.signIn({ who: 'doctor' });
    expect((await visitor.get('/connexion?return_to=%2Fstructure')).headers.location).toBe('/structure');
  });

  it('stays what it was in the other language', async () => {
    const { body } = await browser().get('/connexion?return_to=%2Fstructure%3Fa%3D1&lang=en');
    expect(body).toContain('Sign in with Pro Santé Connect');
    expect(body).toContain('href="/auth/psc/login?return_to=%2Fstructure%3Fa%3D1"');
    expect(body).toContain('href="/connexion?return_to&#x3D;%2Fstructure%3Fa%3D1&amp;lang=fr"');
  });
});

describe('an answer of the issuer', () => {
  const refused = async (visitor: ReturnType<typeof browser>, path: string, kind: string, status: number) => {
    const answer = await visitor.get(path);
    expect(answer.statusCode).toBe(status);
    expect(answer.body).toContain(sentence(`identity.failures.${kind}.title`));
    expect(visitor.cookies.has('professional_session')).toBe(false);
  };
  const change = (path: string, name: string, value: string) => {
    const url = new URL(path, 'http://localhost:3000');
    url.searchParams.set(name, value);
    return url.pathname + url.search;
  };

  it('is taken once', async () => {
    const visitor = browser();
    const path = await visitor.choose(await visitor.leave(), { who: 'doctor' });
    expect((await visitor.get(path)).statusCode).toBe(303);
    visitor.cookies.delete('professional_session');
    await refused(visitor, path, 'attempt-over', 400);
  });

  it('is nobody’s in another browser, and still good in its own', async () => {
    const visitor = browser();
    const path = await visitor.choose(await visitor.leave(), { who: 'doctor' });
    const thief = browser();
    await thief.leave();
    await refused(thief, path, 'attempt-over', 400);
    expect((await visitor.get(path)).statusCode).toBe(303);
  });

  it('comes too late after ten minutes', async () => {
    const visitor = browser();
    const path = await visitor.choose(await visitor.leave(), { who: 'doctor' });
    clock.advance(10 * 60_000);
    await refused(visitor, path, 'attempt-over', 400);
  });

  it('is refused with another state, another code, another issuer, or none of them', async () => {
    const visitor = browser();
    const answer = async () => visitor.choose(await visitor.leave(), { who: 'doctor' });
    await refused(visitor, change(await answer(), 'state', 'another'), 'attempt-over', 400);
    await refused(visitor, change(await answer(), 'code', 'another'), 'invalid-answer', 400);
    await refused(visitor, change(await answer(), 'iss', 'https://evil.example'), 'invalid-answer', 400);
    await refused(visitor, '/auth/psc/callback', 'attempt-over', 400);
    await refused(visitor, (await answer()).replace('/psc/', '/amelipro/'), 'attempt-over', 400);
  });

  it.each(['nonce', 'verifier'] as const)('is refused when it fits another %s', async (column) => {
    const visitor = browser();
    const path = await visitor.choose(await visitor.leave(), { who: 'doctor' });
    await database.db.update(signInAttempts).set({ [column]: 'x'.repeat(50) });
    await refused(visitor, path, 'invalid-answer', 400);
  });
});

describe('a sign-in that fails', () => {
  it.each([
    ['refused', 'refused', 403, 'login_fails'],
    ['expired', 'expired', 403, 'ecps_expired'],
    ['timeout', 'too-slow', 504, 'login_fails'],
    ['down', 'issuer-down', 503, 'everything_down'],
    ['level', 'level', 403, 'after_sign_in'],
  ])(
    '(%s) is told in plain words, and opens the wizard where it matters',
    async (fail, kind, status, node) => {
      const visitor = browser();
      const answer = await visitor.signIn({ fail });
      expect(answer.statusCode).toBe(status);
      expect(answer.body).toContain(sentence(`identity.failures.${kind}.title`));
      expect(answer.body).toContain(sentence(`identity.failures.${kind}.detail`));
      expect(visitor.cookies.has('professional_session')).toBe(false);

      const fields = Object.fromEntries(
        ['token', 'issuer', 'failure'].map((name) => [
          name,
          new RegExp(`name="${name}" value="([^"]*)"`).exec(answer.body)?.[1] ?? '',
        ]),
      );
      const diagnosis = await visitor.post('/connexion/diagnostic', fields);
      expect(diagnosis.statusCode).toBe(303);
      const place = await visitor.get(String(diagnosis.headers.location));
      expect(place.headers.location).toMatch(new RegExp(`^/diagnostic/[0-9a-f-]{36}/${node}$`));
      const sessions = await database.db.select().from(wizardSessions);
      const opened = sessions.find(({ id }) => String(place.headers.location).includes(id));
      expect(opened?.answers[0]).toEqual({ node: 'way', answer: 'ecps' });
      expect(JSON.stringify(sessions)).not.toMatch(/Lefèvre|10100000/);
    },
  );

  it('needs the page’s own form to open the wizard, and a failure that exists', async () => {
    const count = await database.db.$count(wizardSessions);
    const visitor = browser();
    const forged = { token: 'x', issuer: 'psc', failure: 'refused' };
    expect((await visitor.post('/connexion/diagnostic', forged)).headers.location).toBe('/');
    const page = (await visitor.signIn({ fail: 'refused' })).body;
    const token = /name="token" value="([^"]*)"/.exec(page)?.[1] ?? '';
    const unknown = { token, issuer: 'psc', failure: 'made-up' };
    expect((await visitor.post('/connexion/diagnostic', unknown)).statusCode).toBe(400);
    expect(await database.db.$count(wizardSessions)).toBe(count);
  });

  it('at too low a level can be tried again at a better one', async () => {
    const visitor = browser();
    await visitor.signIn({ fail: 'level' });
    expect((await visitor.signIn({ who: 'doctor' })).statusCode).toBe(303);
  });

  it('since the issuer went away meanwhile is said to be its fault', async () => {
    const visitor = browser();
    const path = await visitor.choose(await visitor.leave(), { who: 'doctor' });
    provider.setAway(true);
    try {
      const answer = await visitor.get(path);
      expect(answer.statusCode).toBe(503);
      expect(answer.body).toContain(sentence('identity.failures.issuer-down.title'));
    } finally {
      provider.setAway(false);
    }
  });
});
