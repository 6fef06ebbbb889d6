import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import * as schema from './schema.ts';

/** The database, or a transaction of it: what every command and query takes. */
export type Database = NodePgDatabase<typeof schema>;

export interface DatabaseConnection {
  readonly db: Database;
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

/**
 * Opens a pool on `url`. `onIdleError` hears of connections lost while idle (a restarted server), which must
 * not stop the process.
 */
export function connect(
  url: string,
  options: { readonly max?: number; readonly onIdleError: (error: Error) => void },
): DatabaseConnection {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max ?? 10,
    keepAlive: true,
    // Whoever waits longer is told so: a queue that nobody leaves helps no one.
    connectionTimeoutMillis: 10_000,
  });
  // Once closing, a connection that the other side ends first is none the worse.
  pool.on('error', (error) => {
    if (!pool.ending) options.onIdleError(error);
  });
  // The pool hears only its idle connections. One lost while in use fails the query under way, or the next one: its
  // error, which nobody else listens to, must not stop the process.
  pool.on('connect', (client) => {
    client.on('error', () => {});
  });
  return { db: drizzle(pool, { schema }), pool, close: () => pool.end() };
}
