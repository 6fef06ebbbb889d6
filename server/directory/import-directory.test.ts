import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testClock } from '../testing/test-clock.ts';
import { testDatabase } from '../testing/test-database.ts';
import { findDirectoryInUse, listDirectoryImports } from './directory-state.ts';
import { extractColumns } from './extract-format.ts';
import { type ImportOptions, importDirectory } from './import-directory.ts';
import type { Rejection } from './parse-extract.ts';
import { anExtract, aRow, people, testFolder, zip } from './testing/an-extract.ts';

const database = testDatabase();
const folder = testFolder();
const clock = testClock();

const query = async <Row extends object>(text: string) =>
  (await database.connection.pool.query<Row>(text)).rows;
const importFile = (file: string, options: Partial<ImportOptions> = {}) =>
  importDirectory(database.url, { file, force: false, clock, ...options });
const importText = (content: string | Buffer, options: Partial<ImportOptions> = {}) =>
  importFile(folder.write('extract.txt', content), options);

const activities = () =>
  query<{ identifier: string; family_name: string }>('select * from directory_activities');
const partitions = () =>
  query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'directory_activities'::regclass`,
  );
const strays = () =>
  query(
    `select relname from pg_class where relkind = 'r' and relname like 'directory\\_activities\\_%' and not relispartition`,
  );

/** The names of those in the directory that look-ups meet. */
const names = async () => [...new Set((await activities()).map((row) => row.family_name))].sort();

beforeEach(async () => {
  for (const { name } of await partitions()) await query(`drop table ${name}`);
  await query('truncate directory_imports');
});

afterEach(async () => {
  expect(await strays(), 'a partition left behind').toEqual([]);
});

describe('importing an extract', () => {
  it('fills the directory, and writes down what it took', async () => {
    clock.set('2026-11-20T07:00:00+01:00');
    const outcome = await importText(anExtract([...people(3), aRow({ 'Identifiant PP': '10000000000' })]));
    expect(outcome).toMatchObject({ kind: 'imported', import: { rows: 4, professionals: 3, rejected: 0 } });
    expect(await activities()).toHaveLength(4);
    expect(await findDirectoryInUse(database.db)).toMatchObject({
      state: 'imported',
      fileName: 'extract.txt',
      fileSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      startedAt: new Date('2026-11-20T07:00:00+01:00'),
      finishedAt: new Date('2026-11-20T07:00:00+01:00'),
      rows: 4,
      professionals: 3,
      rejected: 0,
      doubts: [],
    });
  });

  it('replaces what was there, and leaves nothing of it', async () => {
    await importText(anExtract(people(5, 0, { "Nom d'exercice": 'AVANT' })));
    await importText(anExtract(people(5, 0, { "Nom d'exercice": 'APRES' })));
    expect(await names()).toEqual(['APRES']);
    expect(await partitions()).toHaveLength(1);
    expect(await listDirectoryImports(database.db, 10)).toMatchObject([
      { state: 'imported' },
      { state: 'imported' },
    ]);
  });

  it('knows the FINESS numbers of sites and of legal entities, those of this extract alone', async () => {
    const at = (site: string, legal = '') => ({
      'Numéro FINESS site': site,
      'Numéro FINESS établissement juridique': legal,
    });
    const known = async () =>
      (await query<{ finess: string }>('select finess from directory_structures order by 1')).map(
        ({ finess }) => finess,
      );
    await importText(
      anExtract([...people(3, 0, at('750000011', '750000029')), ...people(2, 3, at('2a0000012'))]),
    );
    expect(await known()).toEqual(['2A0000012', '750000011', '750000029']);
    await importText(anExtract([...people(3, 0, at('750000011')), ...people(2, 3, at('123', '750000037'))]));
    expect(await known()).toEqual(['750000011', '750000037']);
    // Again, by force; then one that is refused: nothing changes.
    await importText(anExtract([...people(3, 0, at('750000011')), ...people(2, 3, at('123', '750000037'))]), {
      force: true,
    });
    expect(await importText(anExtract(people(1, 0, at('330000011'))))).toMatchObject({ kind: 'refused' });
    expect(await known()).toEqual(['750000011', '750000037']);
    await importText(anExtract(people(5)));
    expect(await known()).toEqual([]);
  });

  it('gives the partition the indexes of the whole', async () => {
    await importText(anExtract(people(5)));
    const indexes = await query<{ definition: string; valid: boolean }>(
      `select pg_get_indexdef(indexrelid) as definition, indisvalid as valid from pg_index
        where indrelid in (select inhrelid from pg_inherits where inhparent = 'directory_activities'::regclass)`,
    );
    expect(indexes.map(({ definition }) => /\((.+)\)$/.exec(definition)?.[1]).sort()).toEqual([
      'identifier',
      'search_key',
    ]);
    expect(indexes.every(({ valid }) => valid)).toBe(true);
  });

  it.each([
    ['gzip', (text: string) => gzipSync(text)],
    ['zip', (text: string) => zip({ 'PS_LibreAcces_Personne_activite_1.txt': text })],
    [
      'a byte order mark and CRLF',
      (_: string) => anExtract(people(4), { byteOrderMark: true, lineEnd: '\r\n' }),
    ],
    ['no trailing |', (_: string) => anExtract(people(4), { trailing: false })],
  ])('takes %s', async (_, make) => {
    expect(await importText(make(anExtract(people(4))))).toMatchObject({
      kind: 'imported',
      import: { rows: 4, professionals: 4 },
    });
  });

  it('stores what the rows say, whatever signs are in it', async () => {
    const name = 'O\\NEIL "\\N" \\. é€';
    await importText(anExtract([aRow({ "Nom d'exercice": name, 'Code profession': '' })]));
    expect(await activities()).toMatchObject([{ family_name: name, profession: null, authority: 'ONI' }]);
  });

  it('reports the rows it rejects, all to whoever listens, the first ones with the record', async () => {
    const heard: Rejection[] = [];
    const bad = Array.from({ length: 120 }, () => 'misaligned');
    const outcome = await importText(anExtract([...people(1000), ...bad]), {
      onRejected: (rejection) => heard.push(rejection),
    });
    expect(heard).toHaveLength(120);
    expect(heard[0]).toEqual({ line: 1002, code: 'fields', found: 1, expected: 56 });
    expect(outcome).toMatchObject({
      kind: 'imported',
      import: { rows: 1000, rejected: 120, rejectedByReason: { fields: 120 } },
    });
    const inUse = await findDirectoryInUse(database.db);
    expect(inUse?.firstRejected).toEqual(heard.slice(0, 100));
  });

  it('says how far it is', async () => {
    const phases = new Set<string>();
    const shares: number[] = [];
    await importText(anExtract(people(3000)), {
      onProgress: ({ phase, share }) => {
        phases.add(phase);
        shares.push(share);
      },
    });
    expect([...phases]).toEqual(['reading', 'indexing', 'counting', 'replacing']);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
  });
});

describe('importing the same file again', () => {
  const text = anExtract(people(5));

  it('says that it is in use, and does nothing', async () => {
    await importText(text);
    const before = await partitions();
    expect(await importText(text)).toMatchObject({ kind: 'unchanged', import: { rows: 5 } });
    expect(await partitions()).toEqual(before);
    expect(await listDirectoryImports(database.db, 10)).toHaveLength(1);
  });

  it('does it when forced', async () => {
    await importText(text);
    expect(await importText(text, { force: true })).toMatchObject({ kind: 'imported' });
    expect(await listDirectoryImports(database.db, 10)).toHaveLength(2);
  });

  it('does it when another one came between', async () => {
    await importText(text);
    await importText(anExtract(people(5, 100)));
    expect(await importText(text)).toMatchObject({ kind: 'imported' });
  });

  it('takes another file of the same size for another', async () => {
    await importText(text);
    expect(await importText(text.replaceAll('MARTIN', 'BERNAR'))).toMatchObject({ kind: 'imported' });
  });
});

describe('a file that looks wrong', () => {
  beforeEach(async () => {
    await importText(anExtract(people(10, 0, { "Nom d'exercice": 'AVANT' })));
  });

  it.each([
    ['nothing in it', '', { code: 'empty' }],
    ['a header alone', anExtract([]), { code: 'empty' }],
    ['another header', 'nom;prenom\nA;B\n', { code: 'unusable' }],
    ['another kind of file', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2]), { code: 'unusable' }],
    [
      'an identifier column twice',
      anExtract(people(10), { columns: [...extractColumns, 'Identifiant PP'] }),
      { code: 'repeated' },
    ],
  ])('is refused with %s, even by force', async (_, content, doubt) => {
    for (const force of [false, true]) {
      const outcome = await importText(content, { force });
      expect(outcome).toMatchObject({ kind: 'refused', import: { state: 'refused', doubts: [doubt] } });
    }
    expect(await names()).toEqual(['AVANT']);
  });

  const withoutRole = extractColumns.filter((name) => name !== 'Code rôle');
  it.each([
    ['more than a fifth fewer professionals', anExtract(people(7)), { code: 'fewer', before: 10, now: 7 }],
    [
      'a column missing',
      anExtract(people(10), { columns: withoutRole }),
      { code: 'missing', columns: ['Code rôle'] },
    ],
    [
      'a fifth of it misaligned',
      anExtract([...people(10), 'a', 'b', 'c']),
      { code: 'rejected', rejected: 3, rows: 13 },
    ],
  ])('is refused with %s, unless forced', async (_, content, doubt) => {
    const refused = await importText(content);
    expect(refused).toMatchObject({ kind: 'refused', import: { state: 'refused', doubts: [doubt] } });
    expect(await names()).toEqual(['AVANT']);

    const forced = await importText(content, { force: true });
    expect(forced).toMatchObject({ kind: 'imported', import: { forced: true, doubts: [doubt] } });
    expect(await names()).toEqual(['MARTIN']);
  });

  it('is taken with a fifth fewer professionals, and no fewer', async () => {
    expect(await importText(anExtract(people(8)))).toMatchObject({ kind: 'imported' });
  });

  it('compares with the last that was imported, not with the last that was refused', async () => {
    await importText(anExtract(people(2)));
    expect(await importText(anExtract(people(3)))).toMatchObject({ kind: 'refused' });
  });

  it('changes nothing when it is damaged in the middle', async () => {
    const cut = gzipSync(anExtract(people(4000))).subarray(0, -100);
    await expect(importText(cut)).rejects.toThrow('damaged or cut short');
    expect(await names()).toEqual(['AVANT']);
    const [last] = await listDirectoryImports(database.db, 1);
    expect(last).toMatchObject({ state: 'failed', failure: expect.stringContaining('damaged') });
  });
});
