import { beforeAll, describe, expect, it } from 'vitest';
import { testClock } from '../testing/test-clock.ts';
import { testDatabase } from '../testing/test-database.ts';
import { importDirectory } from './import-directory.ts';
import { isSearchable, searchProfessionals } from './search-professionals.ts';
import { anExtract, aRow, type ExtractRow, people, testFolder } from './testing/an-extract.ts';

const database = testDatabase();
const folder = testFolder();

let numbered = 0;
function somebody(familyName: string, givenName: string, values: ExtractRow = {}): ExtractRow {
  numbered += 1;
  return aRow({
    'Identifiant PP': String(20_000_000_000 + numbered),
    "Nom d'exercice": familyName,
    "Prénom d'exercice": givenName,
    ...values,
  });
}

const elsewhere = { 'Code Département (structure)': '971' };
const nowhere = {
  'Code Département (structure)': '',
  'Code commune (coord. structure)': '',
  'Code mode exercice': '',
  'Code profession': '10',
};

beforeAll(async () => {
  const rows = [
    somebody('LE GOFF', 'Anne-Sophie'),
    somebody('LE GOFFIC', 'Zoé'),
    somebody('LEGOFF', 'Marie'),
    somebody('LE GOFF', 'Yann', elsewhere),
    somebody('LE GOFF', 'Étienne', nowhere),
    somebody('GUÉRIN', 'Noël', { 'Code profession': '10', 'Code catégorie professionnelle': 'E' }),
    somebody("D'ŒUVRE", 'Inès', { 'Code Département (structure)': '2A' }),
    aRow({ 'Identifiant PP': '30000000001', "Nom d'exercice": 'DOUBLE' }),
    aRow({ 'Identifiant PP': '30000000001', "Nom d'exercice": 'DOUBLE', 'Code mode exercice': 'S' }),
    aRow({ "Type d'identifiant PP": '0', 'Identifiant PP': '2A9300009', "Nom d'exercice": 'ADELI' }),
    ...people(40, 500, { "Nom d'exercice": 'TROPDEMONDE' }),
  ];
  const file = folder.write('extract.txt', anExtract(rows));
  await importDirectory(database.url, { file, force: false, clock: testClock() });
});

const search = async (name: string, department = '33') => {
  const { professionals } = await searchProfessionals(database.db, { name, department });
  return professionals.map(({ familyName, givenName }) => `${familyName} ${givenName}`);
};

describe('searching professionals by name', () => {
  it('finds those whose family name, then given name, begin so, in order, and those without a place', async () => {
    expect(await search('le goff')).toEqual(['LE GOFF Anne-Sophie', 'LE GOFF Étienne', 'LE GOFFIC Zoé']);
    expect(await search('Le Goff an')).toEqual(['LE GOFF Anne-Sophie']);
    expect(await search('le goff', '971')).toEqual(['LE GOFF Étienne', 'LE GOFF Yann']);
    expect(await search('goff')).toEqual([]);
  });

  it.each([
    ['guerin', '33'],
    ['GUÉRIN noel', '33'],
    ['d œuv', '2A'],
    ["D'OEUVRE", '2a'],
    ['d’œuvre-ines', '2A'],
  ])('takes no notice of accents, case and signs: %s', async (name, department) => {
    expect(await search(name, department)).toHaveLength(1);
  });

  it('says what is known of them, each once', async () => {
    const { professionals } = await searchProfessionals(database.db, { name: 'double', department: '33' });
    expect(professionals).toEqual([
      {
        identifier: { kind: 'rpps', number: '30000000001' },
        familyName: 'DOUBLE',
        givenName: 'Marie',
        department: '33',
        professions: [{ code: '60', inTraining: false }],
        modes: ['L', 'S'],
      },
    ]);
    expect(await searchProfessionals(database.db, { name: 'guerin', department: '33' })).toMatchObject({
      professionals: [{ professions: [{ code: '10', inTraining: true }] }],
    });
    expect(await searchProfessionals(database.db, { name: 'adeli', department: '33' })).toMatchObject({
      professionals: [{ identifier: { kind: 'adeli', number: '2A9300009' } }],
    });
    expect(
      await searchProfessionals(database.db, { name: 'le goff etienne', department: '33' }),
    ).toMatchObject({
      professionals: [{ department: null, modes: [] }],
    });
  });

  it('gives twenty at most, and says that there are more', async () => {
    const { professionals, more } = await searchProfessionals(database.db, {
      name: 'tropde',
      department: '33',
    });
    expect(professionals).toHaveLength(20);
    expect(more).toBe(true);
    expect((await searchProfessionals(database.db, { name: 'le goff', department: '33' })).more).toBe(false);
  });

  it('uses the index', async () => {
    const client = await database.connection.pool.connect();
    try {
      // So small a table would rather be read whole.
      await client.query('begin; set local enable_seqscan = off');
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        `explain select from directory_activities
          where (search_key >= 10 and search_key < 20) or (search_key >= 30 and search_key < 40)`,
      );
      expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Index.+search_key/s);
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  it('wants two letters of a name', () => {
    expect(isSearchable('ab')).toBe(true);
    expect(isSearchable('é à')).toBe(true);
    expect(isSearchable('a')).toBe(false);
    expect(isSearchable('--  !')).toBe(false);
  });
});
