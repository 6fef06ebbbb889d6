import type { FieldProblem } from '../../problem.ts';
import { nameKey } from './name-likeness.ts';
import { type Nir, readNir } from './nir.ts';
import type { Sex } from './patients.table.ts';

/** What identifies a person, as it was typed; absent and empty are the same. */
export interface TraitsInput {
  readonly birthFamilyName: string;
  readonly birthGivenNames: string;
  readonly usedFamilyName?: string | null;
  readonly usedGivenName?: string | null;
  /** YYYY-MM-DD. */
  readonly birthDate: string;
  readonly sex: Sex;
  /** INSEE code of the commune or country of birth. */
  readonly birthPlace?: string | null;
}

export interface NirInput {
  readonly nir?: string | null;
  /** The NIR is that of the parent under whom a child is known. */
  readonly ofParent?: boolean;
  /** Why there is none. */
  readonly noNirReason?: string | null;
}

/** The columns of `patients` that traits make. */
export interface TraitColumns {
  readonly birthFamilyName: string;
  readonly birthGivenNames: string;
  readonly usedFamilyName: string | null;
  readonly usedGivenName: string | null;
  readonly birthDate: string;
  readonly sex: Sex;
  readonly birthPlace: string | null;
  readonly familyNameKey: string;
  readonly givenNamesKey: string;
  readonly usedFamilyNameKey: string | null;
}

/** What a NIR or its absence comes to. */
export interface NirGiven {
  readonly nir: Nir | null;
  readonly ofParent: boolean;
  readonly provisional: boolean;
  readonly noNirReason: string | null;
}

type Read<Value> = { readonly value: Value } | { readonly errors: readonly FieldProblem[] };

/** Checks traits. @param today YYYY-MM-DD in Europe/Paris. */
export function readTraits(input: TraitsInput, today: string): Read<TraitColumns> {
  const errors: FieldProblem[] = [];
  const fault = (field: string, key: string) =>
    errors.push({ path: `/${field}`, key: `records-patients.errors.${key}` });
  const birthFamilyName = tidy(input.birthFamilyName);
  const birthGivenNames = tidy(input.birthGivenNames);
  const usedFamilyName = tidy(input.usedFamilyName);
  const usedGivenName = tidy(input.usedGivenName);
  for (const [field, name] of Object.entries({ birthFamilyName, birthGivenNames }))
    if (name === '') fault(field, `empty.${field}`);
  for (const [field, name] of Object.entries({
    birthFamilyName,
    birthGivenNames,
    usedFamilyName,
    usedGivenName,
  }))
    if (name !== '' && !isName(name)) fault(field, 'name.characters');
  const birthDate = input.birthDate.trim();
  if (birthDate === '') fault('birthDate', 'birthDate.empty');
  else if (!isDay(birthDate)) fault('birthDate', 'birthDate.notADay');
  else if (birthDate > today) fault('birthDate', 'birthDate.future');
  else if (birthDate < earliestBirth) fault('birthDate', 'birthDate.tooEarly');
  const birthPlace = tidy(input.birthPlace).toUpperCase();
  if (birthPlace !== '' && !/^[0-9][0-9AB][0-9]{3}$/.test(birthPlace)) fault('birthPlace', 'birthPlace');
  if (errors.length > 0) return { errors };
  return {
    value: {
      birthFamilyName,
      birthGivenNames,
      usedFamilyName: usedFamilyName || null,
      usedGivenName: usedGivenName || null,
      birthDate,
      sex: input.sex,
      birthPlace: birthPlace || null,
      familyNameKey: nameKey(birthFamilyName),
      givenNamesKey: nameKey(birthGivenNames),
      usedFamilyNameKey: nameKey(usedFamilyName) || null,
    },
  };
}

/** Checks a NIR, or why there is none. What was typed is in no error. */
export function readNirGiven({ nir, ofParent = false, noNirReason }: NirInput): Read<NirGiven> {
  const reason = tidy(noNirReason);
  if (nir === undefined || nir === null || nir.trim() === '') {
    if (reason === '')
      return { errors: [{ path: '/noNirReason', key: 'records-patients.errors.noNirReason' }] };
    return { value: { nir: null, ofParent: false, provisional: false, noNirReason: reason } };
  }
  const read = readNir(nir);
  if (!read.ok) return { errors: [{ path: '/nir', key: `records-patients.errors.nir.${read.fault}` }] };
  return { value: { nir: read.nir, ofParent, provisional: read.provisional, noNirReason: null } };
}

const earliestBirth = '1880-01-01';

/** A day that the calendar has, as YYYY-MM-DD; PostgreSQL's has no year 0. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text.startsWith('0000')) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** Letters of any script with what stands between them, one of which a search can go by. */
function isName(name: string): boolean {
  return /^[\p{L}\p{M}\s'’.\-‐-―()]+$/u.test(name) && nameKey(name) !== '';
}

function tidy(text: string | null | undefined): string {
  return (text ?? '').normalize('NFC').replace(/\s+/gu, ' ').trim();
}
