import { eq, sql } from 'drizzle-orm';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { aPatient, firstDose, fitConsultation, type Json, recordsCaller } from '#server/testing/acts.ts';
import { signedInProfessional } from '#server/testing/professionals.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { accessLogEnds } from '../access-log/access-log.table.ts';
import { logAccess } from '../access-log/log-access.ts';
import { lockPersons } from '../documents/lock-person.ts';

const database = testDatabase();
const server = testApp(database);

let call: ReturnType<typeof recordsCaller>;
let entry: Parameters<typeof logAccess>[1];

beforeAll(async () => {
  const doctor = await signedInProfessional(server);
  call = recordsCaller(server, doctor);
  entry = {
    professional: doctor.professional,
    patientId: null,
    action: 'patient.read',
    route: 'GET /test',
    requestId: 'test',
  };
});

const aFile = async () => (await aPatient(database.db, entry.professional)).id;
const inject = (patientId: string, changes: Json = {}) =>
  call('POST', `patients/${patientId}/injections`, { ...firstDose, ...changes });

/**
 * Sends requests about one patient that have all read the record before any may write to it: somebody holds the end of
 * its access log until each of them waits for it.
 */
async function atOneInstant<Answer>(patientId: string, requests: readonly (() => Promise<Answer>)[]) {
  return database.db.transaction(async (tx) => {
    await logAccess(tx, { ...entry, patientId }, server.clock.now());
    const answers = Promise.all(requests.map((send) => send()));
    await waiting(requests.length);
    // Not awaited within the transaction that they wait for.
    return { answers };
  });
}

/**
 * Sends requests about one patient one after the other, each when those before it wait: somebody holds the end of the
 * patient's access log, adds nothing to it and lets go of it.
 */
async function inTurn(patientId: string, requests: readonly (() => Promise<unknown>)[]) {
  return database.db.transaction(async (tx) => {
    await tx.select().from(accessLogEnds).where(eq(accessLogEnds.patientId, patientId)).for('update');
    const answers: Promise<unknown>[] = [];
    for (const send of requests) {
      answers.push(send());
      await waiting(answers.length);
    }
    return { answers: Promise.all(answers) };
  });
}

/** Until so many wait for a lock. */
async function waiting(count: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const { rows } = await database.db.execute<{ waiting: number }>(sql`
        select count(*)::integer as waiting from pg_stat_activity
        where datname = current_database() and backend_type = 'client backend' and wait_event_type = 'Lock'`);
      expect(rows[0]?.waiting).toBe(count);
    },
    // As long as the test itself has: how soon they come does not matter.
    { timeout: 90_000, interval: 20 },
  );
}

describe('at one instant', () => {
  it('of two doses the second is judged with the first', async () => {
    const patientId = await aFile();
    const { answers } = await atOneInstant(patientId, [
      () => inject(patientId),
      () => inject(patientId, { vaccine: 'spikevax', lot: 'SP1' }),
    ]);
    const [taken, refused] = (await answers).sort((a, b) => a.status - b.status);
    expect([taken?.status, refused?.status]).toEqual([201, 422]);
    expect(refused?.body).toMatchObject({
      type: '/problems/dose-findings',
      findings: expect.arrayContaining([expect.objectContaining({ kind: 'same_day' })]),
    });
    const { body } = await call('GET', `patients/${patientId}/injections`);
    expect(body.items).toHaveLength(1);
  });

  it('a dose is stored though others read the record meanwhile', async () => {
    const patientId = await aFile();
    const { answers } = await atOneInstant(patientId, [
      () => inject(patientId),
      () => call('GET', `patients/${patientId}/injections`),
      () => call('GET', `patients/${patientId}/consultations`),
    ]);
    expect((await answers).map(({ status }) => status)).toEqual([201, 200, 200]);
  });

  it('of two corrections the second is judged with the first', async () => {
    const patientId = await aFile();
    const [one, other] = [
      await inject(patientId, { occurredAt: '2026-10-20T10:00:00+02:00' }),
      await inject(patientId, { occurredAt: '2026-11-17T10:00:00+01:00', doseRank: 2 }),
    ];
    const correct = (id: unknown, occurredAt: string) =>
      call(
        'PATCH',
        `patients/${patientId}/injections/${id}`,
        { reason: 'Relu', occurredAt },
        { 'if-match': '"1"' },
      );
    // Each leaves 23 days between the doses; both together, 18.
    const { answers } = await atOneInstant(patientId, [
      () => correct(one.body.id, '2026-10-25T10:00:00+02:00'),
      () => correct(other.body.id, '2026-11-12T10:00:00+01:00'),
    ]);
    expect((await answers).map(({ status }) => status).sort()).toEqual([200, 422]);
  });

  it('a dose and a change of what it refers to wait for each other in no circle', async () => {
    const patientId = await aFile();
    const { body: consultation } = await call('POST', `patients/${patientId}/consultations`, fitConsultation);
    const change = (path: string, changes: Json) => () =>
      call('PATCH', `patients/${patientId}${path}`, { reason: 'Relu', ...changes }, { 'if-match': '*' });
    const issue = () =>
      database.db.transaction(async (tx) => {
        await lockPersons(tx, [patientId], 'to issue');
        await logAccess(tx, { ...entry, patientId }, server.clock.now());
        return { status: 201 };
      });
    const dose = (day: number) => () =>
      inject(patientId, {
        ...{ occurredAt: `2026-11-0${day}T10:00:00+01:00`, consultationId: consultation.id },
        overrideReason: 'Saisie de rattrapage',
      });
    for (const [day, other] of [
      [1, change('', { birthGivenNames: 'CAMILLE' })],
      [2, change(`/consultations/${consultation.id}`, { decision: 'deferred', deferredUntil: '2026-12-01' })],
      [3, issue],
    ] as const) {
      const { answers } = await inTurn(patientId, [dose(day), other]);
      expect(await answers).toMatchObject([{ status: 201 }, { status: expect.toSatisfy((n) => n < 300) }]);
    }
  });
});
