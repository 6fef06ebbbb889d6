import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { beforeEach, describe, expect, it } from 'vitest';
import { connect } from '#server/database/client.ts';
import { patients } from '#server/records/patients/patients.table.ts';
import { archivedRecords } from '#server/records/retention/archived-records.table.ts';
import { nirWatch } from '#server/testing/nir-watch/watch.ts';
import { aPatient } from '#server/testing/patients.ts';
import { aProfessional } from '#server/testing/professionals.ts';
import { testDependencies } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { emptyDataDirectory } from '../data-directory.ts';

const database = testDatabase();

/** Runs a command as npm would, and gives what it says and how it ends. */
function run(
  command: 'verify-log' | 'archive',
  options: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: unknown; readonly said: string }> {
  const env = { PATH: process.env.PATH, DATABASE_URL: database.url, ...environment };
  const script = join(import.meta.dirname, `${command}.ts`);
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...options], { env }, (error, out, err) => {
      const said = out + err;
      nirWatch.look(`what records:${command} prints`, said);
      resolve({ code: error ? error.code : 0, said });
    });
  });
}

/** The keys that the commands make of this database's address, when no others are given. */
function ours() {
  return testDependencies(database, undefined, { DATABASE_URL: database.url });
}

/** What somebody with every right over the database could do, the trigger put aside. */
async function tamper(statement: string, parameters: readonly unknown[] = []): Promise<void> {
  const { pool } = database.connection;
  await pool.query('alter table access_log disable trigger access_log_append_only');
  await pool.query(statement, [...parameters]);
  await pool.query('alter table access_log enable trigger access_log_append_only');
}

async function aChain(count: number): Promise<string> {
  const { id: professional } = await aProfessional(database.db);
  const patient = await aPatient(ours());
  for (let place = 1; place <= count; place += 1)
    await database.connection.pool.query(
      `select log_access($1, now(), $2, null, null, 'patient.read', 'GET /', 'r')`,
      [patient.id, professional],
    );
  return patient.id;
}

describe('npm run records:verify-log', () => {
  beforeEach(async () => {
    await tamper('delete from access_log');
    await tamper('delete from access_log_ends');
  });

  it('says that every chain is what was written', async () => {
    await aChain(3);
    await aChain(2);
    const { code, said } = await run('verify-log');
    expect(said).toBe('Looked at 5 entries about 2 patients.\nEvery chain is what was written.\n');
    expect(code).toBe(0);
  });

  it('names the removed, the altered and the cut off, each by patient and place', async () => {
    const whole = await aChain(2);
    const [removed, altered, cut, unended] = [
      await aChain(4),
      await aChain(4),
      await aChain(4),
      await aChain(4),
    ];
    await tamper('delete from access_log where patient_id = $1 and place = 2', [removed]);
    await tamper(`update access_log set action = 'x' where patient_id = $1 and place = 3`, [altered]);
    await tamper('delete from access_log where patient_id = $1 and place > 2', [cut]);
    await tamper('delete from access_log_ends where patient_id = $1', [unended]);
    const { code, said } = await run('verify-log');
    expect(code).toBe(3);
    expect(said).toContain(`Patient ${removed}: entry 2 is missing.`);
    expect(said).toContain(`Patient ${altered}: entry 3 is not what was written.`);
    expect(said).toContain(`Patient ${cut}: entry 3 is missing.`);
    expect(said).toContain(`Patient ${unended}: the end of the chain is not that of its last entry, 4`);
    expect(said).not.toContain(whole);
    expect(said).toContain('4 of 5 chains are not what was written.');
  });

  it('that cannot tell says why, in words', async () => {
    const away = await run('verify-log', [], { DATABASE_URL: 'postgres://nobody:x@127.0.0.1:1/none' });
    expect([away.code, away.said]).toEqual([
      1,
      expect.stringMatching(/^It could not be done: .*ECONNREFUSED/),
    ]);
    expect(away.said).not.toContain('    at ');
    const option = await run('verify-log', ['--now']);
    expect([option.code, option.said]).toEqual([1, expect.stringContaining('--now is none of its options')]);
  });

  it('looks at the database of npm start when no other is named', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'aiguillage-verify-'));
    const data = join(parent, 'data');
    try {
      const { code, said } = await run('verify-log', [], { DATABASE_URL: '', DATA_DIR: data });
      expect([code, said]).toEqual([0, expect.stringContaining('Looked at 0 entries about 0 patients.')]);
    } finally {
      await emptyDataDirectory(data);
      rmSync(parent, { recursive: true });
    }
  });
});

