import { describe, expect, it } from 'vitest';
import { extractColumns } from '#server/directory/extract-format.ts';
import { parseExtract, type Rejection } from '#server/directory/parse-extract.ts';
import { checkRpps } from '#server/routing/practitioner-types.ts';
import { sampleExtract } from './sample-extract.ts';
import { samplePeople } from './sample-people.ts';

const sample = (rows: number, seed?: number) =>
  [...sampleExtract({ rows, ...(seed !== undefined && { seed }) })].join('');

/** Rows by column. */
function read(text: string): readonly Readonly<Record<string, string>>[] {
  const [header = '', ...lines] = text.trimEnd().split('\n');
  const names = header.split('|');
  return lines.map((line) =>
    Object.fromEntries(line.split('|').map((value, place) => [names[place], value])),
  );
}

const many = sample(20_000);
const rows = read(many);
const share = (fits: (row: Readonly<Record<string, string>>) => boolean) =>
  rows.filter(fits).length / rows.length;

describe('an invented extract', () => {
  it.each([0, 1, 7, 1000])(
    'has a header and exactly %i rows, each of 56 fields and a trailing |',
    (count) => {
      const lines = sample(count).split('\n');
      expect(lines.pop()).toBe('');
      expect(lines).toHaveLength(count + 1);
      expect(lines[0]).toBe(`${extractColumns.join('|')}|`);
      for (const line of lines) expect(line.match(/\|/g)).toHaveLength(56);
      for (const line of lines) expect(line.endsWith('|')).toBe(true);
    },
  );

  it('is the same for the same seed, and other people for another', () => {
    expect(sample(500)).toBe(sample(500, 1));
    expect(sample(500, 2)).not.toBe(sample(500));
    expect(sample(500, 2)).toBe(sample(500, 2));
  });

  it('is read without a rejected row', () => {
    const rejections: Rejection[] = [];
    const parser = parseExtract((rejection) => rejections.push(rejection));
    parser.push(Buffer.from(many));
    parser.end();
    expect(rejections).toEqual([]);
    expect(parser.counts().rows).toBe(20_000);
    expect(parser.header()?.doubts).toEqual([]);
  });

  it('has RPPS numbers whose keys hold, each of one person', () => {
    const names = new Map<string, string>();
    for (const row of rows) {
      const number = row['Identifiant PP'] ?? '';
      if (row["Type d'identifiant PP"] === '8')
        expect(checkRpps(number)).toEqual({ ok: true, value: number });
      else expect(number).toMatch(/^\d{9}$/);
      expect(row['Identification nationale PP']).toBe(`${row["Type d'identifiant PP"]}${number}`);
      const name = `${row["Nom d'exercice"]} ${row["Prénom d'exercice"]}`;
      expect(names.get(number) ?? name).toBe(name);
      names.set(number, name);
    }
    expect(names.size).toBeGreaterThan(8000);
  });

  it('has every situation that matters, about as often as there are', () => {
    const mode = 'Code mode exercice';
    expect(share((row) => row[mode] === 'L')).toBeGreaterThan(0.2);
    expect(share((row) => row[mode] === 'S')).toBeGreaterThan(0.4);
    expect(share((row) => row[mode] === 'B')).toBeGreaterThan(0.001);
    expect(share((row) => row[mode] === '')).toBeGreaterThan(0.03);
    expect(share((row) => row['Code catégorie professionnelle'] === 'E')).toBeGreaterThan(0.005);
    expect(share((row) => row['Code catégorie professionnelle'] === 'M')).toBeGreaterThan(0.0005);
    expect(share((row) => row["Autorité d'enregistrement"] === 'ARS/ARS/ARS')).toBeGreaterThan(0.15);
    expect(share((row) => row["Type d'identifiant PP"] === '0')).toBeGreaterThan(0.002);
    // A place without FINESS number: independent practices.
    expect(share((row) => row[mode] === 'L' && row['Numéro FINESS site'] === '')).toBeGreaterThan(0.15);
    expect(share((row) => row['Code Département (structure)'] === '2A')).toBeGreaterThan(0.001);

    const modes = new Map<string, Set<string>>();
    for (const row of rows) {
      const number = row['Identifiant PP'] ?? '';
      modes.set(number, (modes.get(number) ?? new Set()).add(row[mode] ?? ''));
    }
    const both = [...modes.values()].filter((each) => each.has('L') && each.has('S')).length;
    expect(both / modes.size).toBeGreaterThan(0.02);
  });

  it('begins with the people that the demo and the tests know by name', () => {
    const numbers = new Set(read(sample(30, 99)).map((row) => row['Identifiant PP']));
    for (const person of Object.values(samplePeople)) expect(numbers).toContain(person.number);
  });

  it('reaches nobody: telephone numbers and addresses are kept for fiction', () => {
    for (const row of rows) {
      expect(row['Téléphone (coord. structure)']).toMatch(/^(019900\d{4})?$/);
      expect(row['Adresse e-mail (coord. structure)']).toMatch(/^([\w.]+@exemple\.test)?$/);
    }
  });
});
