/**
 * Purpose: what tests of running workers need, on every engine that may carry the jobs.
 * Entry points: `onEachEngine`.
 * May import: anything.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { asc, eq, isNull } from 'drizzle-orm';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, vi } from 'vitest';
import type { CaseRecord } from '#server/cases/change-case.ts';
import { systemClock } from '#server/clock.ts';
import type { Database } from '#server/database/client.ts';
import { outbox } from '#server/database/outbox.table.ts';
import type { Dependencies } from '#server/dependencies.ts';
import { followUps } from '#server/follow-ups/follow-ups.table.ts';
import { startSmtp, type TestSmtp } from '#server/mail/testing/smtp.ts';
import type { Running } from '#server/process.ts';
import { aCase } from '#server/testing/builders.ts';
import { eventually } from '#server/testing/eventually.ts';
import { testDependencies } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { chooseBackend, type JobQueue } from '../backend.ts';
import type { QueueName } from '../queues.ts';
import { startWorkers, type WorkersOptions } from '../start-workers.ts';
import { type BrokerKind, brokers, type TestBroker } from './brokers.ts';

export interface Stage {
  readonly db: Database;
  readonly broker: TestBroker;
  readonly smtp: TestSmtp;
  /** Every line logged in this test. */
  readonly logged: readonly string[];
  dependencies(): Dependencies;
  /** Starts workers in this process, which end with the test. */
  start(deps?: Dependencies, options?: WorkersOptions): Running;
  /** Runs a script of workers/ as a process of its own, as in production; killed with the test. */
  spawned(script: string, environment?: Readonly<Record<string, string>>): ChildProcess;
  /** Opens a case as the practitioner's form does: with its job, and without ringing. */
  opened(contactEmail?: string): Promise<CaseRecord>;
  /** Puts a job in the outbox. */
  put(job: string, payload: Record<string, number | string>, notBefore?: Date): Promise<void>;
  /** The jobs of the outbox that no queue has yet, in the order in which they were put there. */
  unrelayed(): Promise<readonly string[]>;
  mailsOf(caseId: number): Promise<readonly (typeof followUps.$inferSelect)[]>;
  /** Resolves once the first mail of the case is noted as sent. */
  noted(caseId: number): Promise<void>;
  /** Resolves once the queues have all that the outbox held, and it is noted there. */
  relayed(): Promise<void>;
  withQueue<T>(name: QueueName, look: (queue: JobQueue) => Promise<T>): Promise<T>;
}

/** The same tests on every engine, each with its own database; skipped, saying why, where an engine is missing. */
export function onEachEngine(what: string, tests: (stage: Stage) => void): void {
  for (const kind of brokers) {
    const skipped = kind.missing === undefined ? '' : `, skipped: ${kind.missing}`;
    describe.skipIf(kind.missing)(`${what} on ${kind.engine}${skipped}`, { timeout: 120_000 }, () =>
      tests(stageFor(kind)),
    );
  }
}

function stageFor(kind: BrokerKind): Stage {
  const database = testDatabase();
  let brokerOrNone: TestBroker | undefined;
  let smtpOrNone: TestSmtp | undefined;
  const running: Running[] = [];
  const children: ChildProcess[] = [];
  const logged: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line) => logged.push(line) });

  beforeAll(async () => {
    smtpOrNone = await startSmtp();
    brokerOrNone = await kind.start(database.url);
  });
  beforeEach(() => {
    stage.smtp.forget();
    stage.smtp.onAccepted(undefined);
    logged.length = 0;
  });
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await Promise.all(running.splice(0).map((each) => each.close()));
    await database.db.delete(outbox);
    await database.db.delete(followUps);
  });
  afterAll(async () => {
    await smtpOrNone?.close();
    await brokerOrNone?.remove();
  });

  const stage: Stage = {
    get db() {
      return database.db;
    },
    get broker() {
      return ready(brokerOrNone);
    },
    get smtp() {
      return ready(smtpOrNone);
    },
    logged,
    dependencies() {
      const deps = testDependencies(database);
      const config = {
        ...deps.config,
        ...stage.broker.config,
        smtpUrl: stage.smtp.url,
        publicUrl: 'https://help.test',
      };
      return { ...deps, config, clock: systemClock, log };
    },
    start(deps = stage.dependencies(), options = {}) {
      const workers = startWorkers(deps, { pollMs: 50, retryDelayMs: 50, ...options });
      running.push(workers);
      return workers;
    },
    spawned(script, environment = {}) {
      const { redisUrl } = stage.broker.config;
      const child = spawn(process.execPath, [join(import.meta.dirname, '..', script)], {
        stdio: 'ignore',
        env: {
          PATH: process.env.PATH,
          // Left out, the process would take itself for production.
          NODE_ENV: 'test',
          DATABASE_URL: database.url,
          ...(redisUrl && { REDIS_URL: redisUrl }),
          SMTP_URL: stage.smtp.url,
          PUBLIC_URL: 'https://help.test',
          LOG_LEVEL: 'silent',
          ...environment,
        },
      });
      children.push(child);
      return child;
    },
    async opened(contactEmail) {
      const openedAt = new Date();
      const opened = await aCase(database.db, { openedAt, ...(contactEmail && { contactEmail }) });
      await stage.put('case-opened', { caseId: opened.id });
      return opened;
    },
    async put(job, payload, notBefore = new Date()) {
      await database.db.insert(outbox).values({ job, payload, notBefore, createdAt: new Date() });
    },
    async unrelayed() {
      const rows = await database.db
        .select()
        .from(outbox)
        .where(isNull(outbox.relayedAt))
        .orderBy(asc(outbox.id));
      return rows.map(({ job }) => job);
    },
    mailsOf: (caseId) =>
      database.db.select().from(followUps).where(eq(followUps.caseId, caseId)).orderBy(asc(followUps.id)),
    noted: (caseId) =>
      vi.waitFor(async () => {
        expect((await stage.mailsOf(caseId))[0]).toMatchObject({ kind: 'case_opened', state: 'sent' });
      }, eventually),
    relayed: () => vi.waitFor(async () => expect(await stage.unrelayed()).toEqual([]), eventually),
    async withQueue(name, look) {
      const queue = chooseBackend(stage.broker.config).openQueue(name);
      try {
        return await look(queue);
      } finally {
        await queue.close();
      }
    },
  };
  return stage;
}

function ready<T>(started: T | undefined): T {
  if (started === undefined) throw new Error('the stage is there only while the tests run');
  return started;
}
