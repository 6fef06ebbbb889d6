import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** How to run a program that refuses to run as root. */
export interface RunAs {
  /** Options for `execFile`. */
  readonly options: { readonly uid?: number; readonly gid?: number; readonly cwd: string };
  /** The user, when it is not the present one. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Makes a file or folder that user's own. */
  give(path: string): void;
}

/**
 * PostgreSQL refuses to run as root. As root, its programs run as `postgres` if there is such a user, else as
 * `nobody`; no user is created. Otherwise they run as whoever runs us.
 */
export function asUnprivileged(): RunAs {
  if (process.getuid?.() !== 0) return { options: { cwd: tmpdir() }, give: () => {} };
  const user = findUser('postgres') ?? findUser('nobody');
  if (!user)
    throw new Error('Running as root, and neither "postgres" nor "nobody" exists to run PostgreSQL as.');
  return { options: { ...user, cwd: tmpdir() }, user, give: (path) => chownSync(path, user.uid, user.gid) };
}

/**
 * `path` itself when the unprivileged user can enter it; else (root's own home is closed to others) a place of
 * the same name below the system's folder for lasting temporary files, with a copy of `path` when asked.
 * The place is there afterwards, and open to that user.
 */
export function reachablePlace(path: string, runAs: RunAs, { copy = false } = {}): string {
  const wanted = resolve(path);
  const place = reachablePath(path, runAs, { mark: copy ? stamp(wanted) : '' });
  if (!copy) {
    mkdirSync(place, { recursive: true });
    if (runAs.user) chmodSync(place, 0o755);
  } else if (place !== wanted && !existsSync(place)) {
    // Renamed into place whole, so that a copy cut short is never taken for a good one.
    const partial = `${place}.${process.pid}`;
    cpSync(wanted, partial, { recursive: true, verbatimSymlinks: true });
    openToAll(partial);
    try {
      renameSync(partial, place);
    } catch (error) {
      // Another process was faster.
      if (!existsSync(place)) throw error;
      rmSync(partial, { recursive: true });
    }
  }
  return place;
}

/** Where root's files are closed to others by default (umask 077), so are the ones that npm installed. */
function openToAll(directory: string): void {
  chmodSync(directory, 0o755);
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) chmodSync(path, 0o755);
    else if (entry.isFile()) chmodSync(path, (statSync(path).mode & 0o111) === 0 ? 0o644 : 0o755);
  }
}

/**
 * Where `reachablePlace` puts it, without touching anything; `mark` tells two states of one path apart.
 * @throws Error when somebody else has put something there.
 */
export function reachablePath(path: string, runAs: RunAs, { mark = '' } = {}): string {
  const wanted = resolve(path);
  if (!runAs.user || openToOthers(dirname(wanted))) return wanted;
  const base = existsSync('/var/tmp') ? '/var/tmp' : tmpdir();
  const name = createHash('sha256').update(wanted).update(mark).digest('hex').slice(0, 16);
  const place = join(base, `aiguillage-${name}`);
  // Anybody may write in that folder: what root runs from there must be root's own.
  const found = lstatSync(place, { throwIfNoEntry: false });
  if (found && !(found.isDirectory() && found.uid === process.getuid?.())) {
    throw new Error(`${place} belongs to another user: set DATA_DIR to a folder that others may enter.`);
  }
  return place;
}

/** Changes with what is in a folder, and in the folders directly below it. */
function stamp(path: string): string {
  const folders = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [path, ...folders.map(({ name }) => join(path, name))]
    .map((folder) => statSync(folder).mtimeMs)
    .join();
}

function openToOthers(path: string): boolean {
  for (let place = path; ; place = dirname(place)) {
    if (existsSync(place) && (statSync(place).mode & 0o001) === 0) return false;
    if (place === dirname(place)) return true;
  }
}

function findUser(name: string): { uid: number; gid: number } | undefined {
  try {
    const id = (flag: string) =>
      Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}