describe('npm run records:archive', () => {
  it('says what it would do and does nothing; told to, does what it said', async () => {
    const old = { createdAt: new Date('2009-03-01T10:00:00Z') };
    const due = await aPatient(ours(), { ...old, birthFamilyName: 'Ancienne' });
    await aPatient(ours(), { ...old, mergedInto: due.id });
    const kept = await aPatient(ours(), { createdAt: new Date() });
    const said = `To the dedicated base: patient ${due.id}, last act on 2009-03-01, with 1 merged into it.`;

    const dry = await run('archive');
    expect(dry.code, dry.said).toBe(0);
    expect(dry.said).toContain(said);
    expect(dry.said).toContain('Nothing was done');
    expect(dry.said).not.toContain('Ancienne');
    expect(await database.db.select().from(patients).where(eq(patients.id, due.id))).toHaveLength(1);

    const real = await run('archive', ['--now']);
    expect(real.code, real.said).toBe(0);
    expect(real.said).toContain(said);
    expect(real.said).not.toContain('Nothing was done');
    expect(await database.db.select().from(patients).where(eq(patients.id, due.id))).toEqual([]);
    expect(await database.db.select().from(patients).where(eq(patients.id, kept.id))).toHaveLength(1);
    expect(await database.db.select().from(archivedRecords)).toMatchObject([{ patientId: due.id }]);

    await database.db.update(archivedRecords).set({ keptUntil: '2020-01-01' });
    expect((await run('archive', ['--now'])).said).toContain(
      `Erased from the dedicated base: patient ${due.id}.`,
    );
    expect(await database.db.select().from(archivedRecords)).toEqual([]);
  });

  it('leaves a record whose NIR it cannot open where it is, and says so', async () => {
    const due = await aPatient(ours(), { createdAt: new Date('2009-03-01T10:00:00Z') });
    const other = { RECORDS_KEYS: `other:${Buffer.alloc(32, 7).toString('base64')}` };
    const { code, said } = await run('archive', ['--now'], other);
    expect([code, said]).toEqual([1, expect.stringContaining('It could not be done')]);
    expect(await database.db.select().from(patients).where(eq(patients.id, due.id))).toHaveLength(1);
    expect((await run('archive', ['--now'])).code).toBe(0);
  });

  it('refuses an option that it does not know, before it does anything', async () => {
    const { code, said } = await run('archive', ['--no']);
    expect([code, said]).toEqual([1, expect.stringContaining('npm run records:archive [-- --now]')]);
  });
});

describe('npm run migrate', () => {
  it('gives the role of servers and workers what they need', async () => {
    const role = `app_of_${new URL(database.url).pathname.slice(1)}`.slice(0, 63);
    await database.connection.pool.query(`create role ${role} login password 'app'`);
    try {
      const env = { PATH: process.env.PATH, DATABASE_URL: database.url, APPLICATION_ROLE: role };
      const said = await new Promise((resolve) => {
        execFile(process.execPath, [join(import.meta.dirname, '../migrate.ts')], { env }, (error, out, err) =>
          resolve(error ? err : out),
        );
      });
      expect(said).toContain(`${role} has what servers and workers need`);
      const url = new URL(database.url);
      url.username = role;
      url.password = 'app';
      const own = connect(url.href, { onIdleError: () => {} });
      try {
        await expect(own.pool.query('delete from access_log')).rejects.toMatchObject({ code: '42501' });
        await own.pool.query('select count(*) from access_log');
      } finally {
        await own.close();
      }
    } finally {
      await database.connection.pool.query(`drop owned by ${role}`);
      await database.connection.pool.query(`drop role ${role}`);
    }
  });
});
