/**
 * Purpose: puts a whole server process together from its configuration: `npm run server` and `npm start` alike.
 * Entry points: `startServer`.
 * May import: every folder that `Dependencies` needs; never workers.
 */
import type { Logger } from 'pino';
import { buildApp } from './app.ts';
import { clockStartingAt, systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { connect } from './database/client.ts';
import { countPendingMigrations } from './database/migrate.ts';
import type { Dependencies } from './dependencies.ts';
import { postgresDoorbell } from './live-queue/doorbell.ts';
import { CannotStart, type Running } from './process.ts';
import { configurationCache } from './routing/load-configuration.ts';
import { loadTexts } from './texts.ts';
import { loadViews } from './views.ts';

export interface RunningServer extends Running {
  readonly deps: Dependencies;
}

/** How long requests under way may go on once the server was told to stop. */
const lastRequestsMs = 8000;

/**
 * Connects, and listens where `config` says.
 * @throws CannotStart when there is no database, it does not answer or lacks migrations, or the port is taken.
 */
export async function startServer(config: Config, log: Logger): Promise<RunningServer> {
  const { deps, close } = await compose(config, log);
  try {
    const app = await buildApp(deps);
    await listen(app, config);
    return {
      deps,
      async close() {
        // Closing waits for the requests under way; one that never ends is cut.
        const cut = setTimeout(() => app.server.closeAllConnections(), lastRequestsMs);
        await app.close();
        clearTimeout(cut);
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A change to hotlines or hours made by another process counts after this at the latest. */
const routingMaxAgeMs = 10_000;

interface Composition extends Running {
  readonly deps: Dependencies;
}

/** The dependencies of a server, connected; `close` lets go of what they hold. */
async function compose(config: Config, log: Logger): Promise<Composition> {
  const { databaseUrl } = config;
  if (!databaseUrl) {
    throw new CannotStart(
      'DATABASE_URL is missing: which PostgreSQL should be used? (`npm start` brings its own.)',
    );
  }
  await checkDatabase(databaseUrl);
  const clock = config.startsAt ? clockStartingAt(config.startsAt) : systemClock;
  const texts = loadTexts();
  const views = loadViews(texts);
  const { db, close } = connect(databaseUrl, {
    onIdleError: (error) => log.warn({ err: error }, 'a database connection was lost'),
  });
  const doorbell = await postgresDoorbell(databaseUrl, {
    onError: (error) => log.warn({ err: error }, 'the doorbell has no database'),
  });
  return {
    deps: {
      config,
      clock,
      db,
      texts,
      views,
      routing: configurationCache({ db, clock, log, maxAgeMs: routingMaxAgeMs }),
      doorbell,
      log,
    },
    async close() {
      await doorbell.close();
      await close();
    },
  };
}

async function checkDatabase(url: string): Promise<void> {
  let pending: number;
  try {
    pending = await countPendingMigrations(url);
  } catch (error) {
    throw new CannotStart(`The database of DATABASE_URL does not answer: ${reason(error)}`, { cause: error });
  }
  if (pending > 0) {
    throw new CannotStart(`The database lacks ${pending} migrations of this version: npm run migrate`);
  }
}

async function listen(app: Awaited<ReturnType<typeof buildApp>>, { host, port }: Config): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    const why = code === 'EACCES' ? 'may not be used by this user' : 'is in use by another program';
    throw new CannotStart(`Port ${port} of ${host} ${why}. Choose another with PORT=${port + 1}.`, {
      cause: error,
    });
  }
}

/** Errors of connecting to several addresses say nothing themselves: their parts do. */
function reason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reason).join('; ');
  return error instanceof Error ? error.message : String(error);
}
