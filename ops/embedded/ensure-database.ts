import pg from 'pg';
import type { EmbeddedPostgres } from './postgres.ts';

/** The connection string of a database of the cluster, created when there is none. @param name a plain word */
export async function ensureDatabase(postgres: EmbeddedPostgres, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
  return postgres.urlOf(name);
}
