/**
 * Purpose: the columns of the open extract `PS_LibreAcces_Personne_activite_*.txt`, and which of them are kept.
 * Entry points: `readHeader`, `extractColumns`.
 * May import: the pure parts of this folder.
 *
 * Source: Annuaire Santé, extractions en libre accès (Agence du numérique en santé, Licence Ouverte 2.0). One line per
 * activity, fields parted by `|`, nothing quoted.
 */
import type { Doubt } from './doubts.ts';

/** Every column of the format, in its order; files are read by these names, wherever the columns are. */
export const extractColumns = [
  "Type d'identifiant PP",
  'Identifiant PP',
  'Identification nationale PP',
  "Code civilité d'exercice",
  "Libellé civilité d'exercice",
  'Code civilité',
  'Libellé civilité',
  "Nom d'exercice",
  "Prénom d'exercice",
  'Code profession',
  'Libellé profession',
  'Code catégorie professionnelle',
  'Libellé catégorie professionnelle',
  'Code type savoir-faire',
  'Libellé type savoir-faire',
  'Code savoir-faire',
  'Libellé savoir-faire',
  'Code mode exercice',
  'Libellé mode exercice',
  'Numéro SIRET site',
  'Numéro SIREN site',
  'Numéro FINESS site',
  'Numéro FINESS établissement juridique',
  'Identifiant technique de la structure',
  'Raison sociale site',
  'Enseigne commerciale site',
  'Complément destinataire (coord. structure)',
  'Complément point géographique (coord. structure)',
  'Numéro Voie (coord. structure)',
  'Indice répétition voie (coord. structure)',
  'Code type de voie (coord. structure)',
  'Libellé type de voie (coord. structure)',
  'Libellé Voie (coord. structure)',
  'Mention distribution (coord. structure)',
  'Bureau cedex (coord. structure)',
  'Code postal (coord. structure)',
  'Code commune (coord. structure)',
  'Libellé commune (coord. structure)',
  'Code pays (coord. structure)',
  'Libellé pays (coord. structure)',
  'Téléphone (coord. structure)',
  'Téléphone 2 (coord. structure)',
  'Télécopie (coord. structure)',
  'Adresse e-mail (coord. structure)',
  'Code Département (structure)',
  'Libellé Département (structure)',
  'Ancien identifiant de la structure',
  "Autorité d'enregistrement",
  "Code secteur d'activité",
  "Libellé secteur d'activité",
  'Code section tableau pharmaciens',
  'Libellé section tableau pharmaciens',
  'Code rôle',
  'Libellé rôle',
  'Code genre activité',
  'Libellé genre activité',
] as const;

export type ExtractColumn = (typeof extractColumns)[number];

/** The kind of identifier (`8` RPPS, `0` ADELI), and the identifier: together what the table calls `identifier`. */
const identifierColumns = { kind: "Type d'identifiant PP", number: 'Identifiant PP' } as const;

/** Those that become the search key; the place is the first of the three that is given. */
const searchColumns = {
  department: 'Code Département (structure)',
  commune: 'Code commune (coord. structure)',
  postCode: 'Code postal (coord. structure)',
  familyName: "Nom d'exercice",
  givenName: "Prénom d'exercice",
} as const;

export interface KeptColumn {
  readonly name: ExtractColumn;
  /** Its column in `directory_activities`. */
  readonly column: string;
  /** A code (letters, digits and `-_.`), words, or a path of codes (`ARS/CPAM/CPAM`) of which the first is kept. */
  readonly holds: 'code' | 'words' | 'path';
  /** How many bytes at most. */
  readonly maxBytes: number;
}

