import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractColumns } from './extract-format.ts';
import { parseExtract, type Rejection } from './parse-extract.ts';
import { numberLength, searchRange } from './search-key.ts';
import { anExtract, aRow, type ExtractRow, lineOf } from './testing/an-extract.ts';

/** What becomes of a file: rows by column, as COPY would read them but for escapes. */
function parse(file: string | Buffer, chunkBytes = 1 << 20) {
  const bytes = Buffer.from(file);
  const rejections: Rejection[] = [];
  const parser = parseExtract((rejection) => rejections.push(rejection));
  let text = '';
  for (let from = 0; from < bytes.length; from += chunkBytes) {
    parser.push(bytes.subarray(from, from + chunkBytes));
    text += parser.takeRows().toString('utf8');
  }
  parser.end();
  text += parser.takeRows().toString('utf8');
  const columns = parser.header()?.columns ?? [];
  const rows = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Object.fromEntries(line.split('|').map((value, place) => [columns[place], value])));
  return { rows, rejections, counts: parser.counts(), doubts: parser.header()?.doubts };
}

const keyOf = (department: string, name: string) =>
  String(searchRange(department, name).from).padStart(numberLength, '0');

const parsed = {
  identifier: '810000000413',
  family_name: 'MARTIN',
  given_name: 'Marie',
  profession: '60',
  category: 'C',
  mode: 'L',
  site_finess: '',
  legal_finess: '',
  commune: '33063',
  authority: 'ONI',
  sector: 'SA07',
  role: '',
  kind: '',
  search_key: keyOf('33', 'martin marie'),
};

describe('reading an extract', () => {
  it('keeps what routing needs, without contact details', () => {
    const { rows, rejections } = parse(anExtract([aRow()]));
    expect(rows).toEqual([parsed]);
    expect(rejections).toEqual([]);
  });

  it.each([
    ['CRLF', { lineEnd: '\r\n' } as const],
    ['a byte order mark', { byteOrderMark: true }],
    ['no trailing |', { trailing: false }],
    ['columns in another order', { columns: [...extractColumns].reverse() }],
    ['columns it did not have before', { columns: ['Nouvelle', ...extractColumns, 'Autre'] }],
  ])('takes %s', (_, shape) => {
    const { rows, rejections, doubts } = parse(anExtract([aRow(), aRow()], shape));
    expect(rows).toEqual([parsed, parsed]);
    expect(rejections).toEqual([]);
    expect(doubts).toEqual([]);
  });

  it('takes rows whose trailing | the header does not have, and the other way round', () => {
    const row = aRow({ 'Libellé genre activité': 'Activité standard' });
    const without = lineOf(row, { trailing: false });
    expect(parse(anExtract([without]))).toMatchObject({ rows: [parsed], rejections: [] });
    expect(parse(anExtract([`${without}|`], { trailing: false }))).toMatchObject({
      rows: [parsed],
      rejections: [],
    });
  });

  it('takes no notice of blank lines', () => {
    expect(parse(anExtract(['', aRow(), '', '']))).toMatchObject({ rows: [parsed], rejections: [] });
  });

  it('takes a last line that nothing ends', () => {
    expect(parse(anExtract([aRow()]).trimEnd()).rows).toEqual([parsed]);
  });

  it('has no rows for an empty file, a header alone, or a header that cannot be used', () => {
    expect(parse('')).toMatchObject({ rows: [], doubts: undefined });
    expect(parse(anExtract([]))).toMatchObject({ rows: [], doubts: [] });
    expect(parse('a|b\n1|2\n')).toMatchObject({ rows: [], rejections: [], doubts: [{ code: 'unusable' }] });
    expect(parse('x'.repeat(100_000))).toMatchObject({ rows: [], doubts: [{ code: 'empty' }] });
  });

  it('removes spaces around values', () => {
    const { rows } = parse(
      anExtract([aRow({ "Nom d'exercice": '  LE GOFF ', 'Code mode exercice': ' S ' })]),
    );
    expect(rows).toMatchObject([{ family_name: 'LE GOFF', mode: 'S' }]);
  });

  it('escapes what COPY would read as its own sign', () => {
    const { rows } = parse(anExtract([aRow({ "Nom d'exercice": 'A\\N\\' })]));
    expect(rows).toMatchObject([{ family_name: 'A\\\\N\\\\' }]);
  });

  const nowhere = { 'Code Département (structure)': '', 'Code commune (coord. structure)': '' };
  it.each<[string, ExtractRow, string, string]>([
    ['no place', nowhere, '', 'MARTIN MARIE'],
    ['a commune', { 'Code Département (structure)': '' }, '33', 'MARTIN MARIE'],
    ['a postal code', { ...nowhere, 'Code postal (coord. structure)': '97110' }, '971', 'MARTIN MARIE'],
    ['no given name', { "Prénom d'exercice": '' }, '33', 'MARTIN'],
    ['no family name', { "Nom d'exercice": '' }, '33', 'MARIE'],
    ['no name', { "Nom d'exercice": '', "Prénom d'exercice": '' }, '33', ''],
    ['accents', { "Nom d'exercice": "D'Œuvre", "Prénom d'exercice": 'Zoé' }, '33', 'D OEUVRE Z'],
  ])('makes the search key of somebody with %s', (_, values, department, name) => {
    expect(parse(anExtract([aRow(values)])).rows).toMatchObject([{ search_key: keyOf(department, name) }]);
  });

  it.each([
    ['CNOM/CNOM/CNOM', 'CNOM'],
    ['ARS/Variable/Variable', 'ARS'],
    ['ARS', 'ARS'],
    ['', ''],
  ])('keeps who registered somebody, not by which ways: %s', (written, authority) => {
    expect(parse(anExtract([aRow({ "Autorité d'enregistrement": written })])).rows).toMatchObject([
      { authority },
    ]);
  });

  it('knows ADELI numbers', () => {
    const { rows } = parse(
      anExtract([aRow({ "Type d'identifiant PP": '0', 'Identifiant PP': '2A9300009' })]),
    );
    expect(rows).toMatchObject([{ identifier: '1209300009' }]);
  });
});

