/**
 * Purpose: connects a process to what it works with, from its configuration: servers, workers and `npm start`.
 * Entry points: `compose`.
 * May import: every folder that `Dependencies` names.
 */
import type { Logger } from 'pino';
import { openCertificates } from './certificates/open-certificates.ts';
import { clockStartingAt, systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { connect } from './database/client.ts';
import { countPendingMigrations } from './database/migrate.ts';
import type { Dependencies } from './dependencies.ts';
import { identityOf } from './identity/identity.ts';
import { openIncidents } from './incidents/open-incidents.ts';
import { openDoorbell } from './live-queue/open-doorbell.ts';
import { CannotStart, type Running } from './process.ts';
import { recordRulesCache } from './records/rules/load-rules.ts';
import { configurationCache } from './routing/load-configuration.ts';
import { watchConfiguration } from './routing/watch-configuration.ts';
import { loadTexts } from './texts.ts';
import { loadViews } from './views.ts';

/** What is changed in the tables by hand counts after this at the latest; what supervisors save is watched for. */
const routingMaxAgeMs = 10_000;
/** An incident opened by another process counts after this at the latest, should its ring be lost. */
const incidentsMaxAgeMs = 2_000;

/** A change to who may do what, made by another process, counts after this at the latest. */
const rightsMaxAgeMs = 10_000;

/** What is changed of the vaccines and dose rules counts after this at the latest. */
const recordRulesMaxAgeMs = 10_000;

export interface Composition extends Running {
  readonly deps: Dependencies;
}

/**
 * The dependencies of a process, connected; `close` lets go of what they hold.
 * @throws CannotStart when there is no database, it does not answer, or it lacks migrations.
 */
export async function compose(config: Config, log: Logger): Promise<Composition> {
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
  const doorbell = await openDoorbell(config, log);
  const routing = configurationCache({ db, clock, log, maxAgeMs: routingMaxAgeMs });
  const stopWatching = watchConfiguration({ db, routing, onRing: doorbell.onRing, log });
  const certificates = openCertificates({ db, config, clock });
  const incidents = openIncidents({ db, clock, doorbell, log, maxAgeMs: incidentsMaxAgeMs });
  return {
    deps: {
      config,
      clock,
      db,
      texts,
      views,
      routing,
      incidents,
      recordRules: recordRulesCache({ db, clock, log, maxAgeMs: recordRulesMaxAgeMs }),
      doorbell,
      identity: identityOf({ config, db, clock, log, rightsMaxAgeMs }),
      certificates,
      log,
    },
    async close() {
      stopWatching();
      incidents.close();
      await certificates.close();
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

/** Errors of connecting to several addresses say nothing themselves: their parts do. */
function reason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reason).join('; ');
  return error instanceof Error ? error.message : String(error);
}
