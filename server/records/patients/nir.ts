/**
 * Purpose: the national identification number (NIR) as people write it: what it is made of, and whether it can be one.
 * Entry points: `readNir`, `holdsNir`, `formatNir`, `maskNir`, `keyOf`.
 * May import: nothing of the project.
 *
 * Thirteen characters and a key of two digits: sex or kind of number, year, month, département (2A and 2B in Corsica),
 * commune, order. The key is 97 − (number mod 97), with 2A read as 19 and 2B as 18.
 */

/** 15 characters without spaces, capitals, its key right. Never logged, never in an address. */
export type Nir = string & { readonly brand: 'nir' };

/** Why a text is no NIR: the words of each are a text. */
export const nirFaults = [
  'empty',
  'characters',
  'tooShort',
  'keyMissing',
  'tooLong',
  'kind',
  'month',
  'department',
  'key',
] as const;
export type NirFault = (typeof nirFaults)[number];

export type ReadNir =
  | {
      readonly ok: true;
      readonly nir: Nir;
      /** Begins with 3 to 8: given while waiting for the definitive one. */
      readonly provisional: boolean;
      /** What the first digit says; null for kinds that say nothing certain. */
      readonly sex: 'female' | 'male' | null;
    }
  | { readonly ok: false; readonly fault: NirFault };

/** What may stand between the groups of a number copied from a card. */
const separators = /[\s.\-_/\u00ad\u2010-\u2015\u200b\u2060\ufeff]+/g;

/** Months of birth: known, and those used when it is not, or when the numbers of a month ran out. */
const month = /^(0[1-9]|1[0-2]|20|3[0-9]|4[0-2]|[5-9][0-9])$/;

/** Reads a NIR as typed or copied, in groups or not, small letters or capitals, full-width digits too. */
export function readNir(typed: string): ReadNir {
  const compact = typed.normalize('NFKC').replace(separators, '').toUpperCase();
  const fault = faultOf(compact);
  if (fault !== undefined) return { ok: false, fault };
  const kind = compact.charAt(0);
  return {
    ok: true,
    // Checked just above.
    nir: compact as Nir,
    provisional: /[3-8]/.test(kind),
    sex: /[137]/.test(kind) ? 'male' : /[248]/.test(kind) ? 'female' : null,
  };
}

function faultOf(compact: string): NirFault | undefined {
  if (compact === '') return 'empty';
  if (!/^[0-9AB]*$/.test(compact)) return 'characters';
  if (compact.length > 15) return 'tooLong';
  if (compact.length === 13) return 'keyMissing';
  if (compact.length < 15) return 'tooShort';
  if (!/^[0-9]{5}[0-9][0-9AB][0-9]{8}$/.test(compact)) return 'characters';
  if (!/^[1-8]/.test(compact)) return 'kind';
  if (!month.test(compact.slice(3, 5))) return 'month';
  if (/[AB]/.test(compact.charAt(6)) && compact.charAt(5) !== '2') return 'department';
  return Number(compact.slice(13)) === keyOf(compact) ? undefined : 'key';
}

/** Fifteen characters that may be a number, whatever stands between them in texts and addresses, and nothing like it around. */
const likely =
  /(?<![0-9A-Za-z])[1-8](?:(?:[\s.\-_/+\u00a0\u202f]|%20|%C2%A0){0,3}[0-9ABab]){14}(?![0-9A-Za-z])/gi;

/** Identifiers that are no numbers of anybody, though fifteen digits may follow each other in them. */
const uuids = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

/** Whether a NIR, its key right, stands in a text or an address, in groups or not. */
export function holdsNir(text: string): boolean {
  const found = text.replace(uuids, ' ').match(likely) ?? [];
  return found.some((each) => readNir(each.replace(/%20|%C2%A0|\+/gi, '')).ok);
}

/** The key that the first thirteen characters ask for, from 1 to 97. */
export function keyOf(number: string): number {
  return 97 - (Number(number.slice(0, 13).replace('2A', '19').replace('2B', '18')) % 97);
}

/** In the groups in which it is printed, with spaces that do not break: `2 95 10 99 126 111 93`. */
export function formatNir(nir: Nir): string {
  return groups.map(([from, to]) => nir.slice(from, to)).join('\u00a0');
}

const groups = [
  [0, 1],
  [1, 3],
  [3, 5],
  [5, 7],
  [7, 10],
  [10, 13],
  [13, 15],
] as const;

/** For who may know that there is one, but not which: the first digit and the key. */
export function maskNir(nir: Nir): string {
  return `${nir.charAt(0)}\u00a0••\u00a0••\u00a0••\u00a0•••\u00a0•••\u00a0${nir.slice(13)}`;
}
