/** How long a field is: exactly, or at most and then ended by a separator. */
type Length = { readonly exactly: number } | { readonly atMost: number };

export interface Field {
  readonly id: string;
  readonly name: FieldName;
  readonly length: Length;
  readonly pattern: RegExp;
}

export type FieldName =
  | 'surname'
  | 'firstNames'
  | 'birthDate'
  | 'disease'
  | 'agent'
  | 'vaccine'
  | 'maker'
  | 'rank'
  | 'expected'
  | 'date'
  | 'state';

/** Capitals, digits and little else: what DataMatrix packs well, and what 2D-Doc allows. */
const names = /^[A-Z][A-Z '\-./]*$/;
const words = /^[A-Z0-9][A-Z0-9 '\-./]*$/;
const day = /^\d{8}$/;
const digit = /^[1-9]$/;

/** The fields of an attestation of vaccination (type L1), in their order. */
export const fields: readonly Field[] = [
  { id: 'L0', name: 'surname', length: { atMost: 80 }, pattern: names },
  { id: 'L1', name: 'firstNames', length: { atMost: 80 }, pattern: names },
  { id: 'L2', name: 'birthDate', length: { exactly: 8 }, pattern: day },
  { id: 'L3', name: 'disease', length: { atMost: 30 }, pattern: words },
  { id: 'L4', name: 'agent', length: { atMost: 15 }, pattern: words },
  { id: 'L5', name: 'vaccine', length: { atMost: 30 }, pattern: words },
  { id: 'L6', name: 'maker', length: { atMost: 30 }, pattern: words },
  { id: 'L7', name: 'rank', length: { exactly: 1 }, pattern: digit },
  { id: 'L8', name: 'expected', length: { exactly: 1 }, pattern: digit },
  { id: 'L9', name: 'date', length: { exactly: 8 }, pattern: day },
  { id: 'LA', name: 'state', length: { exactly: 2 }, pattern: /^(CO|TE)$/ },
];

/** Ends a field of variable length; one that was cut short; and what is signed. */
export const separators = { field: '\x1d', cut: '\x1e', signature: '\x1f' } as const;

/**
 * `DC04`, authority, certificate, day of issue, day of signature, type, perimeter, country: 26 characters. Perimeter 01
 * (ANTS) and the country that follows are as in the specimen of the format's public specification, which the tests read.
 */
export const headerPattern = /^DC04([A-Z0-9]{4})([A-Z0-9]{4})([0-9A-F]{4})([0-9A-F]{4})(L1)(01)([A-Z]{2})/;
export const headerLength = 26;

/** 64 bytes in base32 (RFC 4648) without its padding. */
export const signatureLength = 103;
const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Base32 of RFC 4648 without padding. */
export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += base32[(value >> bits) & 31];
      value &= (1 << bits) - 1;
    }
  }
  return bits > 0 ? text + base32[(value << (5 - bits)) & 31] : text;
}

/** The bytes of a base32 text without padding; undefined when it is none, or not written as it would be. */
export function decodeBase32(text: string): Uint8Array | undefined {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const character of text) {
    const digit = base32.indexOf(character);
    if (digit < 0) return undefined;
    value = (value << 5) | digit;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((value >> bits) & 255);
      value &= (1 << bits) - 1;
    }
  }
  const decoded = new Uint8Array(bytes);
  return encodeBase32(decoded) === text ? decoded : undefined;
}

const epoch = Date.UTC(2000, 0, 1);
const dayMs = 86_400_000;

/** A day (`2021-12-01`) as its count since 1 January 2000, in four hexadecimal digits. @throws RangeError outside them. */
export function dayCount(date: string): string {
  const count = (Date.parse(`${date}T00:00:00Z`) - epoch) / dayMs;
  if (!Number.isInteger(count) || count < 0 || count > 0xffff)
    throw new RangeError(`not a day since 2000: ${date}`);
  return count.toString(16).toUpperCase().padStart(4, '0');
}

/** The day of such a count. */
export function dayOfCount(hexadecimal: string): string {
  return new Date(epoch + Number.parseInt(hexadecimal, 16) * dayMs).toISOString().slice(0, 10);
}

/** `2021-12-01` as `01122021`. */
export function compactDay(date: string): string {
  return date.split('-').reverse().join('');
}

/** `01122021` as `2021-12-01`. */
export function isoDay(compact: string): string {
  return `${compact.slice(4)}-${compact.slice(2, 4)}-${compact.slice(0, 2)}`;
}
