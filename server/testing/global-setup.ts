/**
 * Purpose: one PostgreSQL for the whole test run, with a migrated template that every test file clones.
 * Entry points: named in vitest.config.ts; tests call `testDatabase` (test-database.ts).
 * May import: anything.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startPostgres } from '#ops/embedded/postgres.ts';
import { migrate } from '#server/database/migrate.ts';
import { nirsOfSources } from './nir-watch/sources.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Connection string of a database from which others can be created. */
    adminUrl: string;
    /** Name of the migrated database that test files clone. */
    templateDatabase: string;
    /** The NIRs that stand in the tests' own sources. */
    nirs: readonly string[];
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
  // Open to the user that PostgreSQL runs as, so that its files are in this folder and go with it.
  if (directory) chmodSync(directory, 0o755);
  const embedded = directory
    ? await startPostgres({ directory: join(directory, 'postgres'), settings: throwAway })
    : undefined;
  const adminUrl = given ?? embedded?.url;
  if (!adminUrl) throw new Error('no PostgreSQL to test on');
  const templateDatabase = `aiguillage_template_${randomBytes(6).toString('hex')}`;

  async function end(): Promise<void> {
    if (given) await execute(given, `drop database if exists ${templateDatabase} with (force)`);
    await embedded?.stop();
    if (embedded) rmSync(embedded.directory, { recursive: true, force: true });
    if (directory) rmSync(directory, { recursive: true, force: true });
  }
  try {
    await execute(adminUrl, `create database ${templateDatabase}`);
    await migrate(urlFor(adminUrl, templateDatabase));
  } catch (error) {
    await end();
    throw error;
  }
  project.provide('adminUrl', adminUrl);
  project.provide('templateDatabase', templateDatabase);
  project.provide('nirs', nirsOfSources(project.config.root, ['server', 'workers', 'ops']));
  return end;
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
