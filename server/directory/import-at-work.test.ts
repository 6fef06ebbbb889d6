import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testClock } from '../testing/test-clock.ts';
import { testDatabase } from '../testing/test-database.ts';
import { findDirectoryInUse, listDirectoryImports } from './directory-state.ts';
import { findProfessional } from './find-professional.ts';
import { type ImportOptions, type ImportProgress, importDirectory } from './import-directory.ts';
import { anExtract, people, testFolder } from './testing/an-extract.ts';

const database = testDatabase();
const folder = testFolder();
const clock = testClock();

const importFile = (file: string, options: Partial<ImportOptions> = {}) =>
  importDirectory(database.url, { file, force: true, clock, ...options });

/** Those of number 0, as look-ups meet them. */
const identifier = { kind: 'rpps', number: '10000000000' } as const;
const nameFound = async () => (await findProfessional(database.db, identifier))?.familyName;

let before = '';
let after = '';

beforeAll(async () => {
  // Large enough to come in several chunks.
  before = folder.write('before.txt', anExtract(people(3000, 0, { "Nom d'exercice": 'AVANT' })));
  after = folder.write('after.txt', anExtract(people(3000, 0, { "Nom d'exercice": 'APRES' })));
});

const children = new Set<ChildProcess>();
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

/** An import in a process of its own, which stops for good when it gets to a phase. @returns once it is there. */
async function importStoppedAt(phase: ImportProgress['phase']): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'testing/stopped-import.ts'), database.url, after, phase],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  children.add(child);
  const [said] = await once(child.stdout, 'data');
  expect(String(said)).toBe('there\n');
  return child;
}

/** Imports as soon as the database has noticed that a killed import is gone. */
async function importWhenFree(file: string) {
  for (;;) {
    const outcome = await importFile(file);
    if (outcome.kind !== 'busy') return outcome;
  }
}

async function importWaits(): Promise<boolean> {
  const { rowCount } = await database.connection.pool.query(
    `select from pg_locks where relation = 'directory_activities'::regclass and not granted`,
  );
  return rowCount === 1;
}

describe('an import that is killed', () => {
  it.each(['reading', 'indexing', 'counting', 'replacing'] as const)(
    'while %s leaves the directory as it was, and can be done again',
    async (phase) => {
      await importWhenFree(before);
      const child = await importStoppedAt(phase);
      expect(await nameFound()).toBe('AVANT');
      expect(await listDirectoryImports(database.db, 1)).toMatchObject([
        { state: 'running', finishedAt: null },
      ]);
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(await nameFound()).toBe('AVANT');

      expect(await importWhenFree(after)).toMatchObject({ kind: 'imported', import: { rows: 3000 } });
      expect(await nameFound()).toBe('APRES');
      expect(await listDirectoryImports(database.db, 2)).toMatchObject([
        { state: 'imported' },
        { state: 'interrupted', finishedAt: clock.now() },
      ]);
    },
  );

  it('leaves no table behind', async () => {
    const { rows } = await database.connection.pool.query(
      `select relname from pg_class where relkind = 'r' and relname like 'directory\\_activities\\_%'`,
    );
    expect(rows).toHaveLength(1);
  });
});

describe('two imports at once', () => {
  it('are one: the second says so, and the first goes on', async () => {
    await importWhenFree(before);
    const reader = await database.connection.pool.connect();
    await reader.query('begin; select from directory_activities limit 1');
    const first = importFile(after);
    while (!(await importWaits()));
    expect(await importFile(before)).toEqual({ kind: 'busy' });
    await reader.query('commit');
    reader.release();
    expect(await first).toMatchObject({ kind: 'imported' });
    expect(await nameFound()).toBe('APRES');
    expect((await findDirectoryInUse(database.db))?.fileName).toBe('after.txt');
  });

  it('started many at a time end with whole directories and no error', async () => {
    const outcomes = await Promise.all([before, after, before, after].map((file) => importFile(file)));
    const kinds = outcomes.map(({ kind }) => kind);
    expect(kinds).toContain('imported');
    expect(kinds.filter((kind) => kind !== 'imported' && kind !== 'busy')).toEqual([]);
    const { rows } = await database.connection.pool.query(
      'select count(*)::int as count from directory_activities',
    );
    expect(rows).toEqual([{ count: 3000 }]);
  });
});

describe('look-ups while the directory is replaced', () => {
  it('are always answered, by the one or by the other', async () => {
    await importWhenFree(before);
    let replacing = true;
    const answers = new Set<string | null | undefined>();
    let asked = 0;
    const asking = Array.from({ length: 6 }, async () => {
      while (replacing) {
        answers.add(await nameFound());
        asked += 1;
      }
    });
    for (const file of [after, before, after, before]) await importFile(file);
    replacing = false;
    await Promise.all(asking);
    expect([...answers].sort()).toEqual(['APRES', 'AVANT']);
    expect(asked).toBeGreaterThan(20);
  });

  it('are answered within a transaction that began before', async () => {
    await importWhenFree(before);
    const client = await database.connection.pool.connect();
    try {
      await client.query('begin isolation level repeatable read');
      await client.query('select 1 from directory_imports');
      await importFile(after);
      const { rowCount } = await client.query(
        'select from directory_activities where identifier = 810000000000',
      );
      expect(rowCount).toBe(1);
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  it('that last for long put the replacement off, not the other look-ups', async () => {
    await importWhenFree(before);
    const client = await database.connection.pool.connect();
    await client.query('begin');
    await client.query('select from directory_activities limit 1');
    const done = importFile(after);
    // Not before it has come to its end, and stands in line for the table.
    while (!(await importWaits()));
    const began = performance.now();
    for (let looked = 0; looked < 20; looked++) expect(await nameFound()).toBe('AVANT');
    expect(performance.now() - began).toBeLessThan(10_000);
    await client.query('commit');
    client.release();
    expect(await done).toMatchObject({ kind: 'imported' });
    expect(await nameFound()).toBe('APRES');
  });

  it('that never end make the import fail, saying why', async () => {
    await importWhenFree(before);
    const client = await database.connection.pool.connect();
    try {
      await client.query('begin');
      await client.query('select from directory_activities limit 1');
      await expect(importFile(after, { waitForReadersMs: 0 })).rejects.toThrow(
        'has been reading the directory',
      );
      expect(await listDirectoryImports(database.db, 1)).toMatchObject([{ state: 'failed' }]);
      expect(await nameFound()).toBe('AVANT');
    } finally {
      await client.query('rollback');
      client.release();
    }
  });
});
