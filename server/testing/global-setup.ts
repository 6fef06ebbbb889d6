/**
 * Purpose: one PostgreSQL for the whole test run, with a migrated template that every test file clones.
 * Entry points: named in vitest.config.ts; tests call `testDatabase` (test-database.ts).
 * May import: anything.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startPostgres } from '#ops/embedded/postgres.ts';
import { migrate } from '#server/database/migrate.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Connection string of a database from which others can be created. */
    adminUrl: string;
    /** Name of the migrated database that test files clone. */
    templateDatabase: string;
  }
}

/** Durability costs time and protects nothing here: the cluster is thrown away. */
const throwAway = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  log_min_messages: 'fatal',
};

/** Starts PostgreSQL (or uses `DATABASE_URL`), migrates a template; returns what ends it all. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.DATABASE_URL;
  const directory = given ? undefined : mkdtempSync(join(tmpdir(), 'aiguillage-test-'));
  const embedded = directory
    ? await startPostgres({ directory: join(directory, 'postgres'), settings: throwAway })
    : undefined;
  const adminUrl = given ?? embedded?.url;
  if (!adminUrl) throw new Error('no PostgreSQL to test on');

  const templateDatabase = `aiguillage_template_${randomBytes(6).toString('hex')}`;
  await execute(adminUrl, `create database ${templateDatabase}`);
  await migrate(urlFor(adminUrl, templateDatabase));
  project.provide('adminUrl', adminUrl);
  project.provide('templateDatabase', templateDatabase);

  return async () => {
    if (given) await execute(adminUrl, `drop database ${templateDatabase} with (force)`);
    await embedded?.stop();
    if (directory) rmSync(directory, { recursive: true, force: true });
    if (embedded) rmSync(embedded.directory, { recursive: true, force: true });
  };
}

/** The same server's connection string for another database. */
export function urlFor(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

/** Runs one statement on a connection of its own. */
export async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
