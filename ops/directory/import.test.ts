import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, inject, it } from 'vitest';
import { migrate } from '#server/database/migrate.ts';
import { anExtract, people, testFolder } from '#server/directory/testing/an-extract.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { openDataDirectory } from '../data-directory.ts';
import { ensureDatabase } from '../embedded/ensure-database.ts';
import { removePostgres, startPostgres } from '../embedded/postgres.ts';

const database = testDatabase();
const folder = testFolder();

interface Ended {
  readonly code: number;
  readonly said: string;
}

/** Runs a command of this folder. */
function run(
  script: string,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Ended> {
  const env = { PATH: process.env.PATH, ...environment };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(import.meta.dirname, script), ...parameters],
      { env },
      (error, out, err) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, said: out + err });
      },
    );
  });
}

const importing = (...parameters: readonly string[]) =>
  run('import.ts', parameters, { DATABASE_URL: database.url });

describe('npm run directory:import', () => {
  it('imports a sample, says so again, and ends with 0', async () => {
    const file = folder.path('sample.txt.gz');
    const sampled = await run('sample.ts', ['2000', file], {});
    expect(sampled).toMatchObject({ code: 0, said: expect.stringContaining('2000 rows written') });

    const imported = await importing(file);
    expect(imported.said).toMatch(/100 % {2}2,000 rows/);
    expect(imported.said).toMatch(/Imported in \d+ s \(import 1\): 2,000 rows, 1,\d{3} professionals\./);
    expect(imported.code).toBe(0);

    const again = await importing(file);
    expect(again.said).toContain('is the directory in use already');
    expect(again.code).toBe(0);
  });

  it('lists what it rejects beside the file, or where it is told', async () => {
    const file = folder.write('bad-rows.txt', anExtract([...people(2000, 500), 'misaligned']));
    const beside = await importing(file, '--force');
    expect(beside.said).toContain(`1 row was rejected, listed in ${file}.rejected.csv`);
    expect(readFileSync(`${file}.rejected.csv`, 'utf8')).toBe(
      'line,code,reason\n2002,fields,"1 fields instead of 56"\n',
    );
    const elsewhere = folder.path('elsewhere.csv');
    await importing(file, '--force', '--rejected', elsewhere);
    expect(existsSync(elsewhere)).toBe(true);
  });

  it('refuses what looks wrong with 3, and says how to force it', async () => {
    const few = folder.write('few.txt', anExtract(people(100)));
    const refused = await importing(few);
    expect(refused.code).toBe(3);
    expect(refused.said).toContain('100 professionals, while the directory in use has 2,000.');
    expect(refused.said).toContain('--force');
    const forced = await importing(few, '--force');
    expect(forced).toMatchObject({ code: 0, said: expect.stringContaining('although the file looks wrong') });
    const hopeless = await importing(folder.write('other.txt', 'a|b\n1|2\n'), '--force');
    expect(hopeless).toMatchObject({ code: 3, said: expect.stringContaining('cannot be imported') });
  });

  it.each([
    ['no file', []],
    ['two files', ['a.txt', 'b.txt']],
    ['an option it does not know', ['a.txt', '--fast']],
    ['a file that is not there', ['/nowhere/a.txt']],
  ])('ends with 2 for %s', async (_, parameters) => {
    expect((await importing(...parameters)).code).toBe(2);
  });

  it('ends with 4 when another import is running', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query('select pg_advisory_lock(7421002)');
      const busy = await importing(folder.write('a.txt', anExtract(people(3))));
      expect(busy).toMatchObject({ code: 4, said: expect.stringContaining('Another import is running') });
    } finally {
      await client.end();
    }
  });

  it('says in words that there is no database, or none of ours, and ends with 1', async () => {
    const file = folder.write('a.txt', anExtract(people(3)));
    const gone = await run('import.ts', [file], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/x' });
    expect(gone).toMatchObject({ code: 1, said: expect.stringContaining('ECONNREFUSED') });
    const bare = await run('import.ts', [file], { DATABASE_URL: inject('adminUrl') });
    expect(bare).toMatchObject({ code: 1, said: expect.stringContaining('npm run migrate') });
    for (const { said } of [gone, bare]) expect(said).not.toContain(' at ');
  });
});

describe('npm run directory:import without DATABASE_URL', () => {
  it('works on the database of npm start, whether it runs or not', async () => {
    const data = folder.path('data');
    const file = folder.write('own.txt', anExtract(people(30)));
    try {
      const alone = await run('import.ts', [file], { DATA_DIR: data });
      expect(alone).toMatchObject({ code: 0, said: expect.stringContaining('30 professionals') });

      // As npm start does it.
      const directory = await openDataDirectory(data, 'a test');
      const postgres = await startPostgres({ directory: directory.postgres });
      await migrate(await ensureDatabase(postgres, 'aiguillage'));
      const beside = await run('import.ts', [file], { DATA_DIR: data });
      await postgres.stop();
      directory.release();
      expect(beside).toMatchObject({ code: 0, said: expect.stringContaining('in use already') });
    } finally {
      await removePostgres(join(data, 'postgres'));
    }
  });
});

describe('npm run directory:sample', () => {
  it.each([[], ['many'], ['-5'], ['1.5'], ['10', 'a', 'b'], ['10', '--seed', 'x']])(
    'says how it is used when it is used otherwise: %s %s %s',
    async (...parameters) => {
      const ended = await run('sample.ts', parameters, {});
      expect(ended).toMatchObject({ code: 1 });
    },
  );

  it('writes to standard output', async () => {
    const { said, code } = await run('sample.ts', ['3', '-', '--seed', '5'], {});
    expect(code).toBe(0);
    expect(said.split('\n')).toHaveLength(5);
  });
});
