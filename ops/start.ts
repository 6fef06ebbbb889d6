/**
 * Purpose: `npm start`: the whole product in one process on a PostgreSQL of its own, with demo data, for
 * whoever wants to see it or work on it. With `DATABASE_URL`, on that database instead.
 * Entry points: run by npm.
 * May import: anything.
 */

import { compose } from '#server/compose.ts';
import { type Config, readConfig } from '#server/config.ts';
import { migrate } from '#server/database/migrate.ts';
import { CannotStart, orExit, type Running, runUntilStopped } from '#server/process.ts';
import { serve } from '#server/serve.ts';
import { loadTexts } from '#server/texts.ts';
import { loadViews } from '#server/views.ts';
import { startWorkers } from '#workers/start-workers.ts';
import { type DataDirectory, openDataDirectory } from './data-directory.ts';
import { loadDemoDirectory } from './demo/demo-directory.ts';
import { loadDemoRecords } from './demo/demo-records.ts';
import { loadDemoData } from './demo/load-demo-data.ts';
import { asApplicationRole } from './embedded/application-role.ts';
import { ensureDatabase } from './embedded/ensure-database.ts';
import { keptKeys } from './embedded/kept-keys.ts';
import { type EmbeddedPostgres, startPostgres } from './embedded/postgres.ts';
import { type SignInProvider, startSignInProvider } from './embedded/sign-in/start-provider.ts';
import { checkPort } from './port.ts';
import { createStartLog } from './start-log.ts';
import { welcome } from './welcome.ts';

const { given, directory } = await orExit(prepare);
process.once('exit', () => directory.release());
const log = createStartLog(given.logLevel, directory.logFile);
await runUntilStopped(start, { log, closeWithinMs: 25_000 });

/** What can be refused before anything runs. */
async function prepare(): Promise<{ readonly given: Config; readonly directory: DataDirectory }> {
  if (process.env.NODE_ENV?.trim() === 'production') {
    throw new Error(
      'npm start is for trying and developing: its demo accounts have a known password and its database is ' +
        'not backed up.\nIn production run `npm run migrate`, then `npm run server` and `npm run workers`.',
    );
  }
  const given = readConfig(process.env);
  return { given, directory: await openDataDirectory(given.dataDirectory, given.publicUrl) };
}

/** Starts everything, each part before what needs it; closing goes the other way round. */
async function start(): Promise<Running> {
  const began = performance.now();
  const closers: (() => Promise<void>)[] = [];
  async function close(): Promise<void> {
    for (const each of closers.splice(0).reverse()) await each();
  }
  try {
    await checkPort(given.host, given.port);
    let ownerUrl = given.databaseUrl;
    if (!ownerUrl) {
      const postgres = await startOwnPostgres();
      closers.push(postgres.stop);
      ownerUrl = await ensureDatabase(postgres, 'aiguillage');
    }
    await migrate(ownerUrl);
    const databaseUrl = given.databaseUrl ?? (await asApplicationRole(ownerUrl));

    const signIn = await startTestWallet();
    if (signIn) closers.push(signIn.close);
    const config = readConfig({
      ...process.env,
      ...signIn?.environment,
      DATABASE_URL: databaseUrl,
      SECRETS: process.env.SECRETS?.trim() || directory.secret,
      ...(!given.databaseUrl && keptKeys(directory.secret, process.env)),
    });
    const { deps, close: disconnect } = await compose(config, log);
    closers.push(disconnect);
    const withDemoData = await loadDemoData(deps);
    const withDemoDirectory = withDemoData && (await loadDemoDirectory(ownerUrl, deps));
    const withDemoRecords = withDemoData && signIn !== undefined && (await loadDemoRecords(deps));
    closers.push(startWorkers(deps).close);
    const server = await serve(deps);
    closers.push(server.close);

    console.log(
      welcome({
        config,
        embedded: !given.databaseUrl,
        directory,
        withDemoData,
        withDemoDirectory,
        withDemoRecords,
        tookMs: performance.now() - began,
      }),
    );
    return {
      async close() {
        console.log('Stopping…');
        await close();
        console.log('Stopped. What was entered is kept for the next npm start.');
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The test wallet, unless the environment names an issuer or switches the records off. */
async function startTestWallet(): Promise<SignInProvider | undefined> {
  if (given.issuers.length > 0 || process.env.RECORDS?.trim() === 'off') return undefined;
  const { host, port, publicUrl } = given;
  return startSignInProvider({ views: loadViews(loadTexts()), publicUrl, host, port: port + 1 });
}

async function startOwnPostgres(): Promise<EmbeddedPostgres> {
  try {
    return await startPostgres({ directory: directory.postgres });
  } catch (error) {
    throw new CannotStart(
      `${error instanceof Error ? error.message : error}\n` +
        'If the data may go, `npm run reset` removes it and the next start begins afresh.',
      { cause: error },
    );
  }
}
