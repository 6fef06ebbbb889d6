import { join } from 'node:path';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate as applyMigrations } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';

export const migrationsFolder = join(import.meta.dirname, '../../migrations');

/** Any number will do, as long as no other advisory lock of ours uses it. */
const migrationLock = 7_421_001;

/**
 * Applies the migrations not yet applied. Several processes may call it at once: they wait for each other,
 * since Drizzle's migrator takes no lock of its own.
 */
export async function migrate(url: string, folder = migrationsFolder): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    await applyMigrations(drizzle(client), { migrationsFolder: folder });
  } finally {
    await client.end();
  }
}

/**
 * How many migrations of this version the database has not had yet; 0 too when it has had later ones than we
 * know, as during a roll-out.
 */
export async function countPendingMigrations(url: string, folder = migrationsFolder): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const [{ exists } = { exists: false }] = (
      await client.query<{ exists: boolean }>(
        `select to_regclass('drizzle.__drizzle_migrations') is not null as exists`,
      )
    ).rows;
    const [{ newest } = { newest: null }] = exists
      ? (
          await client.query<{ newest: string | null }>(
            'select max(created_at) as newest from drizzle.__drizzle_migrations',
          )
        ).rows
      : [];
    const migrations = readMigrationFiles({ migrationsFolder: folder });
    return migrations.filter(({ folderMillis }) => folderMillis > Number(newest ?? 0)).length;
  } finally {
    await client.end();
  }
}
