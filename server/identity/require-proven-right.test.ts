import { eq } from 'drizzle-orm';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { firstDose, aPatient as patientOfActs } from '#server/testing/acts.ts';
import { registerErrorHandling } from '../http/error-handling.ts';
import { registerSecurity } from '../http/security.ts';
import { accessLog } from '../records/access-log/access-log.table.ts';
import { injections } from '../records/acts/acts.table.ts';
import { aNir } from '../testing/patients.ts';
import {
  anExercise,
  delegateEntry,
  kinds,
  type SignedInProfessional,
  signedInProfessional,
} from '../testing/professionals.ts';
import { testApp, testDependencies } from '../testing/test-app.ts';
import { testClock } from '../testing/test-clock.ts';
import { testDatabase } from '../testing/test-database.ts';
import { professionalSessions, professionals } from './identity.table.ts';
import { registerProfessionals } from './require-professional.ts';
import { proofOf, requireProvenRight } from './require-proven-right.ts';
import { registerRights } from './require-right.ts';
import { proveSession } from './session-proof.ts';

const database = testDatabase();
const clock = testClock();
const server = testApp(database, clock);
const minutes = 60_000;
beforeEach(() => clock.set('2026-11-23T10:00:00+01:00'));

/** As another server does: this process hears nothing of it. */
const elsewhere = {
  signOut: ({ professional }: SignedInProfessional) =>
    database.db.delete(professionalSessions).where(eq(professionalSessions.id, professional.sessionId)),
  actAs: ({ professional }: SignedInProfessional, actingAs: ReturnType<typeof anExercise> | null) =>
    database.db
      .update(professionalSessions)
      .set({ actingAs })
      .where(eq(professionalSessions.id, professional.sessionId)),
};

describe('a route whose first statement proves the session', () => {
  let app: FastifyInstance;

  beforeAll(async () => {
    const deps = testDependencies(database, clock);
    app = Fastify();
    registerErrorHandling(app, deps);
    await registerSecurity(app, deps.config);
    registerProfessionals(app);
    registerRights(app);
    const entering = requireProvenRight(deps, 'injection.record', 'entry.on_behalf');
    const answer = async (request: FastifyRequest) => {
      const recalled = proofOf(request);
      await proveSession(deps.db, recalled, deps.clock.now());
      const { professional, onlyByDelegation } = request;
      return { recalled: recalled !== undefined, name: professional.familyName, onlyByDelegation };
    };
    app.get('/api/proves', { ...entering.hooks }, async (request, reply) =>
      entering.proving(request, reply, () => answer(request)),
    );
    app.get('/api/forgets', { ...entering.hooks }, async () => ({ secret: true }));
    await app.ready();
  });
  afterAll(() => app.close());

  const get = (cookie: string, url = '/api/proves') => app.inject({ url, headers: { cookie } });
  const enter = async (kind = kinds.independentDoctor()) => {
    const someone = await signedInProfessional({ app, deps: server.deps }, kind);
    expect((await get(someone.cookie)).json()).toMatchObject({ recalled: false });
    return someone;
  };

  it('reads the session once, and recalls it from then on', async () => {
    const { cookie, professional } = await enter();
    expect((await get(cookie)).json()).toEqual({
      recalled: true,
      name: professional.familyName,
      onlyByDelegation: false,
    });
  });

  it('refuses a session that ended elsewhere since', async () => {
    const doctor = await enter();
    await elsewhere.signOut(doctor);
    const refused = await get(doctor.cookie);
    expect([refused.statusCode, refused.json().type]).toEqual([401, '/problems/sign-in-needed']);
  });

  it('decides by what one acts as now, not by what is recalled', async () => {
    const doctor = await enter();
    await delegateEntry(database.db, doctor.professional);
    await elsewhere.actAs(doctor, kinds.secretary().actingAs ?? null);
    expect((await get(doctor.cookie)).json()).toMatchObject({ recalled: false, onlyByDelegation: true });
    await elsewhere.actAs(doctor, anExercise());
    expect((await get(doctor.cookie)).json()).toMatchObject({ recalled: false, onlyByDelegation: false });
    await elsewhere.actAs(doctor, null);
    expect((await get(doctor.cookie)).statusCode).toBe(403);
  });

  it('says who it is as they are known now', async () => {
    const { cookie, professional } = await enter();
    await database.db
      .update(professionals)
      .set({ familyName: 'Autrement' })
      .where(eq(professionals.id, professional.id));
    expect((await get(cookie)).json()).toMatchObject({ recalled: false, name: 'Autrement' });
  });

  it('keeps a session that is used, and ends it after 30 minutes without a request', async () => {
    const { cookie } = await enter();
    for (let each = 0; each < 3; each += 1) {
      clock.advance(29 * minutes);
      expect((await get(cookie)).statusCode).toBe(200);
    }
    clock.advance(30 * minutes);
    expect((await get(cookie)).statusCode).toBe(401);
  });

  it('ends after 4 hours, though recalled a moment ago', async () => {
    const { cookie } = await enter();
    for (let passed = 20; passed < 240; passed += 20) {
      clock.advance(20 * minutes);
      expect((await get(cookie)).statusCode).toBe(200);
    }
    clock.advance(20 * minutes - 1_000);
    // The first writes when it was last seen, the second reads it.
    for (const _ of [1, 2]) await get(cookie);
    expect((await get(cookie)).json()).toMatchObject({ recalled: true });
    clock.advance(1_000);
    expect((await get(cookie)).statusCode).toBe(401);
  });

  it('answers nothing when it forgets to prove it', async () => {
    const { cookie } = await enter();
    const forgotten = await get(cookie, '/api/forgets');
    expect(forgotten.statusCode).toBe(500);
    expect(forgotten.body).not.toContain('secret');
  });
});

describe('once signed out elsewhere', () => {
  const traits = { family: 'Martin', given: 'Jeanne', birthDate: '1980-05-17' };
  it.each([
    ['a search by NIR', 'search', () => ({ nir: aNir() })],
    ['a search by names', 'search', () => traits],
    ['an injection', 'injections', () => firstDose],
  ])('%s is refused, and nothing is read, recorded or logged', async (_, what, body) => {
    const doctor = await signedInProfessional(server);
    const { id } = await patientOfActs(database.db, doctor.professional);
    const headers = { cookie: doctor.cookie };
    const url = `/api/records/patients/${what === 'search' ? '' : `${id}/`}${what}`;
    const send = () => server.app.inject({ method: 'POST', url, headers, payload: body() });
    const kept = async () => [
      await database.db.$count(accessLog),
      await database.db.$count(injections, eq(injections.patientId, id)),
    ];
    // Whoever has just searched is recalled.
    const search = { method: 'POST', url: '/api/records/patients/search', headers, payload: traits } as const;
    expect((await server.app.inject(search)).statusCode).toBe(200);
    const before = await kept();
    await elsewhere.signOut(doctor);
    expect((await send()).statusCode).toBe(401);
    expect(await kept()).toEqual(before);
  });
});
