import { Temporal } from 'temporal-polyfill';
import { checkFiness } from '../../routing/practitioner-types.ts';
import type { PlaceInput } from '../acts/act-place.ts';
import type { InjectionInput } from '../acts/injection-body.ts';
import { nameKey } from '../patients/name-likeness.ts';
import { readNir } from '../patients/nir.ts';
import type { Sex } from '../patients/patients.table.ts';
import type { VaccineList } from '../rules/vaccines.ts';
import { type ImportColumn, type ImportRow, maxRowIdLength } from './import-columns.ts';
import type { RowError } from './imports.table.ts';

/** A row in the words of our commands. */
export interface ReadRow {
  readonly patient: {
    readonly nir: string | undefined;
    readonly birthFamilyName: string;
    readonly birthGivenNames: string;
    /** YYYY-MM-DD. */
    readonly birthDate: string;
    readonly sex: Sex;
  };
  readonly injection: InjectionInput;
}

/**
 * What a row says, or every field that cannot be read. Rules are the commands' own: here is only how it is written.
 * @param centre FINESS number or name of the centre that sent the file: where a row took place that says nothing else.
 */
export function readImportRow(
  row: ImportRow,
  list: VaccineList,
  centre: string,
): ReadRow | { readonly errors: readonly RowError[] } {
  const errors: RowError[] = [];
  const fault = (field: ImportColumn, key: string) => {
    errors.push({ field, key: `records-import.errors.${key}` });
  };
  const needed = (field: ImportColumn): string => {
    const value = row[field];
    if (value === undefined) fault(field, 'missing');
    return value ?? '';
  };
  const read = <Value>(
    field: ImportColumn,
    text: string,
    reader: (text: string) => Value | undefined,
    key: string,
  ) => {
    const value = text === '' ? undefined : reader(text);
    if (text !== '' && value === undefined) fault(field, key);
    return value;
  };

  const birthFamilyName = needed('birthFamilyName');
  const birthGivenNames = needed('birthGivenNames');
  const birthDate = read('birthDate', needed('birthDate'), readDay, 'day');
  const sex = read('sex', needed('sex'), readSex, 'sex');
  const vaccine = read('vaccine', needed('vaccine'), (text) => readVaccine(text, list), 'vaccine');
  const occurredAt = read('occurredAt', needed('occurredAt'), readMoment, 'moment');
  const lot = needed('lot');
  const lotExpiry = read('lotExpiry', row.lotExpiry ?? '', readDay, 'day');
  const doseRank = read('doseRank', needed('doseRank'), readNumber, 'number');
  const doseTotal = read('doseTotal', needed('doseTotal'), readNumber, 'number');
  const route = read('route', row.route ?? 'IM', readRoute, 'route');
  const arm = read('arm', row.arm ?? '', readArm, 'arm');
  const doseVolume = read('doseVolume', (row.doseVolume ?? '').replace(',', '.'), readVolume, 'volume');
  const rowId = needed('rowId');
  // It is kept, shown and reported: a NIR must not be.
  if (readNir(rowId).ok) fault('rowId', 'rowIdNir');
  if (rowId.length > maxRowIdLength) fault('rowId', 'rowIdLong');
  const placeKind = read('placeKind', row.placeKind ?? 'centre', readPlaceKind, 'placeKind');
  if ((row.reason ?? 'xxx').length < 3) fault('reason', 'reason');
  if (lot.length > 20) fault('lot', 'lot');
  if (
    errors.length > 0 ||
    birthDate === undefined ||
    sex === undefined ||
    occurredAt === undefined ||
    placeKind === undefined ||
    doseRank === undefined ||
    doseTotal === undefined
  ) {
    return { errors };
  }
  return {
    patient: { nir: row.nir, birthFamilyName, birthGivenNames, birthDate, sex },
    injection: {
      occurredAt,
      place: { kind: placeKind, ...(readPlace(row) ?? (placeKind === 'practice' ? {} : placeOf(centre))) },
      vaccine: vaccine ?? '',
      lot,
      route: route ?? 'intramuscular',
      doseRank,
      doseTotal,
      ...(lotExpiry !== undefined && { lotExpiry }),
      ...(arm !== undefined && { arm }),
      ...(doseVolume !== undefined && { doseVolume }),
      ...(row.performedBy !== undefined && { performedBy: row.performedBy }),
      ...(row.reason !== undefined && { overrideReason: row.reason.slice(0, 1000) }),
    },
  };
}

