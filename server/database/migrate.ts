import { join } from 'node:path';
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
