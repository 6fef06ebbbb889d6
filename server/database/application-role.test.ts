import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyAccessLog } from '#server/records/access-log/verify-access-log.ts';
import { anExercise, aProfessional, signedInProfessional } from '#server/testing/professionals.ts';
import { ask, recordedInjection } from '#server/testing/record-requests.ts';
import { testApp } from '#server/testing/test-app.ts';
import { type TestDatabase, testDatabase } from '#server/testing/test-database.ts';
import { purgeAccessLog } from '../records/access-log/purge-access-log.ts';
import { grantApplicationRole } from './application-role.ts';
import { connect, type DatabaseConnection } from './client.ts';

const database = testDatabase();
const role = `app_${randomBytes(4).toString('hex')}`;
let opened: DatabaseConnection | undefined;
let url = '';

beforeAll(async () => {
  await database.connection.pool.query(`create role ${role} login password 'app'`);
  // As after each migration: the second time changes nothing.
  for (let time = 0; time < 2; time += 1) await grantApplicationRole(database.url, role);
  const changed = new URL(database.url);
  changed.username = role;
  changed.password = 'app';
  url = changed.href;
  opened = connect(url, { onIdleError: () => {} });
});
afterAll(async () => {
  await opened?.close();
  await database.connection.pool.query(`drop owned by ${role}`);
  await database.connection.pool.query(`drop role ${role}`);
});

/** The same database, as the application sees it. */
const asApplication: TestDatabase = {
  get connection() {
    if (!opened) throw new Error('the role is there only while the tests run');
    return opened;
  },
  get db() {
    return this.connection.db;
  },
  get url() {
    return url;
  },
};
const server = testApp(asApplication);

describe('the application’s role', () => {
  it('serves the records: sign-in, patient, injection, reading, each logged', async () => {
    const doctor = await signedInProfessional(server, { actingAs: anExercise() });
    const created = await ask(server, doctor, 'POST', '/api/records/patients', {
      ...{ birthFamilyName: 'Durand', birthGivenNames: 'Léa', birthDate: '1980-01-02', sex: 'female' },
      noNirReason: 'Pas encore immatriculée',
    });
    expect(created.statusCode, created.body).toBe(201);
    const { id } = created.json();
    await recordedInjection(server, doctor, id);
    expect((await ask(server, doctor, 'GET', `/api/records/patients/${id}`)).statusCode).toBe(200);
    const { rows } = await database.connection.pool.query(
      'select action from access_log where patient_id = $1 order by place',
      [id],
    );
    expect(rows.map(({ action }) => action)).toEqual(['patient.create', 'injection.create', 'patient.read']);
  });

  it.each([
    'delete from access_log',
    `update access_log set action = 'x'`,
    'truncate access_log',
    'truncate access_log cascade',
    `insert into access_log (at, professional_id, action, route, request_id)
       select now(), id, 'patient.read', 'GET /', 'r' from professionals limit 1`,
    'delete from access_log_ends',
    'update access_log_ends set place = 0',
    `insert into access_log_ends (patient_id, place, digest) values (gen_random_uuid(), 1, '')`,
    `update record_versions set reason = 'x'`,
    'truncate record_versions',
    'alter table access_log disable trigger access_log_append_only',
    'drop trigger access_log_append_only on access_log',
    'drop table access_log cascade',
    `set session_replication_role = 'replica'`,
    'create or replace function refuse_access_log_change() returns trigger language sql as $$ select old $$',
    'create table public.of_its_own ()',
    'set role postgres',
  ])('may not: %s', async (statement) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      // What lets the purge through is no help to who may not delete.
      await client.query(`set records.purging_access_log = 'on'`);
      await expect(client.query(statement)).rejects.toMatchObject({
        code: expect.stringMatching(/^42501$|^22023$/),
      });
    } finally {
      await client.end();
    }
  });

  it('purges by the one function, and nothing younger than six months', async () => {
    const { id: professional } = await aProfessional(asApplication.db);
    const add = (at: Date) =>
      asApplication.connection.pool.query(
        `select log_access($1, $2, $3, null, null, 'patient.read', 'GET /', 'r')`,
        ['00000000-0000-4000-8000-000000000001', at, professional],
      );
    await add(new Date('2020-01-01T10:00:00Z'));
    await add(new Date(Date.now() - 170 * 24 * 3_600_000));
    const before = (await verifyAccessLog(database.db)).entries;
    expect(await purgeAccessLog(asApplication.db, 0, new Date())).toBe(1);
    expect(await verifyAccessLog(database.db)).toMatchObject({ entries: before - 1, faults: [] });
  });

  it('does not lead what runs as the owner to tables of its own', async () => {
    const { id: professional } = await aProfessional(asApplication.db);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query('create temporary table access_log (like public.access_log)');
      await client.query('create temporary table access_log_ends (like public.access_log_ends)');
      await client.query('set search_path = pg_temp, public');
      await client.query(`select log_access($1, now(), $2, null, null, 'patient.read', 'GET /', 'r')`, [
        '00000000-0000-4000-8000-000000000002',
        professional,
      ]);
    } finally {
      await client.end();
    }
    const { rowCount } = await database.connection.pool.query(
      `select from public.access_log where patient_id = '00000000-0000-4000-8000-000000000002'`,
    );
    expect(rowCount).toBe(1);
  });
});
