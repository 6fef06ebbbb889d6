import { join, resolve } from 'node:path';
import type { Config } from '#server/config.ts';
import { openDataDirectory, secretOf } from '../data-directory.ts';
import { ensureDatabase } from '../embedded/ensure-database.ts';
import { startPostgres } from '../embedded/postgres.ts';
import { findRunningPostgres } from '../embedded/running-postgres.ts';

export interface TargetDatabase {
  readonly url: string;
  /** Its data folder's secret, under which it keeps what it seals; undefined for that of `DATABASE_URL`. */
  readonly secret: string | undefined;
  close(): Promise<void>;
}

const database = 'aiguillage';

/**
 * The database that a command works on: that of `DATABASE_URL`, else the one of `npm start`, whether it runs now or
 * is started for as long as the command takes.
 * @throws CannotStart when the data folder is not ours, or in use by a command that has no database running.
 */
export async function openTargetDatabase(config: Config): Promise<TargetDatabase> {
  if (config.databaseUrl) return { url: config.databaseUrl, secret: undefined, close: async () => {} };
  const address = 'a command that uses its database';
  let directory: Awaited<ReturnType<typeof openDataDirectory>>;
  try {
    directory = await openDataDirectory(config.dataDirectory, address);
  } catch (error) {
    const url = findRunningPostgres(join(resolve(config.dataDirectory), 'postgres'), database);
    if (url === undefined) throw error;
    return { url, secret: secretOf(config.dataDirectory), close: async () => {} };
  }
  try {
    const postgres = await startPostgres({ directory: directory.postgres });
    const url = await ensureDatabase(postgres, database);
    // Loaded only here: it takes more memory than an import needs.
    const { migrate } = await import('#server/database/migrate.ts');
    await migrate(url);
    return {
      url,
      secret: directory.secret,
      async close() {
        await postgres.stop();
        directory.release();
      },
    };
  } catch (error) {
    directory.release();
    throw error;
  }
}
