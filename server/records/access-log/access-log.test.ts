import { randomBytes } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Professional } from '../../identity/professional.ts';
import { aPatient } from '../../testing/patients.ts';
import { anExercise, aProfessional } from '../../testing/professionals.ts';
import { testDatabase } from '../../testing/test-database.ts';
import { accessLog, accessLogEnds } from './access-log.table.ts';
import { logAccess } from './log-access.ts';
import { purgeAccessLog } from './purge-access-log.ts';
import { verifyAccessLog } from './verify-access-log.ts';

const database = testDatabase();
/** Long ago by any machine's clock: the database purges nothing that is younger than six months. */
const start = new Date('2020-01-01T08:00:00.000Z');
let professional: Professional;

beforeAll(async () => {
  const { id, nationalIdentifier, rpps, familyName, givenNames } = await aProfessional(database.db);
  professional = {
    ...{ id, nationalIdentifier, rpps, familyName, givenNames },
    actingAs: anExercise(),
    sessionId: 'none',
  };
});

const config = {
  records: {
    sealingKeys: ring(),
    indexKeys: ring(),
    accessLogDays: 365,
    importDays: 30,
    lateEntryDays: 7,
    keptYears: 10,
    archivedYears: 30,
    retentionDryRun: false,
  },
};
function ring() {
  return [{ id: 'a', key: randomBytes(32) }] as const;
}

/** A patient's chain of some entries, an hour apart. */
async function aChain(count: number, from = start): Promise<string> {
  const { id: patientId } = await aPatient({ db: database.db, config });
  for (let n = 0; n < count; n++) {
    const access = {
      professional,
      patientId,
      action: 'patient.read',
      route: 'GET "x"\\/:id',
      requestId: `r${n}é`,
    };
    await logAccess(database.db, access, new Date(from.getTime() + n * 3_600_000));
  }
  return patientId;
}

/** What somebody with every right over the database could do, the trigger put aside. */
async function tamper(...statements: readonly ReturnType<typeof sql>[]): Promise<void> {
  await database.db.transaction(async (tx) => {
    await tx.execute(sql`alter table access_log disable trigger access_log_append_only`);
    for (const each of statements) await tx.execute(each);
    await tx.execute(sql`alter table access_log enable trigger access_log_append_only`);
  });
}

beforeEach(async () => {
  await tamper(sql`delete from access_log`, sql`delete from access_log_ends`);
});

describe('verifying the access log', () => {
  it('finds nothing where nothing was touched', async () => {
    await aChain(3);
    await aChain(1);
    expect(await verifyAccessLog(database.db)).toEqual({ patients: 2, entries: 4, faults: [] });
  });

  it.each([
    [
      'an entry removed',
      2,
      'missing',
      (id: string) => [sql`delete from access_log where patient_id = ${id} and place = 2`],
    ],
    [
      'the first one removed',
      1,
      'missing',
      (id: string) => [sql`delete from access_log where patient_id = ${id} and place = 1`],
    ],
    [
      'the last one removed',
      4,
      'missing',
      (id: string) => [sql`delete from access_log where patient_id = ${id} and place = 4`],
    ],
    ['all removed', 1, 'missing', (id: string) => [sql`delete from access_log where patient_id = ${id}`]],
    [
      'an action altered',
      3,
      'altered',
      (id: string) => [sql`update access_log set action = 'x' where patient_id = ${id} and place = 3`],
    ],
    [
      'an instant altered by a microsecond',
      3,
      'altered',
      (id: string) => [
        sql`update access_log set at = at + interval '1 microsecond' where patient_id = ${id} and place = 3`,
      ],
    ],
    [
      'a name put in another’s place',
      3,
      'altered',
      (id: string) => [
        sql`update access_log set on_behalf_of = professional_id where patient_id = ${id} and place = 3`,
      ],
    ],
    [
      'the last one removed and the end moved back',
      3,
      'end',
      (id: string) => [
        sql`delete from access_log where patient_id = ${id} and place = 4`,
        sql`update access_log_ends set place = 3 where patient_id = ${id}`,
      ],
    ],
    [
      'the end removed',
      4,
      'end',
      (id: string) => [sql`delete from access_log_ends where patient_id = ${id}`],
    ],
    [
      'one removed and those after it moved up',
      2,
      'altered',
      (id: string) => [
        sql`delete from access_log where patient_id = ${id} and place = 2`,
        sql`update access_log set place = place + 98 where patient_id = ${id} and place > 2`,
        sql`update access_log set place = place - 99 where patient_id = ${id} and place > 2`,
      ],
    ],
  ] as const)('sees %s, and where', async (_, place, kind, statements) => {
    await aChain(2);
    const patientId = await aChain(4);
    await tamper(...statements(patientId));
    expect((await verifyAccessLog(database.db)).faults).toEqual([{ patientId, place, kind }]);
  });
});

describe('the purge', () => {
  const day = 24 * 3_600_000;

  it('takes what is older than is kept, and what is left still verifies and goes on', async () => {
    const patientId = await aChain(3);
    const other = await aChain(2, new Date(start.getTime() + 400 * day));
    const now = new Date(start.getTime() + 365 * day + 1.5 * 3_600_000);
    expect(await purgeAccessLog(database.db, 365, now)).toBe(2);
    expect(await purgeAccessLog(database.db, 365, now)).toBe(0);
    const left = await database.db.select().from(accessLog).where(eq(accessLog.patientId, patientId));
    expect(left.map(({ place }) => place)).toEqual([3]);
    expect((await verifyAccessLog(database.db)).faults).toEqual([]);
    const access = { professional, patientId, action: 'patient.read', route: 'GET /', requestId: 'r' };
    await logAccess(database.db, access, now);
    expect((await verifyAccessLog(database.db)).faults).toEqual([]);
    await tamper(sql`delete from access_log where patient_id = ${patientId} and place = 3`);
    expect((await verifyAccessLog(database.db)).faults).toEqual([{ patientId, place: 3, kind: 'missing' }]);
    expect(await database.db.select().from(accessLog).where(eq(accessLog.patientId, other))).toHaveLength(2);
  });

  it('leaves the end of a chain that is purged whole, and takes searches that found nobody', async () => {
    const patientId = await aChain(2);
    const access = {
      professional,
      patientId: null,
      action: 'patients.search',
      route: 'POST /',
      requestId: 'r',
    };
    await logAccess(database.db, access, start);
    expect(await purgeAccessLog(database.db, 365, new Date(start.getTime() + 500 * day))).toBe(3);
    const [end] = await database.db
      .select()
      .from(accessLogEnds)
      .where(eq(accessLogEnds.patientId, patientId));
    expect(end).toMatchObject({ place: 2, purgedTo: 2 });
    expect((await verifyAccessLog(database.db)).faults).toEqual([]);
  });
});

describe('the owner of the tables', () => {
  it('changes and deletes nothing of the log', async () => {
    await aChain(1);
    for (const statement of [
      'delete from access_log',
      `update access_log set action = 'x'`,
      'truncate access_log',
      'truncate access_log cascade',
    ])
      await expect(database.connection.pool.query(statement)).rejects.toMatchObject({ code: '42501' });
  });

  it('purges nothing younger than six months, whatever it asks', async () => {
    const recent = new Date(Date.now() - 170 * 24 * 3_600_000);
    const patientId = await aChain(2, recent);
    await aChain(1);
    expect(await purgeAccessLog(database.db, 0, new Date())).toBe(1);
    const left = await database.db.select().from(accessLog);
    expect(left.map((each) => each.patientId)).toEqual([patientId, patientId]);
  });
});
