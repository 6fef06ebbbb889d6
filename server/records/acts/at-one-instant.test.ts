import { sql } from 'drizzle-orm';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { aPatient, firstDose, type Json, recordsCaller } from '#server/testing/acts.ts';
import { signedInProfessional } from '#server/testing/professionals.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { logAccess } from '../access-log/log-access.ts';

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
    await vi.waitFor(
      async () => {
        const { rows } = await database.db.execute<{ waiting: number }>(sql`
          select count(*)::integer as waiting from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`);
        expect(rows[0]?.waiting).toBe(requests.length);
      },
      { timeout: 20_000, interval: 20 },
    );
    // Not awaited within the transaction that they wait for.
    return { answers };
  });
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
});
