/**
 * Purpose: the folder where `npm start` keeps everything between two runs (`DATA_DIR`): whose it is, and who
 * uses it now.
 * Entry points: `openDataDirectory`, `secretOf`, `emptyDataDirectory`.
 * May import: ops/run-lock.ts, ops/embedded, server/process.ts.
 */
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { removePostgres } from '#ops/embedded/postgres.ts';
import { CannotStart } from '#server/process.ts';
import { type RunLock, takeRunLock } from './run-lock.ts';

export interface DataDirectory extends RunLock {
  readonly path: string;
  /** Where the embedded PostgreSQL belongs. */
  readonly postgres: string;
  /** Where the log of `npm start` goes. */
  readonly logFile: string;
  /** Signs cookies and form tokens when no `SECRETS` are given: made once, then kept. */
  readonly secret: string;
}

/** Says that a folder is ours, and how it is laid out. */
const markFile = 'aiguillage.json';
const layout = 1;

const lockFile = 'lock.json';
const secretFile = 'secret';

/** Everything of ours below the folder; `npm run reset` removes these and nothing else. */
const ours = ['postgres', 'mails', secretFile, 'aiguillage.log', markFile];

/** Whether the file is one of `names`, or what was left of writing one when the machine stopped. */
const isOne = (names: readonly string[]) => (file: string) =>
  names.some((name) => file === name || file.startsWith(`${name}.`));

/** A log longer than this is put aside at the next start. */
const longestLogBytes = 10 * 1024 * 1024;

/**
 * Opens the folder for this process alone, creating it when there is none.
 * @param address where this run will be reached, told to whoever finds the folder in use.
 * @throws CannotStart when another run uses it, or it is not ours.
 */
export async function openDataDirectory(directory: string, address: string): Promise<DataDirectory> {
  const path = resolve(directory);
  const mark = join(path, markFile);
  createFolder(path);
  // Mails are written there too by `npm run workers`, without a mark.
  const isExpected = isOne(['mails', lockFile, markFile]);
  const strange = readdirSync(path).filter((name) => !isExpected(name));
  if (strange.length > 0 && !existsSync(mark)) {
    throw new CannotStart(
      `${path} holds files that are not this project's (${strange.slice(0, 3).join(', ')}): ` +
        'choose another folder with DATA_DIR=…',
    );
  }
  const lock = takeRunLock(join(path, lockFile), address);
  try {
    if (!existsSync(mark)) {
      // A folder deleted by hand may have left its PostgreSQL elsewhere (see ops/embedded/unprivileged.ts).
      await removePostgres(join(path, 'postgres'));
      writeWhole(mark, JSON.stringify({ layout }));
    }
    checkLayout(path, mark);
    const logFile = join(path, 'aiguillage.log');
    if (existsSync(logFile) && statSync(logFile).size > longestLogBytes) {
      renameSync(logFile, `${logFile}.old`);
    }
    return {
      path,
      postgres: join(path, 'postgres'),
      logFile,
      secret: keepSecret(join(path, secretFile)),
      ...lock,
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** The secret of a folder that another run of ours has open. */
export function secretOf(directory: string): string {
  return keepSecret(join(resolve(directory), secretFile));
}

/**
 * Removes everything of ours in the folder; what else is there stays, and is named.
 * @throws CannotStart when it is in use, or not ours.
 */
export async function emptyDataDirectory(directory: string): Promise<{ readonly left: readonly string[] }> {
  const path = resolve(directory);
  if (!existsSync(path) || readdirSync(path).length === 0) {
    await removePostgres(join(path, 'postgres'));
    return { left: [] };
  }
  if (!existsSync(join(path, markFile))) {
    throw new CannotStart(`${path} is not a data folder of this project: nothing was removed.`);
  }
  const lock = takeRunLock(join(path, lockFile), 'npm run reset');
  try {
    await removePostgres(join(path, 'postgres'));
    // The mark goes last: a reset cut short can be done again.
    for (const name of [...ours, lockFile]) {
      for (const file of readdirSync(path).filter(isOne([name]))) {
        rmSync(join(path, file), { recursive: true, force: true });
      }
    }
  } finally {
    lock.release();
  }
  return { left: readdirSync(path) };
}

function createFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new CannotStart(`${path} cannot be created: choose another folder with DATA_DIR=…`, {
      cause: error,
    });
  }
}

function checkLayout(path: string, mark: string): void {
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(mark, 'utf8')).layout;
  } catch {
    // Told below like any other layout that is not ours.
  }
  if (found === layout) return;
  throw new CannotStart(
    `${path} was made by another version of this project. \`npm run reset\` empties it; DATA_DIR=… names another.`,
  );
}

function keepSecret(file: string): string {
  if (!existsSync(file)) writeWhole(file, randomBytes(32).toString('base64url'), 0o600);
  const secret = readFileSync(file, 'utf8').trim();
  if (secret.length >= 32) return secret;
  throw new CannotStart(`${file} is not the secret that was kept there: remove it and start again.`);
}

/** A file that is there is there whole, also when the machine stops while it is written. */
function writeWhole(file: string, text: string, mode = 0o644): void {
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, text, { mode });
  renameSync(partial, file);
}
