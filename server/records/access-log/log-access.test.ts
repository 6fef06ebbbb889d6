import { randomUUID } from 'node:crypto';
import { asc, eq, sql } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Professional } from '../../identity/professional.ts';
import { anExercise, aProfessional } from '../../testing/professionals.ts';
import { testDatabase } from '../../testing/test-database.ts';
import { accessLog, accessLogEnds } from './access-log.table.ts';
import { type Access, logAccess, logAccesses } from './log-access.ts';

const database = testDatabase();
const now = new Date('2026-11-23T10:00:00.000+01:00');
let professional: Professional;

beforeAll(async () => {
  const { id, nationalIdentifier, rpps, familyName, givenNames } = await aProfessional(database.db);
  const structure = { name: null, siteFiness: '750000011', legalFiness: null, siret: null };
  professional = {
    ...{ id, nationalIdentifier, rpps, familyName, givenNames },
    actingAs: anExercise({ structure }),
    sessionId: 'none',
  };
});

const access = (action = 'patient.read'): Access => ({
  professional,
  action,
  route: 'GET /api/records/patients/:id',
  requestId: 'req-1',
});

const chainOf = (patientId: string) =>
  database.db
    .select()
    .from(accessLog)
    .where(eq(accessLog.patientId, patientId))
    .orderBy(asc(accessLog.place));

describe('the access log', () => {
  it('says who, as what, whose record, what, from where and when', async () => {
    const patientId = randomUUID();
    await database.db.transaction((tx) => logAccess(tx, { ...access(), patientId }, now));
    const [entry] = await chainOf(patientId);
    expect(entry).toMatchObject({
      at: now,
      professionalId: professional.id,
      onBehalfOf: null,
      structure: '750000011',
      action: 'patient.read',
      route: 'GET /api/records/patients/:id',
      requestId: 'req-1',
      place: 1,
    });
  });

  it('chains the entries of a patient, each over the one before, and remembers the end', async () => {
    const patientId = randomUUID();
    for (const action of ['patient.read', 'patient.change', 'patient.read'])
      await logAccess(database.db, { ...access(action), patientId }, now);
    const chain = await chainOf(patientId);
    expect(chain.map(({ place }) => place)).toEqual([1, 2, 3]);
    expect(new Set(chain.map(({ digest }) => digest?.toString('hex'))).size).toBe(3);
    const [end] = await database.db
      .select()
      .from(accessLogEnds)
      .where(eq(accessLogEnds.patientId, patientId));
    expect(end).toMatchObject({ place: 3, digest: chain[2]?.digest });
  });

  it('leaves no gap and loses nothing when many log the same patients at once, in any order', async () => {
    const patients = [randomUUID(), randomUUID(), randomUUID()];
    await Promise.all(
      Array.from({ length: 30 }, (_, n) => {
        const mixed = n % 2 === 0 ? patients : [...patients].reverse();
        return database.db.transaction((tx) => logAccesses(tx, mixed, access(), now));
      }),
    );
    for (const patientId of patients)
      expect((await chainOf(patientId)).map(({ place }) => place)).toEqual(
        Array.from({ length: 30 }, (_, n) => n + 1),
      );
  });

  it('makes nobody wait for whoever logs another patient', async () => {
    const [one, other] = [randomUUID(), randomUUID()];
    await database.db.transaction(async (tx) => {
      await logAccess(tx, { ...access(), patientId: one }, now);
      await database.db.transaction(async (second) => {
        await second.execute(sql`set local lock_timeout = '2s'`);
        await logAccess(second, { ...access(), patientId: other }, now);
      });
    });
    expect(await chainOf(other)).toHaveLength(1);
  });

  it('goes with the transaction that reads: rolled back, it never was', async () => {
    const patientId = randomUUID();
    await expect(
      database.db.transaction(async (tx) => {
        await logAccess(tx, { ...access(), patientId }, now);
        throw new Error('after all, no');
      }),
    ).rejects.toThrow('after all, no');
    expect(await chainOf(patientId)).toEqual([]);
    await logAccess(database.db, { ...access(), patientId }, now);
    expect((await chainOf(patientId)).map(({ place }) => place)).toEqual([1]);
  });

  it('notes a search that found nobody, outside any chain', async () => {
    await logAccess(database.db, { ...access('patients.search'), patientId: null }, now);
    const entries = await database.db.select().from(accessLog).where(eq(accessLog.action, 'patients.search'));
    expect(entries).toMatchObject([{ patientId: null, place: null, digest: null }]);
  });

  it('refuses what it cannot note', async () => {
    const stranger = { ...access(), professional: { ...professional, id: randomUUID() } };
    await expect(logAccess(database.db, { ...stranger, patientId: randomUUID() }, now)).rejects.toMatchObject(
      { statusCode: 503, code: 'access-not-logged' },
    );
  });
});