/** Only what routing and pre-filling need; what becomes the search key is kept in it. */
export const keptColumns: readonly KeptColumn[] = [
  { name: searchColumns.familyName, column: 'family_name', holds: 'words', maxBytes: 200 },
  { name: searchColumns.givenName, column: 'given_name', holds: 'words', maxBytes: 200 },
  { name: 'Code profession', column: 'profession', holds: 'code', maxBytes: 8 },
  { name: 'Code catégorie professionnelle', column: 'category', holds: 'code', maxBytes: 8 },
  { name: 'Code mode exercice', column: 'mode', holds: 'code', maxBytes: 8 },
  { name: 'Numéro FINESS site', column: 'site_finess', holds: 'code', maxBytes: 20 },
  { name: 'Numéro FINESS établissement juridique', column: 'legal_finess', holds: 'code', maxBytes: 20 },
  { name: searchColumns.commune, column: 'commune', holds: 'code', maxBytes: 8 },
  { name: "Autorité d'enregistrement", column: 'authority', holds: 'path', maxBytes: 40 },
  { name: "Code secteur d'activité", column: 'sector', holds: 'code', maxBytes: 16 },
  { name: 'Code rôle', column: 'role', holds: 'code', maxBytes: 16 },
  { name: 'Code genre activité', column: 'kind', holds: 'code', maxBytes: 16 },
];

/** Where the columns are in one file. */
export interface Layout {
  /** How many fields a row has. */
  readonly fields: number;
  /** Whether lines end with a `|`, which begins no other field. */
  readonly trailing: boolean;
  readonly identifierKind: number;
  readonly identifier: number;
  readonly department: number | undefined;
  readonly commune: number | undefined;
  readonly postCode: number | undefined;
  readonly familyName: number | undefined;
  readonly givenName: number | undefined;
  /** What is kept besides the identifier, in the order of the file. */
  readonly kept: readonly (KeptColumn & { readonly place: number })[];
}

/**
 * Finds the columns by name in the first line, which may begin with a byte order mark and end with `|`.
 * @returns no layout when rows could not be understood; otherwise one, perhaps with doubts that can be overridden.
 *   Columns that the format did not have are no doubt.
 */
export function readHeader(line: string): {
  readonly layout: Layout | undefined;
  readonly doubts: readonly Doubt[];
} {
  const names = line
    .replace(/^\uFEFF/, '')
    .split('|')
    .map(asWritten);
  const trailing = names.at(-1) === '';
  if (trailing) names.pop();
  if (names.length === 0) return { layout: undefined, doubts: [{ code: 'empty' }] };

  const place = (name: ExtractColumn) => names.indexOf(asWritten(name));
  const needed = Object.values(identifierColumns);
  const unusable = needed.filter((name) => place(name) < 0);
  if (unusable.length > 0) return { layout: undefined, doubts: [{ code: 'unusable', columns: unusable }] };

  const repeated = [...needed, ...keptColumns.map(({ name }) => name)].filter(
    (name) => place(name) !== names.lastIndexOf(asWritten(name)),
  );
  if (repeated.length > 0) return { layout: undefined, doubts: [{ code: 'repeated', columns: repeated }] };

  const found = (name: ExtractColumn) => (place(name) < 0 ? undefined : place(name));
  const missing = extractColumns.filter((name) => place(name) < 0);
  return {
    layout: {
      fields: names.length,
      trailing,
      identifierKind: place(identifierColumns.kind),
      identifier: place(identifierColumns.number),
      department: found(searchColumns.department),
      commune: found(searchColumns.commune),
      postCode: found(searchColumns.postCode),
      familyName: found(searchColumns.familyName),
      givenName: found(searchColumns.givenName),
      kept: keptColumns
        .map((column) => ({ ...column, place: place(column.name) }))
        .filter((column) => column.place >= 0)
        .sort((a, b) => a.place - b.place),
    },
    doubts: missing.length > 0 ? [{ code: 'missing', columns: missing }] : [],
  };
}

/** A name as it is compared: apostrophes, spaces, accents and capitals have been written in several ways. */
function asWritten(name: string): string {
  return name.normalize('NFC').replaceAll('’', "'").replace(/\s+/g, ' ').trim().toLowerCase();
}
