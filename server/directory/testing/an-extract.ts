import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll } from 'vitest';
import { type ExtractColumn, extractColumns } from '../extract-format.ts';

export type ExtractRow = Partial<Record<ExtractColumn, string>>;

/** An independent nurse, with what the test is about instead. */
export function aRow(values: ExtractRow = {}): ExtractRow {
  return {
    "Type d'identifiant PP": '8',
    'Identifiant PP': '10000000413',
    'Identification nationale PP': '810000000413',
    "Nom d'exercice": 'MARTIN',
    "Prénom d'exercice": 'Marie',
    'Code profession': '60',
    'Libellé profession': 'Infirmier',
    'Code catégorie professionnelle': 'C',
    'Code mode exercice': 'L',
    'Code commune (coord. structure)': '33063',
    'Téléphone (coord. structure)': '0199001234',
    'Adresse e-mail (coord. structure)': 'cabinet@exemple.test',
    'Code Département (structure)': '33',
    "Autorité d'enregistrement": 'ONI/ONI/ONI',
    "Code secteur d'activité": 'SA07',
    ...values,
  };
}

export interface ExtractShape {
  readonly columns?: readonly string[];
  readonly lineEnd?: '\n' | '\r\n';
  /** Whether lines end with `|`. */
  readonly trailing?: boolean;
  readonly byteOrderMark?: boolean;
}

/** One line, without its end. */
export function lineOf(
  row: ExtractRow,
  { columns = extractColumns, trailing = true }: ExtractShape = {},
): string {
  const values: Readonly<Record<string, string | undefined>> = row;
  return columns.map((column) => values[column] ?? '').join('|') + (trailing ? '|' : '');
}

/** The text of an extract of these rows; a text stands for itself, as a line. */
export function anExtract(rows: readonly (ExtractRow | string)[], shape: ExtractShape = {}): string {
  const { columns = extractColumns, lineEnd = '\n', trailing = true, byteOrderMark = false } = shape;
  const lines = rows.map((row) => (typeof row === 'string' ? row : lineOf(row, shape)));
  const header = columns.join('|') + (trailing ? '|' : '');
  return (byteOrderMark ? '\uFEFF' : '') + [header, ...lines, ''].join(lineEnd);
}

/** As many rows of different people, numbered from `first`. */
export function people(count: number, first = 0, values: ExtractRow = {}): readonly ExtractRow[] {
  return Array.from({ length: count }, (_, place) =>
    aRow({ 'Identifiant PP': `1${String(first + place).padStart(10, '0')}`, ...values }),
  );
}

export interface TestFolder {
  /** Writes a file. @returns its path. */
  write(name: string, content: string | Buffer): string;
  path(name: string): string;
}

/** A folder of this test file's own, removed after its tests. */
export function testFolder(): TestFolder {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'directory-test-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string) => join(folder, name);
  return {
    path,
    write(name, content) {
      writeFileSync(path(name), content);
      return path(name);
    },
  };
}

/** A zip archive of these files, by their names. */
export function zip(files: Readonly<Record<string, string | Buffer>>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const data = Buffer.from(content);
    const packed = deflateRawSync(data);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    // UTF-8 names, deflated.
    common.writeUInt16LE(0x0800, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), common, Buffer.from(name), packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(
      Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0000', 'latin1'), common, rest, Buffer.from(name)]),
    );
    parts.push(local);
    offset += local.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, listing, end]);
}
