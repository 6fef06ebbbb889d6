import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, inject, it } from 'vitest';
import { countPendingMigrations, migrate, migrationsFolder } from '#server/database/migrate.ts';
import * as schema from '#server/database/schema.ts';
import { execute, urlFor } from '#server/testing/global-setup.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { schemaDifferences } from './schema-differences.ts';

interface Entry {
  readonly idx: number;
  readonly tag: string;
  readonly when: number;
}

const journal: { readonly entries: readonly Entry[] } = JSON.parse(
  readFileSync(join(migrationsFolder, 'meta/_journal.json'), 'utf8'),
);

/** What is wrong with a journal, one sentence each. */
function journalFaults(entries: readonly Entry[], files: readonly string[]): readonly string[] {
  const faults: string[] = [];
  for (const [place, { idx, tag, when }] of entries.entries()) {
    const number = String(place).padStart(4, '0');
    if (idx !== place || !tag.startsWith(`${number}_`)) faults.push(`${tag}: not number ${number}`);
    const before = entries[place - 1];
    // Drizzle applies what is later than the newest applied, and silently skips the rest.
    if (before && when <= before.when) faults.push(`${tag}: dated no later than ${before.tag}`);
    if (!files.includes(`${tag}.sql`)) faults.push(`${tag}: no file`);
  }
  const listed = new Set(entries.map(({ tag }) => `${tag}.sql`));
  for (const file of files) if (!listed.has(file)) faults.push(`${file}: not in the journal`);
  return faults;
}

describe('the migrations', () => {
  const database = testDatabase();
  const files = readdirSync(migrationsFolder).filter((name) => name.endsWith('.sql'));

  it('are numbered, dated in order, and all listed', () => {
    expect(journalFaults(journal.entries, files)).toEqual([]);
  });

  it('would not pass when misdated, misnumbered, missing or unlisted', () => {
    const entry = (idx: number, tag: string, when: number) => ({ idx, tag, when });
    expect(
      journalFaults(
        [entry(0, '0000_a', 20), entry(1, '0001_b', 10), entry(3, '0003_c', 30)],
        ['0000_a.sql', '0003_c.sql', '0004_d.sql'],
      ),
    ).toEqual([
      '0001_b: dated no later than 0000_a',
      '0001_b: no file',
      '0003_c: not number 0002',
      '0004_d.sql: not in the journal',
    ]);
  });

  it('change nothing when applied again', async () => {
    const before = await database.connection.pool.query('select * from drizzle.__drizzle_migrations');
    await migrate(database.url);
    const after = await database.connection.pool.query('select * from drizzle.__drizzle_migrations');
    expect(after.rows).toEqual(before.rows);
    expect(after.rowCount).toBe(journal.entries.length);
    expect(await countPendingMigrations(database.url)).toBe(0);
  });

  it('can be applied by several processes at once', async () => {
    const name = `aiguillage_test_at_once_${process.pid}`;
    const url = urlFor(inject('adminUrl'), name);
    await execute(inject('adminUrl'), `create database ${name}`);
    try {
      expect(await countPendingMigrations(url)).toBe(journal.entries.length);
      await Promise.all([migrate(url), migrate(url), migrate(url)]);
      expect(await countPendingMigrations(url)).toBe(0);
    } finally {
      await execute(inject('adminUrl'), `drop database ${name} with (force)`);
    }
  });

  it('can be applied by an owner who is no superuser', async () => {
    const name = `aiguillage_test_owner_${randomBytes(4).toString('hex')}`;
    const admin = inject('adminUrl');
    await execute(admin, `create role ${name} login password 'owner'`);
    await execute(admin, `create database ${name} owner ${name}`);
    const url = new URL(urlFor(admin, name));
    url.username = name;
    url.password = 'owner';
    try {
      await migrate(url.href);
      expect(await countPendingMigrations(url.href)).toBe(0);
      const client = new pg.Client({ connectionString: url.href });
      await client.connect();
      try {
        // What lets the purge through ends with it, though the caller's transaction goes on.
        await client.query('begin');
        await client.query('select purge_access_log(now(), 10)');
        const { rows } = await client.query(
          `select current_setting('records.purging_access_log') as purging`,
        );
        expect(rows).toEqual([{ purging: '' }]);
        await client.query('rollback');
      } finally {
        await client.end();
      }
    } finally {
      await execute(admin, `drop database ${name} with (force)`);
      await execute(admin, `drop role ${name}`);
    }
  });

  it('leave nothing that runs as the owner to every role of the database', async () => {
    const { rows } = await database.connection.pool.query(
      `select proname from pg_proc
       where prosecdef and pronamespace = current_schema()::regnamespace
         and has_function_privilege('public', oid, 'execute')`,
    );
    expect(rows).toEqual([]);
  });
});

/** Kinds are added with the code that writes them, while an older version may still run: the database takes any. */
const decidedByTheCode = ['case_events, column kind values', 'follow_ups, column kind values'];

describe('the schema in the code and the migrated database', () => {
  const database = testDatabase();

  it('agree', async () => {
    const differences = await schemaDifferences(schema, database.connection.pool);
    const [known, unknown] = [
      differences.filter((each) => decidedByTheCode.some((about) => each.startsWith(about))),
      differences.filter((each) => !decidedByTheCode.some((about) => each.startsWith(about))),
    ];
    expect(unknown).toEqual([]);
    expect(known, 'an exception that is none any more').toHaveLength(decidedByTheCode.length);
  });

  it.each([
    [
      'a column is missing',
      'alter table agents drop column capacity',
      'agents, column capacity type: smallint in the code, nothing',
    ],
    [
      'a column is too many',
      'alter table agents add column nick text',
      'agents, column nick type: nothing in the code, text',
    ],
    [
      'a type differs',
      'alter table agents alter capacity type integer',
      'agents, column capacity type: smallint in the code, integer',
    ],
    [
      'a null is taken',
      'alter table agents alter name drop not null',
      'agents, column name null: refused in the code, taken',
    ],
    [
      'a default is gone',
      'alter table agents alter active drop default',
      'agents, column active default: yes in the code, no',
    ],
    [
      'a unique index is gone',
      'drop index cases_assignee_capacity',
      'cases, index cases_assignee_capacity: unique partial in the code, nothing',
    ],
    [
      'a unique column is not',
      'alter table agents drop constraint agents_email_key',
      'agents, unique index on email: yes in the code, nothing',
    ],
    [
      'a value is not allowed',
      `alter table agents drop constraint agents_role_check, add check (role in ('agent'))`,
      'agents, column role values: agent supervisor in the code, ',
    ],
    [
      'a key is gone',
      'alter table agent_sessions drop constraint agent_sessions_agent_id_fkey',
      'agent_sessions, foreign key agent_id: agents (id) on delete no action in the code, nothing',
    ],
    ['a table is too many', 'create table spare (id integer)', 'spare: only in the database'],
    ['a table is missing', 'drop table outbox', 'outbox: only in the code'],
  ])('would not agree when %s', async (_, statement, difference) => {
    const client = await database.connection.pool.connect();
    try {
      await client.query('begin');
      await client.query(statement);
      const found = await schemaDifferences(schema, client);
      expect(found.join('\n')).toContain(difference);
    } finally {
      await client.query('rollback');
      client.release();
    }
  });
});