/** What a row says of its place besides the kind; undefined when nothing. */
function readPlace({ finess, placeName }: ImportRow): Omit<PlaceInput, 'kind'> | undefined {
  if (finess === undefined && placeName === undefined) return undefined;
  return {
    ...(finess !== undefined && { finess }),
    ...(placeName !== undefined && { name: placeName.slice(0, 200) }),
  };
}

function placeOf(centre: string): Omit<PlaceInput, 'kind'> {
  return checkFiness(centre).ok ? { finess: centre } : { name: centre };
}

/** `2021-05-03`, `03/05/2021` or `03.05.2021` as YYYY-MM-DD. */
function readDay(text: string): string | undefined {
  const french = /^(\d{2})[/.-](\d{2})[/.-](\d{4})$/.exec(text);
  const iso = french ? `${french[3]}-${french[2]}-${french[1]}` : text;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(iso)) return undefined;
  try {
    return Temporal.PlainDate.from(iso, { overflow: 'reject' }).toString();
  } catch {
    return undefined;
  }
}

/** A day and a time, in Paris unless it has an offset, as ISO 8601. */
function readMoment(text: string): string | undefined {
  if (/T.*(Z|[+-]\d{2}:?\d{2})$/.test(text)) {
    const at = new Date(text);
    return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
  }
  const [, date = '', hour, minute] = /^(\S+?)[T ]+(\d{1,2})[h:](\d{2})(?::\d{2})?$/i.exec(text) ?? [];
  const day = readDay(date);
  if (day === undefined || Number(hour) > 23 || Number(minute) > 59) return undefined;
  const time = { hour: Number(hour), minute: Number(minute) };
  const at = Temporal.PlainDate.from(day).toPlainDateTime(time).toZonedDateTime('Europe/Paris');
  return new Date(at.epochMilliseconds).toISOString();
}

function readNumber(text: string): number | undefined {
  return /^[1-9]\d?$/.test(text) ? Number(text) : undefined;
}

function readVolume(text: string): string | undefined {
  return /^\d{1,2}(\.\d{1,3})?$/.test(text) ? text : undefined;
}

function readSex(text: string): Sex | undefined {
  const letter = text.trim().toLowerCase();
  if (['f', 'female', 'féminin', 'feminin', '2'].includes(letter)) return 'female';
  if (['m', 'h', 'male', 'masculin', '1'].includes(letter)) return 'male';
  return ['u', 'i', 'unknown', 'inconnu'].includes(letter) ? 'unknown' : undefined;
}

function readRoute(text: string): InjectionInput['route'] | undefined {
  const code = text.toLowerCase();
  if (['im', 'intramuscular', 'intramusculaire'].includes(code)) return 'intramuscular';
  if (['sc', 'subcutaneous', 'sous-cutanée'].includes(code)) return 'subcutaneous';
  if (['id', 'intradermal', 'intradermique'].includes(code)) return 'intradermal';
  return ['other', 'autre'].includes(code) ? 'other' : undefined;
}

/** Files of before the column had centres alone. */
function readPlaceKind(text: string): 'establishment' | 'vaccination_centre' | 'practice' | undefined {
  const code = nameKey(text);
  if (['ESTABLISHMENT', 'ETABLISSEMENT', 'ES', 'ESMS', 'EHPAD'].includes(code)) return 'establishment';
  if (['PRACTICE', 'CABINET'].includes(code)) return 'practice';
  const centres = ['VACCINATION CENTRE', 'CENTRE', 'CENTRE DE VACCINATION'];
  return centres.includes(code) ? 'vaccination_centre' : undefined;
}

function readArm(text: string): 'left' | 'right' | undefined {
  const code = text.toLowerCase();
  if (['g', 'gauche', 'left', 'l'].includes(code)) return 'left';
  return ['d', 'droit', 'right', 'r'].includes(code) ? 'right' : undefined;
}

/** A vaccine by its key or its name. */
function readVaccine(text: string, { vaccines }: VaccineList): string | undefined {
  const key = text.toLowerCase();
  return vaccines.find((each) => each.vaccine === key || each.name.toLowerCase() === key)?.vaccine;
}
