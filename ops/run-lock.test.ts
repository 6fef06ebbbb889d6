import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeRunLock } from './run-lock.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aiguillage-lock-'));
  file = join(folder, 'lock.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A process that takes the lock and holds it until it is killed. */
async function holder(address: string) {
  const source = `
    import { takeRunLock } from ${JSON.stringify(import.meta.resolve('./run-lock.ts'))};
    takeRunLock(${JSON.stringify(file)}, ${JSON.stringify(address)});
    console.log('taken');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    pid: child.pid,
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

describe('the lock of a data folder', () => {
  it('lets one run in, and the next when it is released', () => {
    const first = takeRunLock(file, 'http://localhost:3000');
    expect(() => takeRunLock(file, 'http://localhost:3001')).toThrow(
      `process ${process.pid}, http://localhost:3000`,
    );
    first.release();
    const second = takeRunLock(file, 'http://localhost:3001');
    first.release();
    expect(existsSync(file), 'a lock is released by its own holder only').toBe(true);
    second.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('names the live run of another process, and takes over once it was killed', async () => {
    const other = await holder('http://localhost:4000');
    try {
      expect(() => takeRunLock(file, 'mine')).toThrow(`process ${other.pid}, http://localhost:4000`);
    } finally {
      await other.kill();
    }
    takeRunLock(file, 'mine').release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('takes over a lock whose process number now belongs to another process', () => {
    // Process 1 is always there; it did not begin when this lock says.
    writeFileSync(file, JSON.stringify({ pid: 1, began: 'another boot 42', address: 'gone' }));
    if (process.platform === 'linux') {
      takeRunLock(file, 'mine').release();
      expect(existsSync(file)).toBe(false);
    } else {
      expect(() => takeRunLock(file, 'mine')).toThrow('process 1');
    }
  });

  it.each(['', '{', '{"pid":"x"}'])('takes over a lock that was cut short: %j', (text) => {
    writeFileSync(file, text);
    const lock = takeRunLock(file, 'mine');
    expect(JSON.parse(readFileSync(file, 'utf8')).pid).toBe(process.pid);
    lock.release();
  });
});