describe('lines that cannot be taken', () => {
  const value = (column: string) => ({ code: 'value', column });
  it.each<[string, string | ExtractRow, object]>([
    ['a field too many', `${lineOf(aRow())}|`, { code: 'fields', found: 57, expected: 56 }],
    ['a field too few', lineOf(aRow(), { columns: extractColumns.slice(1) }), { code: 'fields', found: 55 }],
    ['an unescaped |', aRow({ 'Raison sociale site': 'CABINET | SUD' }), { code: 'fields', found: 57 }],
    ['nothing but |', '|'.repeat(56), value('Identifiant PP')],
    ['no separator at all', 'MARTIN', { code: 'fields', found: 1, expected: 56 }],
    ['hundreds of fields', 'x|'.repeat(900), { code: 'fields', found: 900, expected: 56 }],
    ['a short identifier', aRow({ 'Identifiant PP': '1000' }), value('Identifiant PP')],
    ['an identifier of another kind', aRow({ "Type d'identifiant PP": '3' }), value('Identifiant PP')],
    ['no identifier', aRow({ 'Identifiant PP': '' }), value('Identifiant PP')],
    ['a label for a code', aRow({ 'Code profession': 'Infirmier' }), value('Code profession')],
    ['words for a code', aRow({ 'Code mode exercice': 'S 1' }), value('Code mode exercice')],
    ['a control character', aRow({ "Nom d'exercice": 'MAR\u0000TIN' }), value("Nom d'exercice")],
    ['a carriage return inside', aRow({ "Nom d'exercice": 'MAR\rTIN' }), value("Nom d'exercice")],
    ['a name without end', aRow({ "Nom d'exercice": 'X'.repeat(201) }), value("Nom d'exercice")],
    ['a huge line', `${'x'.repeat(70_000)}`, { code: 'too_long', limit: 65_536 }],
  ])('%s: rejected with its number and the reason, and the next one is taken', (_, bad, reason) => {
    const { rows, rejections, counts } = parse(anExtract([aRow(), bad, aRow()]));
    expect(rejections).toMatchObject([{ line: 3, ...reason }]);
    expect(rows).toEqual([parsed, parsed]);
    expect(counts).toMatchObject({ rows: 2, rejected: 1 });
  });

  it('text that is not UTF-8', () => {
    const file = Buffer.concat([
      Buffer.from(anExtract([aRow()])),
      Buffer.from(`${lineOf(aRow({ "Nom d'exercice": 'GUÉRIN' }))}\n`, 'latin1'),
      Buffer.from(`${lineOf(aRow())}\n`),
    ]);
    const { rows, rejections } = parse(file);
    expect(rejections).toEqual([{ line: 3, code: 'encoding' }]);
    expect(rows).toHaveLength(2);
  });

  it('a row that a line break in a value has cut in two: both halves', () => {
    const { rows, rejections } = parse(anExtract([aRow({ 'Raison sociale site': 'CABINET\nSUD' }), aRow()]));
    expect(rejections.map(({ line, code }) => [line, code])).toEqual([
      [2, 'fields'],
      [3, 'fields'],
    ]);
    expect(rows).toHaveLength(1);
  });

  it('are counted by reason', () => {
    const { counts } = parse(anExtract(['x', 'y', aRow({ 'Identifiant PP': '' })]));
    expect(counts).toEqual({ rows: 0, rejected: 3, rejectedByReason: { fields: 2, value: 1 } });
  });
});

describe('the bytes of an extract', () => {
  it('give the same rows however they come', () => {
    const file = anExtract(
      [
        aRow({ "Nom d'exercice": 'GUÉRIN' }),
        'misaligned',
        aRow({ 'Identifiant PP': '10000000421' }),
        '',
        aRow({ "Prénom d'exercice": 'Zoé €' }),
      ],
      { byteOrderMark: true, lineEnd: '\r\n' },
    );
    const whole = parse(file);
    expect(whole.rows).toHaveLength(3);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 900 }), (chunkBytes) => {
        expect(parse(file, chunkBytes)).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  it('are never rows that COPY could not take, whatever the line', () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    const pieces = fc.array(
      fc.oneof(fc.constantFrom('|', '|||||', '8|10000000413|', '\\', '\r', 'é', '\n'), fc.string()),
      {
        maxLength: 80,
      },
    );
    const line = fc.oneof(
      bytes.map((each) => Buffer.from(each)),
      pieces.map((each) => Buffer.from(each.join(''))),
    );
    fc.assert(
      fc.property(line, (random) => {
        const parser = parseExtract(() => {});
        parser.push(Buffer.concat([Buffer.from(anExtract([])), random, Buffer.from('\n')]));
        parser.end();
        const rows = parser.takeRows();
        expect(rows.toString('utf8')).not.toContain('\uFFFD');
        for (const row of rows.toString('utf8').split('\n').slice(0, -1)) {
          expect(row).toMatch(/^[0-9]{9,12}(\|([^|\\\p{Cc}]|[\u007f-\u009f]|\\\\)*){13}$/u);
        }
      }),
    );
  });
});
