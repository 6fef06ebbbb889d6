/**
 * Purpose: whether a NIR says the same of a person as their identity does; what differs is warned of, never refused.
 * Entry points: `nirDisagreements`.
 * May import: nir.ts (pure).
 *
 * A NIR is given for life: it keeps the sex, the day and the borders as they were once known. So only what nothing of that
 * explains is told.
 */
import { type Nir, readNir } from './nir.ts';

/** Which part of an identity a NIR contradicts. */
export type NirDisagreement = 'sex' | 'birthYear' | 'birthMonth' | 'birthPlace';

export interface NirTraits {
  readonly sex: 'female' | 'male' | 'unknown';
  /** YYYY-MM-DD */
  readonly birthDate: string;
  /** INSEE code of the commune or country of birth; null: not known. */
  readonly birthPlace: string | null;
}

/**
 * What the number and the identity say otherwise, in the number's own order. A month that the number gives by convention
 * (20, 30 to 42, 50 to 99) and a number given while waiting for the definitive one (first digit 3 to 8), whose place is
 * where it was given, say less.
 */
export function nirDisagreements(nir: Nir, traits: NirTraits): readonly NirDisagreement[] {
  const read = readNir(nir);
  if (!read.ok) return [];
  const month = nir.slice(3, 5);
  const found: NirDisagreement[] = [];
  if (read.sex !== null && traits.sex !== 'unknown' && read.sex !== traits.sex) found.push('sex');
  if (nir.slice(1, 3) !== traits.birthDate.slice(2, 4)) found.push('birthYear');
  if (/^(0[1-9]|1[0-2])$/.test(month) && month !== traits.birthDate.slice(5, 7)) found.push('birthMonth');
  if (!read.provisional && traits.birthPlace !== null) {
    const born = { place: traits.birthPlace, on: traits.birthDate };
    if (!mayBeOf(nir.slice(5, 10), born)) found.push('birthPlace');
  }
  return found;
}

/** Départements that were one, or parted, with the last day on which a number could be given by the old borders. */
const once: readonly { readonly among: readonly string[]; readonly until: string }[] = [
  // Corsica was 20 until 1976; communes keep their number.
  { among: ['20', '2A', '2B'], until: '1976-01-01' },
  // Seine and Seine-et-Oise parted into seven in 1968.
  { among: ['75', '78', '91', '92', '93', '94', '95'], until: '1968-01-01' },
];

/** Algeria's départements and the protectorates had numbers of their own (91 to 96) until 1962; they are abroad since. */
const abroadBefore = { departments: ['91', '92', '93', '94', '95', '96'], until: '1962-07-03' };

/** Whether whoever was born there on that day may have a number of that place (its five characters in a NIR). */
function mayBeOf(number: string, { place, on }: { readonly place: string; readonly on: string }): boolean {
  const [ofNumber, ofPlace] = [department(number), department(place)];
  if (ofNumber === ofPlace) return true;
  if (ofPlace === '99' && abroadBefore.departments.includes(ofNumber)) return on < abroadBefore.until;
  return once.some(({ among, until }) => on < until && among.includes(ofNumber) && among.includes(ofPlace));
}

/** The département of a commune's code; three characters overseas; 99 abroad. */
function department(code: string): string {
  return /^9[78]/.test(code) ? code.slice(0, 3) : code.slice(0, 2);
}
