import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chownSync, cpSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
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
 */
export function reachablePlace(path: string, runAs: RunAs, { copy = false } = {}): string {
  const wanted = resolve(path);
  if (!runAs.user || openToOthers(dirname(wanted))) {
    if (!copy) mkdirSync(wanted, { recursive: true });
    return wanted;
  }
  const base = existsSync('/var/tmp') ? '/var/tmp' : tmpdir();
  const mark = createHash('sha256')
    .update(wanted)
    .update(copy ? stamp(wanted) : '')
    .digest('hex')
    .slice(0, 16);
  const place = join(base, `aiguillage-${mark}`);
  if (copy && !existsSync(place)) {
    // Renamed into place whole, so that a copy cut short is never taken for a good one.
    const partial = `${place}.${process.pid}`;
    cpSync(wanted, partial, { recursive: true, verbatimSymlinks: true });
    renameSync(partial, place);
  }
  if (!copy) mkdirSync(place, { recursive: true });
  return place;
}

function stamp(path: string): string {
  return String(statSync(path).mtimeMs);
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
