import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Dependencies } from '#server/dependencies.ts';
import type { MailTransport } from '#server/mail/transport.ts';
import { verifyAccessLog } from '#server/records/access-log/verify-access-log.ts';
import { nirVault } from '#server/records/patients/nir-vault.ts';
import { patients } from '#server/records/patients/patients.table.ts';
import { archivedRecords } from '#server/records/retention/archived-records.table.ts';
import { logSink } from '#server/testing/nir-leaks.ts';
import { aPatient } from '#server/testing/patients.ts';
import { aProfessional } from '#server/testing/professionals.ts';
import { testDependencies } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { jobs, periodicJobs, schedules } from './queues.ts';
import { runJob } from './run-job.ts';

const database = testDatabase();
const mail: MailTransport = {
  deliver: () => Promise.reject(new Error('keeping records mails nobody')),
  close: async () => {},
};
const old = new Date('2010-01-05T10:00:00Z');

/** What a worker of this database is given. */
function context(environment: Readonly<Record<string, string>> = {}, more: Partial<Dependencies> = {}) {
  const own = { DATABASE_URL: database.url, ...environment };
  return { ...testDependencies(database, undefined, own), mail, ...more };
}

/** Persons whose record has had its time, each with one access of that time and one of last month. */
async function anOldRecord(): Promise<string> {
  const { id: professional } = await aProfessional(database.db);
  const patient = await aPatient(context(), { createdAt: old, createdBy: professional });
  for (const at of [old, new Date('2026-10-20T10:00:00Z')])
    await database.connection.pool.query(
      `select log_access($1, $2, $3, null, null, 'patient.read', 'GET /', 'r')`,
      [patient.id, at, professional],
    );
  return patient.id;
}

async function counted() {
  const { rows } = await database.connection.pool.query<{
    standing: number;
    archived: number;
    accesses: number;
  }>(`select (select count(*)::int from patients) as standing,
       (select count(*)::int from archived_records) as archived,
       (select count(*)::int from access_log) as accesses`);
  return rows[0];
}

beforeEach(async () => {
  const { pool } = database.connection;
  await pool.query('alter table access_log disable trigger access_log_append_only');
  for (const table of ['access_log', 'access_log_ends', 'archived_records', 'patient_nirs', 'patients'])
    await pool.query(`delete from ${table}`);
  await pool.query('alter table access_log enable trigger access_log_append_only');
});

describe('the job that keeps the records', () => {
  it('is made by the queue itself, every hour, and carries nothing', () => {
    expect(periodicJobs).toContain('keep-records');
    expect(schedules['keep-records']).toEqual({ pattern: '50 * * * *', tz: 'Europe/Paris' });
    expect(Object.keys(jobs['keep-records'].payload.properties)).toEqual([]);
  });

  it('moves the records that have had their time and purges the log, once however often it runs', async () => {
    await anOldRecord();
    await anOldRecord();
    await aPatient(context());
    for (let time = 0; time < 3; time += 1) {
      await runJob('keep-records', {}, context());
      expect(await counted()).toEqual({ standing: 1, archived: 2, accesses: 2 });
    }
    expect((await verifyAccessLog(database.db)).faults).toEqual([]);
  });

  it('on a dry run says how many would go, naming nobody, and moves and erases none', async () => {
    const id = await anOldRecord();
    await database.db.insert(archivedRecords).values({
      patientId: '00000000-0000-4000-8000-000000000009',
      lastActOn: '1980-01-01',
      archivedAt: old,
      keptUntil: '2020-01-01',
      ...nirVault(context().config.records).seal('{}', '00000000-0000-4000-8000-000000000009', 'archive'),
    });
    const sink = logSink();
    await runJob('keep-records', {}, context({ RECORDS_RETENTION: 'dry-run' }, { log: sink.log }));
    expect(JSON.parse(sink.text())).toMatchObject({ dryRun: true, archivedRecords: 1, erasedRecords: 1 });
    expect(sink.text()).not.toContain(id);
    expect(await counted()).toMatchObject({ standing: 1, archived: 1 });
    await runJob('keep-records', {}, context());
    expect(await counted()).toMatchObject({ standing: 0, archived: 1 });
  });

  it('of two workers at once, each record goes once', async () => {
    for (let count = 0; count < 12; count += 1) await anOldRecord();
    await Promise.all([runJob('keep-records', {}, context()), runJob('keep-records', {}, context())]);
    expect(await counted()).toEqual({ standing: 0, archived: 12, accesses: 12 });
    expect((await verifyAccessLog(database.db)).faults).toEqual([]);
  });

  it('killed between two records leaves each whole, here or there, and the next run goes on', async () => {
    for (let count = 0; count < 3; count += 1) await anOldRecord();
    // The process is held at the second record that it takes, and killed there.
    const [, second = ''] = (
      await database.db.select({ id: patients.id }).from(patients).orderBy(patients.id)
    ).map(({ id }) => id);
    const holder = await database.connection.pool.connect();
    await holder.query('begin');
    await holder.query('select from patients where id = $1 for update', [second]);
    const worker = fork(join(import.meta.dirname, 'testing/keeping-process.ts'), {
      env: { PATH: process.env.PATH, DATABASE_URL: database.url },
      stdio: 'ignore',
    });
    const ended = once(worker, 'exit');
    await vi.waitFor(async () => expect(await counted()).toMatchObject({ archived: 1 }), {
      timeout: 60_000,
      interval: 50,
    });
    worker.kill('SIGKILL');
    expect((await ended)[1]).toBe('SIGKILL');
    await holder.query('rollback');
    holder.release();
    expect(await counted()).toMatchObject({ standing: 2, archived: 1 });
    const halves = await database.db.execute(
      sql`select from patient_nirs where patient_id not in (select id from patients)`,
    );
    expect(halves.rowCount).toBe(0);
    await runJob('keep-records', {}, context());
    expect(await counted()).toMatchObject({ standing: 0, archived: 3 });
  });

  it('that cannot open one record fails, keeping it, and tells neither name nor NIR', async () => {
    const id = await anOldRecord();
    const sink = logSink();
    const keys = { RECORDS_KEYS: `other:${Buffer.alloc(32, 7).toString('base64')}` };
    const failing = runJob('keep-records', {}, context(keys, { log: sink.log }));
    await expect(failing).rejects.toThrow(/^keys: [^;]+; retention: [^;]+$/);
    expect(await counted()).toEqual({ standing: 1, archived: 0, accesses: 1 });
    expect(JSON.parse(sink.text())).toMatchObject({ purgedAccesses: 1, failed: ['keys', 'retention'] });
    expect(sink.text()).not.toContain(id);
  });

  it('that cannot change the keys of one row does all the rest, then fails, naming that part', async () => {
    await anOldRecord();
    const keys = { RECORDS_KEYS: `other:${Buffer.alloc(32, 7).toString('base64')}` };
    await aPatient(context(keys));
    await expect(runJob('keep-records', {}, context())).rejects.toThrow(/^keys: [^;]+$/);
    expect(await counted()).toEqual({ standing: 1, archived: 1, accesses: 1 });
  });
});
