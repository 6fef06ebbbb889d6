import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyDataDirectory, openDataDirectory } from './data-directory.ts';

let parent: string;
let path: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'aiguillage-data-'));
  path = join(parent, 'deep', 'data');
});
afterEach(() => rmSync(parent, { recursive: true }));

const address = 'http://localhost:3000';

describe('the data folder of npm start', () => {
  it('is created, and keeps its secret to itself from one run to the next', async () => {
    const first = await openDataDirectory(path, address);
    first.release();
    const second = await openDataDirectory(path, address);
    second.release();
    expect(first.secret).toHaveLength(43);
    expect(second.secret).toBe(first.secret);
    expect(statSync(join(path, 'secret')).mode & 0o777).toBe(0o600);
  });

  it('is for one run at a time, and not emptied meanwhile', async () => {
    const run = await openDataDirectory(path, address);
    await expect(openDataDirectory(path, address)).rejects.toThrow(`process ${process.pid}, ${address}`);
    await expect(emptyDataDirectory(path)).rejects.toThrow('Already running');
    run.release();
    await emptyDataDirectory(path);
    expect(readdirSync(path)).toEqual([]);
  });

  it('is not used, nor emptied, when it holds files of somebody else', async () => {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'thesis.odt'), 'years of work');
    await expect(openDataDirectory(path, address)).rejects.toThrow('thesis.odt');
    await expect(emptyDataDirectory(path)).rejects.toThrow('nothing was removed');
    expect(readdirSync(path)).toEqual(['thesis.odt']);
  });

  it('is emptied of what is ours; the rest stays and is named', async () => {
    (await openDataDirectory(path, address)).release();
    for (const name of ['postgres', 'mails']) mkdirSync(join(path, name));
    for (const name of ['aiguillage.log', 'aiguillage.log.old', 'secret.12', 'notes.txt']) {
      writeFileSync(join(path, name), '');
    }
    expect(await emptyDataDirectory(path)).toEqual({ left: ['notes.txt'] });
  });

  it('that is not there is empty', async () => {
    expect(await emptyDataDirectory(path)).toEqual({ left: [] });
    expect(existsSync(path)).toBe(false);
  });

  it('may hold mails written by the workers before its first run', async () => {
    mkdirSync(join(path, 'mails'), { recursive: true });
    (await openDataDirectory(path, address)).release();
    expect(existsSync(join(path, 'mails'))).toBe(true);
  });

  it.each(['{', '{"layout":99}'])('of another version names npm run reset: %s', async (mark) => {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'aiguillage.json'), mark);
    await expect(openDataDirectory(path, address)).rejects.toThrow('npm run reset');
    await emptyDataDirectory(path);
    (await openDataDirectory(path, address)).release();
  });

  it('puts a long log aside', async () => {
    (await openDataDirectory(path, address)).release();
    writeFileSync(join(path, 'aiguillage.log'), Buffer.alloc(11 * 1024 * 1024));
    const opened = await openDataDirectory(path, address);
    opened.release();
    expect(existsSync(opened.logFile)).toBe(false);
    expect(existsSync(`${opened.logFile}.old`)).toBe(true);
  });
});
