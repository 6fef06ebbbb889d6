import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { registerErrorHandling } from '../http/error-handling.ts';
import { registerSecurity } from '../http/security.ts';
import {
  anExercise,
  delegateEntry,
  kinds,
  type ProfessionalKind,
  signedInDelegate,
  signedInProfessional,
} from '../testing/professionals.ts';
import { testDependencies } from '../testing/test-app.ts';
import { testClock } from '../testing/test-clock.ts';
import { testDatabase } from '../testing/test-database.ts';
import { professionalSessions } from './identity.table.ts';
import { rightsCache } from './load-rights.ts';
import { registerProfessionals } from './require-professional.ts';
import { registerRights, requireRight } from './require-right.ts';
import { professionalRights } from './rights.table.ts';

const database = testDatabase();
const clock = testClock();
let app: FastifyInstance;
let deps: ReturnType<typeof testDependencies>;

beforeAll(async () => {
  deps = testDependencies(database, clock);
  app = Fastify();
  registerErrorHandling(app, deps);
  await registerSecurity(app, deps.config);
  registerProfessionals(app);
  registerRights(app);
  await app.register(async (routes) => {
    const answer = async (request: {
      readonly professional: { readonly id: string };
      readonly onlyByDelegation: boolean;
    }) => ({
      id: request.professional.id,
      onlyByDelegation: request.onlyByDelegation,
    });
    routes.get('/api/signs', { onRequest: requireRight(deps, 'summary.sign') }, answer);
    routes.get(
      '/api/enters',
      { onRequest: requireRight(deps, 'injection.record', 'entry.on_behalf') },
      answer,
    );
    routes.get('/page', { onRequest: requireRight(deps, 'summary.sign') }, answer);
    routes.post('/page', { onRequest: requireRight(deps, 'summary.sign') }, answer);
    routes.get('/open', answer);
  });
  await app.ready();
});
afterAll(() => app.close());
beforeEach(() => clock.set('2026-11-23T10:00:00+01:00'));

const as = (kind: ProfessionalKind) => signedInProfessional({ app, deps }, kind);
const get = (url: string, cookie = '', language = 'fr') =>
  app.inject({ url, headers: { cookie, accept: 'text/html', 'accept-language': language } });

describe('requireRight', () => {
  it('lets through who holds the right, and says who it is', async () => {
    const { cookie, professional } = await as(kinds.independentDoctor());
    const answer = await get('/api/signs', cookie);
    expect(answer.json()).toEqual({ id: professional.id, onlyByDelegation: false });
  });

  it('takes any of several, and says when one holds only by delegation', async () => {
    const secretary = await signedInDelegate({ app, deps });
    expect((await get('/api/enters', secretary.cookie)).json()).toMatchObject({ onlyByDelegation: true });
    const nurse = await as(kinds.hospitalNurse());
    expect((await get('/api/enters', nurse.cookie)).json()).toMatchObject({ onlyByDelegation: false });
  });

  it.each([
    ['nothing is delegated to', [], false],
    ['a delegation begins tomorrow for', [{ validFrom: '2026-11-24' }], false],
    ['a delegation began today for', [{ validFrom: '2026-11-23' }], true],
    ['a delegation ended a week ago for', [{ validTo: '2026-11-16' }], true],
    ['a delegation ended longer ago for', [{ validTo: '2026-11-15' }], false],
    [
      'a delegation was withdrawn this week from',
      [{ revokedAt: new Date('2026-11-16T10:00:00+01:00') }],
      true,
    ],
    ['a delegation was withdrawn before from', [{ revokedAt: new Date('2026-11-16T09:59:59+01:00') }], false],
    ['one of two delegations holds for', [{ validTo: '2026-10-31' }, {}], true],
  ])('while %s whoever enters for others alone, lets them through or not', async (_when, given, held) => {
    const { cookie, professional } = await as(kinds.secretary());
    for (const delegation of given) await delegateEntry(database.db, professional, delegation);
    const answer = await get('/api/enters', cookie);
    expect(answer.statusCode === 200 ? answer.json().onlyByDelegation : answer.json()).toEqual(
      held
        ? true
        : expect.objectContaining({
            type: '/problems/not-delegated-to',
            status: 403,
            right: 'injection.record',
          }),
    );
  });

  it('refuses with the reason, in the language of who asks', async () => {
    const { cookie } = await as(kinds.secretary());
    const french = await get('/api/signs', cookie);
    expect(french.statusCode).toBe(403);
    expect(french.json()).toMatchObject({
      type: '/problems/may-not-staff',
      right: 'summary.sign',
      reason: 'staff',
      detail: deps.texts.say('fr', 'problems.may-not-staff.detail'),
    });
    expect((await get('/api/signs', cookie, 'en')).json().detail).toBe(
      deps.texts.say('en', 'problems.may-not-staff.detail'),
    );
    const unknown = await as({ actingAs: null });
    expect((await get('/api/signs', unknown.cookie)).json()).toMatchObject({ reason: 'profession-unknown' });
  });

  it('shows a page with the ways on: what one may do, and another structure', async () => {
    const { cookie } = await as(kinds.secretary());
    const page = await get('/page', cookie);
    expect(page.statusCode).toBe(403);
    expect(page.body).toContain('href="/espace"');
    expect(page.body).toContain('href="/structure"');
    expect((await get('/nowhere', cookie)).body).not.toContain('href="/structure"');
  });

  it('leads whoever reads a page to the sign-in, and tells programs and forms', async () => {
    expect((await get('/page?a=1')).headers.location).toBe('/connexion?return_to=%2Fpage%3Fa%3D1');
    expect((await get('/api/signs')).statusCode).toBe(401);
    expect((await app.inject({ method: 'POST', url: '/page' })).statusCode).toBe(401);
    expect((await get('/open')).statusCode).toBe(401);
  });

  it('waits for the structure to be chosen', async () => {
    const { cookie } = await as({ actingAs: null });
    await database.db
      .update(professionalSessions)
      .set({ exercises: [anExercise(), anExercise({ key: 'b' })] });
    expect((await get('/page', cookie)).headers.location).toBe('/structure?return_to=%2Fpage');
    const program = await get('/api/signs', cookie);
    expect(program.statusCode).toBe(403);
    expect(program.json().type).toBe('/problems/structure-not-chosen');
  });
});

describe('the rights at hand', () => {
  it('are loaded once for many, again when told, and keep holding while the database is away', async () => {
    const errors: string[] = [];
    let loads = 0;
    let fails = false;
    const watched = new Proxy(database.db, {
      get(target, name) {
        if (name === 'select') {
          loads += 1;
          if (fails) throw new Error('away');
        }
        return Reflect.get(target, name, target);
      },
    });
    const cache = rightsCache({
      db: watched,
      clock,
      maxAgeMs: 10_000,
      log: { error: (_, message) => void errors.push(message) },
    });
    const [first, second] = await Promise.all([cache.current(), cache.current()]);
    expect(second).toBe(first);
    expect(loads).toBe(1);
    await database.db.delete(professionalRights);
    expect(await cache.current()).toBe(first);
    cache.invalidate();
    expect(await cache.current()).toEqual([]);
    clock.advance(10_000);
    fails = true;
    expect(await cache.current()).toEqual([]);
    expect(errors).toHaveLength(1);
    expect(loads).toBe(3);
  });
});
