import { describe, expect, it } from 'vitest';
import { extractColumns, readHeader } from './extract-format.ts';

const header = extractColumns.join('|');

describe('the header of an extract', () => {
  it('has 56 columns, of which no contact detail is kept', () => {
    expect(extractColumns).toHaveLength(56);
    const { layout, doubts } = readHeader(header);
    expect(doubts).toEqual([]);
    expect(layout?.fields).toBe(56);
    expect(layout?.kept.map(({ column }) => column)).toEqual([
      ...['family_name', 'given_name', 'profession', 'category', 'mode', 'site_finess', 'legal_finess'],
      ...['commune', 'authority', 'sector', 'role', 'kind'],
    ]);
  });

  it.each([
    ['a byte order mark', `\uFEFF${header}`],
    ['typographic apostrophes', header.replaceAll("'", '’')],
    ['spaces around names', header.replaceAll('|', ' | ')],
    ['other capitals', header.toUpperCase()],
    ['accents in two characters', header.normalize('NFD')],
  ])('is known with %s', (_, line) => {
    expect(readHeader(line)).toEqual(readHeader(header));
  });

  it('says whether lines end with |', () => {
    const { layout } = readHeader(header);
    expect(layout?.trailing).toBe(false);
    expect(readHeader(`${header}|`)).toEqual({ layout: { ...layout, trailing: true }, doubts: [] });
  });

  it('is read by names, wherever the columns are, and new columns are no doubt', () => {
    const { layout, doubts } = readHeader(['Nouvelle colonne', ...[...extractColumns].reverse()].join('|'));
    expect(doubts).toEqual([]);
    expect(layout).toMatchObject({ fields: 57, identifier: 55, identifierKind: 56 });
    expect(layout?.kept.find(({ column }) => column === 'kind')?.place).toBe(2);
  });

  it('that lacks columns is doubtful, be they kept or not', () => {
    const without = (...names: readonly string[]) =>
      extractColumns.filter((name) => !names.includes(name)).join('|');
    const { layout, doubts } = readHeader(without('Code rôle', 'Numéro SIRET site'));
    expect(doubts).toEqual([{ code: 'missing', columns: ['Numéro SIRET site', 'Code rôle'] }]);
    expect(layout?.kept.map(({ column }) => column)).not.toContain('role');
  });

  it.each([
    [
      'no identifier',
      header.replace('|Identifiant PP|', '|Autre|'),
      { code: 'unusable', columns: ['Identifiant PP'] },
    ],
    [
      'another file',
      'nom;prenom;profession',
      { code: 'unusable', columns: ["Type d'identifiant PP", 'Identifiant PP'] },
    ],
    ['a kept column twice', `${header}|Code rôle`, { code: 'repeated', columns: ['Code rôle'] }],
    ['nothing', '', { code: 'empty' }],
  ])('with %s cannot be used', (_, line, doubt) => {
    expect(readHeader(line)).toEqual({ layout: undefined, doubts: [doubt] });
  });
});
