/**
 * The columns of a centre's file: each with the names by which it may be headed, without case, accents or
 * punctuation. Pure.
 */
export const importColumns = {
  rowId: ['identifiantligne', 'idligne', 'identifiant', 'rowid', 'id'],
  nir: ['nir', 'numerosecuritesociale', 'nss'],
  birthFamilyName: ['nomnaissance', 'nomdenaissance', 'nom', 'birthfamilyname', 'familyname'],
  birthGivenNames: ['prenoms', 'prenom', 'prenomsnaissance', 'birthgivennames', 'givennames'],
  birthDate: ['datenaissance', 'datedenaissance', 'birthdate'],
  sex: ['sexe', 'sex'],
  vaccine: ['vaccin', 'vaccine'],
  lot: ['lot', 'numerolot', 'batch'],
  lotExpiry: ['peremption', 'dateperemption', 'lotexpiry'],
  occurredAt: ['dateinjection', 'dateheureinjection', 'injection', 'occurredat'],
  doseRank: ['rang', 'rangdose', 'doserank'],
  doseTotal: ['total', 'dosesattendues', 'dosetotal'],
  route: ['voie', 'route'],
  arm: ['bras', 'arm'],
  doseVolume: ['volume', 'dosevolume'],
  placeKind: ['typelieu', 'typedelieu', 'naturelieu', 'placekind'],
  finess: ['finess', 'finesslieu'],
  placeName: ['lieu', 'placename'],
  performedBy: ['vaccinateur', 'performedby'],
  reason: ['motif', 'overridereason', 'reason'],
} as const;
export type ImportColumn = keyof typeof importColumns;

/** Without these no row could be recorded. */
export const neededColumns: readonly ImportColumn[] = [
  'rowId',
  'birthFamilyName',
  'birthGivenNames',
  'birthDate',
  'sex',
  'vaccine',
  'lot',
  'occurredAt',
  'doseRank',
  'doseTotal',
];

/** A row as it was sent, by column; what is blank is absent. */
export type ImportRow = Readonly<Partial<Record<ImportColumn, string>>>;

export interface Header {
  /** Column of each place; undefined where nobody knows it. */
  readonly places: readonly (ImportColumn | undefined)[];
}

/** What a file's first line says; the columns that it lacks, when it cannot be used. */
export function readHeader(names: readonly string[]): Header | { readonly missing: readonly ImportColumn[] } {
  const places = names.map((name) => {
    const key = plain(name);
    return (Object.keys(importColumns) as ImportColumn[]).find((column) =>
      (importColumns[column] as readonly string[]).includes(key),
    );
  });
  const missing = neededColumns.filter((column) => !places.includes(column));
  return missing.length > 0 ? { missing } : { places };
}

/** The longest identifier of a row. */
export const maxRowIdLength = 100;

/** The row's values by column; a column headed twice keeps its first value. */
export function rowOf({ places }: Header, values: readonly string[]): ImportRow {
  const row: Partial<Record<ImportColumn, string>> = {};
  for (const [place, value] of values.entries()) {
    const column = places[place];
    // The report of refused rows keeps spreadsheets from taking text for a formula, which its reader undoes.
    const text = value.trim().replace(/^'(?=[=+\-@])/, '');
    if (column !== undefined && text !== '') row[column] ??= text;
  }
  return row;
}

/** The separator of a file, by its first line: the one found most often outside quotes. */
export function separatorOf(firstLine: string): ';' | ',' | '\t' | '|' {
  const bare = firstLine.replace(/"[^"]*"/g, '');
  const count = (separator: string) => bare.split(separator).length;
  return ([';', ',', '\t', '|'] as const).reduce((best, each) => (count(each) > count(best) ? each : best));
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const cp1252 = new TextDecoder('windows-1252');

/**
 * A field's text: UTF-8, else what Windows wrote. Decided field by field, so that a file need not be read twice. Without
 * the character that no text of the database holds.
 */
export function textOf(bytes: Uint8Array): string {
  return decode(bytes).replaceAll('\0', '');
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return cp1252.decode(bytes);
  }
}

function plain(name: string): string {
  return name
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}
