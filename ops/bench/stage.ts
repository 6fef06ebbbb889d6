import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { buildApp } from '#server/app.ts';
import { openCertificates } from '#server/certificates/open-certificates.ts';
import { systemClock } from '#server/clock.ts';
import { readConfig } from '#server/config.ts';
import { connect, type DatabaseConnection } from '#server/database/client.ts';
import { migrate } from '#server/database/migrate.ts';
import type { Dependencies } from '#server/dependencies.ts';
import { identityOf } from '#server/identity/identity.ts';
import { openIncidents } from '#server/incidents/open-incidents.ts';
import { postgresDoorbell } from '#server/live-queue/doorbell.ts';
import { recordRulesCache } from '#server/records/rules/load-rules.ts';
import { configurationCache } from '#server/routing/load-configuration.ts';
import { loadTexts } from '#server/texts.ts';
import { loadViews } from '#server/views.ts';
import { startPostgres } from '../embedded/postgres.ts';

/** The product and its floor, side by side on one PostgreSQL with its durable defaults. */
export interface Stage {
  /** Connection string of the database. */
  readonly url: string;
  readonly deps: Dependencies;
  readonly connection: DatabaseConnection;
  readonly app: FastifyInstance;
  /** Where the product listens. */
  readonly origin: string;
  /** A bare Fastify: each benchmark adds the one route that is its floor. */
  readonly floor: FastifyInstance;
  /** Starts the floor listening; after the last route was added. */
  openFloor(): Promise<string>;
  close(): Promise<void>;
}

/** Brings everything up on a throw-away embedded cluster. */
export async function openStage(): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), 'aiguillage-bench-'));
  const postgres = await startPostgres({ directory: join(directory, 'pg') });
  const { url } = postgres;
  await migrate(url);

  const log = pino({ level: 'error' });
  const onError = (error: Error) => log.error({ err: error }, 'connection lost');
  const connection = connect(url, { max: 10, onIdleError: onError });
  const texts = loadTexts();
  const doorbell = await postgresDoorbell(url, { onError });
  const config = readConfig({
    SECRETS: 'the-secret-of-the-benchmark-long-enough',
    TRUSTED_PROXIES: '1',
    LOG_LEVEL: 'error',
  });
  const deps: Dependencies = {
    config,
    clock: systemClock,
    db: connection.db,
    texts,
    views: loadViews(texts),
    routing: configurationCache({ db: connection.db, clock: systemClock, maxAgeMs: 10_000, log }),
    incidents: openIncidents({ db: connection.db, clock: systemClock, doorbell, log, maxAgeMs: 2_000 }),
    recordRules: recordRulesCache({ db: connection.db, clock: systemClock, maxAgeMs: 10_000, log }),
    doorbell,
    identity: identityOf({ config, db: connection.db, clock: systemClock, log, rightsMaxAgeMs: 10_000 }),
    certificates: openCertificates({ db: connection.db, config, clock: systemClock }),
    log,
  };
  const app = await buildApp(deps);
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  const floor = Fastify({ logger: false });
  return {
    url,
    deps,
    connection,
    app,
    origin,
    floor,
    openFloor: () => floor.listen({ host: '127.0.0.1', port: 0 }),
    close: async () => {
      await floor.close();
      await app.close();
      await deps.certificates.close();
      await deps.doorbell.close();
      await connection.close();
      await postgres.stop();
      rmSync(directory, { recursive: true, force: true });
      rmSync(postgres.directory, { recursive: true, force: true });
    },
  };
}
