/**
 * Purpose: one run at a time on one data folder, also after a run that was killed.
 * Entry points: `takeRunLock`.
 * May import: server/process.ts.
 */
import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { CannotStart } from '#server/process.ts';

export interface RunLock {
  /** Lets the next run in; safe to call twice. */
  release(): void;
}

interface Holder {
  readonly pid: number;
  /** When the process began, as the system tells: a number given again to another process has another. */
  readonly began: string;
  /** Where the run is reached. */
  readonly address: string;
}

/**
 * Takes the lock that `file` stands for; that of a run that was killed is taken over.
 * @throws CannotStart naming the live run that holds it.
 */
export function takeRunLock(file: string, address: string): RunLock {
  const own: Holder = { pid: process.pid, began: beganAt(process.pid) ?? '', address };
  const text = JSON.stringify(own);
  for (let tries = 0; tries < 5; tries++) {
    if (createWhole(file, text)) {
      return {
        release: () => {
          if (read(file) === text) rmSync(file, { force: true });
        },
      };
    }
    const found = read(file);
    if (found === undefined) continue;
    const holder = parse(found);
    if (holder && isAlive(holder)) throw new CannotStart(inUse(holder));
    putAside(file, found);
  }
  throw new CannotStart(`${file} is taken and given up again and again: are several runs starting at once?`);
}

function inUse(holder: Holder): string {
  return (
    `Already running on the same data: process ${holder.pid}, ${holder.address}\n` +
    'Stop it first (Ctrl-C there), or use other data and another port: DATA_DIR=… PORT=… npm start'
  );
}

/** Creates the file with all its text at once, or not at all if there is one. */
function createWhole(file: string, text: string): boolean {
  const partial = `${file}.${randomUUID()}`;
  writeFileSync(partial, text);
  try {
    linkSync(partial, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
  } finally {
    rmSync(partial);
  }
  // A file system without links: nearly as good, a reader may just see it empty for a moment.
  try {
    writeFileSync(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/**
 * Removes a dead run's lock. Two runs may find it at once, and the slower one would remove the lock that the
 * faster one has taken since: what was moved is looked at, and put back if it is not the dead one's.
 */
function putAside(file: string, dead: string): void {
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (read(aside) !== dead) createWhole(file, read(aside) ?? '');
  rmSync(aside, { force: true });
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parse(text: string): Holder | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value?.pid === 'number' ? value : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // Not ours to signal, but there.
    if (codeOf(error) !== 'EPERM') return false;
  }
  const began = beganAt(holder.pid);
  return began === undefined || began === holder.began;
}

/**
 * When a process began (Linux: this boot's name and the clock ticks since), `ended` when only its exit code is
 * left of it; undefined where it cannot be told.
 */
function beganAt(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name, in brackets, may hold spaces; after it come the state and, 19 fields later, the start.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'ended' : `${boot} ${fields[19]}`;
  } catch {
    return undefined;
  }
}
