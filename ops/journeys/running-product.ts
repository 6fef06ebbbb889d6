import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ParsedMail, simpleParser } from 'mailparser';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, vi } from 'vitest';
import { buildApp } from '#server/app.ts';
import type { Dependencies } from '#server/dependencies.ts';
import { launchBrowser } from '#server/testing/browser.ts';
import { freePort } from '#server/testing/free-port.ts';
import { logSink } from '#server/testing/nir-leaks.ts';
import { searchFiles } from '#server/testing/nir-watch/files.ts';
import { nirWatch } from '#server/testing/nir-watch/watch.ts';
import { testDependencies, testViews } from '#server/testing/test-app.ts';
import { type TestClock, testClock } from '#server/testing/test-clock.ts';
import type { TestDatabase } from '#server/testing/test-database.ts';
import { startWorkers } from '#workers/start-workers.ts';
import { startSignInProvider } from '../embedded/sign-in/start-provider.ts';

/** The server, the workers, the wallet of the sample professionals, a mail folder and a browser, as a user meets them. Read inside tests only. */
export interface RunningProduct {
  readonly origin: string;
  readonly browser: Browser;
  readonly deps: Dependencies;
  readonly clock: TestClock;
  /** Waits for the mail to this address whose subject says this. */
  mail(to: string, subject: RegExp): Promise<ParsedMail>;
  /** All that the server and the workers have logged so far, down to `trace`. */
  logged(): string;
}

/** Brings the product up on a test database before the tests of a file, and takes it down after them. */
export function runningProduct(database: TestDatabase): RunningProduct {
  const clock = testClock();
  const { log, text: logged } = logSink();
  const closers: (() => Promise<unknown>)[] = [];
  let up: { origin: string; browser: Browser; deps: Dependencies; mails: string } | undefined;

  beforeAll(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'aiguillage-journey-'));
    closers.push(async () => {
      await searchFiles(directory, nirWatch);
      rmSync(directory, { recursive: true, force: true });
    });
    const port = await freePort();
    const wallet = await startSignInProvider({
      views: testViews,
      publicUrl: `http://localhost:${port}`,
    });
    closers.push(() => wallet.close());
    const environment = {
      ...wallet.environment,
      PORT: String(port),
      DATA_DIR: directory,
      DATABASE_URL: database.url,
      SECRETS: 'the-secret-of-the-journeys-long-enough',
    };
    const deps: Dependencies = { ...testDependencies(database, clock, environment), log };
    closers.push(() => deps.certificates.close());
    const app = await buildApp(deps);
    closers.push(() => app.close());
    await app.listen({ host: '127.0.0.1', port });
    const workers = startWorkers(deps, { pollMs: 200 });
    closers.push(() => workers.close());
    const browser = await launchBrowser();
    closers.push(() => browser.close());
    up = { origin: deps.config.publicUrl, browser, deps, mails: join(directory, 'mails') };
  });
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });

  const running = () => {
    if (!up) throw new Error('the product runs only while the tests do');
    return up;
  };
  return {
    clock,
    logged,
    get origin() {
      return running().origin;
    },
    get browser() {
      return running().browser;
    },
    get deps() {
      return running().deps;
    },
    async mail(to, subject) {
      // Not `expect.poll`: mails are also waited for while tests are prepared.
      const look = async () => {
        const mails = await readMails(running().mails);
        const mail = mails.find((each) => isFor(each, to) && subject.test(each.subject ?? ''));
        if (!mail) throw new Error(`no mail to ${to} about ${subject}`);
        return mail;
      };
      return vi.waitFor(look, { timeout: 40_000, interval: 100 });
    },
  };
}

async function readMails(directory: string): Promise<readonly ParsedMail[]> {
  let files: readonly string[];
  try {
    files = readdirSync(directory).filter((file) => file.endsWith('.eml'));
  } catch (error) {
    // No mail was written yet.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  return Promise.all(files.map((file) => simpleParser(readFileSync(join(directory, file)))));
}

function isFor(mail: ParsedMail, address: string): boolean {
  const to = Array.isArray(mail.to) ? mail.to : mail.to ? [mail.to] : [];
  return to.some((each) => each.value.some((one) => one.address === address));
}
