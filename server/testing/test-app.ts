import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll } from 'vitest';
import { buildApp } from '../app.ts';
import { openCertificates } from '../certificates/open-certificates.ts';
import { readConfig } from '../config.ts';
import type { Dependencies } from '../dependencies.ts';
import { identityOf } from '../identity/identity.ts';
import { openIncidents } from '../incidents/open-incidents.ts';
import { localDoorbell } from '../live-queue/doorbell.ts';
import { createLog } from '../logging.ts';
import { recordRulesCache } from '../records/rules/load-rules.ts';
import { configurationCache } from '../routing/load-configuration.ts';
import { loadTexts } from '../texts.ts';
import { loadViews } from '../views.ts';
import { type TestClock, testClock } from './test-clock.ts';
import type { TestDatabase } from './test-database.ts';

export const testTexts = loadTexts();
export const testViews = loadViews(testTexts);

export interface TestApp {
  /** The app, ready to be injected into; read inside tests only. */
  readonly app: FastifyInstance;
  readonly deps: Dependencies;
  readonly clock: TestClock;
}

/** The dependencies of a server on a test database, its clock standing still. */
export function testDependencies(
  database: TestDatabase,
  clock: TestClock = testClock(),
  environment: Environment = {},
): Dependencies {
  // Everything is said, so that all of it is searched (nir-watch/logs.ts); nobody reads it.
  const log = createLog('trace', { write() {} });
  const doorbell = localDoorbell();
  const config = readConfig({
    SECRETS: 'a secret of the tests that is long enough to be taken',
    LOG_LEVEL: 'silent',
    ...environment,
  });
  return {
    config,
    clock,
    db: database.db,
    texts: testTexts,
    views: testViews,
    routing: configurationCache({ db: database.db, clock, maxAgeMs: 0, log }),
    incidents: openIncidents({ db: database.db, clock, doorbell, log, maxAgeMs: 0 }),
    recordRules: recordRulesCache({ db: database.db, clock, maxAgeMs: 0, log }),
    doorbell,
    identity: identityOf({ config, db: database.db, clock, log, rightsMaxAgeMs: 0 }),
    certificates: openCertificates({ db: database.db, config, clock }),
    log,
  };
}

/** Variables of the environment, beside those that every test has. */
type Environment = Readonly<Record<string, string>>;

/** The whole app on a test database, built before a file's tests and closed after them; `environment` is asked for then. */
export function testApp(
  database: TestDatabase,
  clock: TestClock = testClock(),
  environment: () => Environment = () => ({}),
): TestApp {
  let built: { app: FastifyInstance; deps: Dependencies } | undefined;
  beforeAll(async () => {
    const deps = testDependencies(database, clock, environment());
    built = { deps, app: await buildApp(deps) };
    await built.app.ready();
  });
  afterAll(async () => {
    await built?.app.close();
    await built?.deps.certificates.close();
    await built?.deps.doorbell.close();
  });
  const ready = () => {
    if (!built) throw new Error('the test app is there only while the tests run');
    return built;
  };
  return {
    clock,
    get app() {
      return ready().app;
    },
    get deps() {
      return ready().deps;
    },
  };
}
