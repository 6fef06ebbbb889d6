/**
 * Purpose: finds people by département and the beginning of their name, through one number per line.
 * Entry points: `searchRange` and `nameKey` to search, `packSearchKey` and `writeNumber` to import.
 * May import: department.ts.
 *
 * The number holds the département, then the first letters of the family name, a space and the given name, each in
 * five bits, so that all that begins alike lies in one range. An index on numbers is half the size of one on texts and
 * takes a third of the time to build, which is most of what the directory's import waits for.
 */
import { departmentCode, type Span } from './department.ts';

/**
 * The form in which names are compared: capitals and digits without accents, everything else one space.
 * « Le Goff-Œuvrard » becomes `LE GOFF OEUVRARD`.
 */
export function nameKey(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .replace(/[ÆŒØĐŁ]/g, (letter) => plain[letter] ?? letter)
    .replace(/[^A-Z0-9]+/g, ' ')
    .trim();
}

/** Letters that are no accented form of another. */
const plain: Readonly<Record<string, string>> = { Æ: 'AE', Œ: 'OE', Ø: 'O', Đ: 'D', Ł: 'L' };

/** How many letters a number holds beside the département, below 2^53. */
export const packedLetters = 9;
const base = 32;

/** What is left of a key when this divides it are its letters. */
export const keysOfADepartment = base ** packedLetters;

/** The code of a letter of a `nameKey`: 1 a space, 2 to 27 A to Z, 28 any digit; 0 stands behind the last one. */
function codeOf(letter: number): number {
  if (letter === 32) return spaceCode;
  return letter >= 65 ? letter - 63 : 28;
}
const spaceCode = 1;

/**
 * The keys, from `from` up to but not including `to`, of those in a département whose names begin so.
 * @param department as `33`, `2A`, `971`; empty for those who have none, such as stand-ins.
 * @returns `exact` when every one of them begins so: a longer beginning than a key holds has to be compared.
 */
export function searchRange(
  department: string,
  name: string,
): { readonly from: number; readonly to: number; readonly exact: boolean } {
  const beginning = nameKey(name);
  const letters = beginning.slice(0, packedLetters);
  let from = departmentCode(department);
  for (let place = 0; place < letters.length; place++) from = from * base + codeOf(letters.charCodeAt(place));
  const size = base ** (packedLetters - letters.length);
  return { from: from * size, to: (from + 1) * size, exact: beginning.length <= packedLetters };
}

/** Code of each byte below 128. */
const asciiCodes = Uint8Array.from({ length: 128 }, (_, byte) => {
  const key = nameKey(String.fromCharCode(byte));
  return key === '' ? spaceCode : codeOf(key.charCodeAt(0));
});

/** Code of each letter U+00C0 to U+00FF by its second byte in UTF-8; 0 where it is not exactly one letter. */
const latinCodes = Uint8Array.from({ length: 64 }, (_, low) => {
  const key = nameKey(String.fromCharCode(0xc0 + low));
  return key.length === 1 ? codeOf(key.charCodeAt(0)) : 0;
});

/** The code of the département in a search key. */
export function departmentOfKey(searchKey: number): number {
  return Math.floor(searchKey / keysOfADepartment);
}

/**
 * The search key of a line, from its bytes in UTF-8: no strings are made of the millions of names that need none.
 * @param department its code.
 */
export function packSearchKey(bytes: Buffer, department: number, familyName: Span, givenName: Span): number {
  return department * keysOfADepartment + packNames(bytes, familyName, givenName);
}

function packNames(bytes: Buffer, familyName: Span, givenName: Span): number {
  let packed = 0;
  let count = 0;
  let spaceDue = false;
  let { from: i, to } = familyName;
  let given = false;
  for (;;) {
    if (i >= to) {
      if (given) break;
      given = true;
      i = givenName.from;
      to = givenName.to;
      spaceDue = count > 0;
      continue;
    }
    const byte = bytes[i++] ?? 0;
    let code: number;
    if (byte < 128) code = asciiCodes[byte] ?? spaceCode;
    else if (byte === 0xc3) code = latinCodes[(bytes[i++] ?? 0) & 63] ?? 0;
    else code = 0;
    if (code === 0) return packSlowly(bytes, familyName, givenName);
    if (code === spaceCode) spaceDue = count > 0;
    else {
      if (spaceDue) {
        packed = packed * base + spaceCode;
        spaceDue = false;
        if (++count === packedLetters) return packed;
      }
      packed = packed * base + code;
      if (++count === packedLetters) return packed;
    }
  }
  return packed * base ** (packedLetters - count);
}

function packSlowly(bytes: Buffer, familyName: Span, givenName: Span): number {
  const text = ({ from, to }: Span) => bytes.toString('utf8', from, to);
  return searchRange('0', `${text(familyName)} ${text(givenName)}`).from;
}

/** How many digits `writeNumber` writes. */
export const numberLength = 16;

/** Writes a whole number below 10^16 in as many digits, zeros before it, at `out[at]`. @returns the place after it. */
export function writeNumber(value: number, out: Uint8Array, at: number): number {
  // Halves that machine words hold: dividing those is much quicker.
  const high = Math.floor(value / 1e8);
  writeHalf(high, out, at);
  writeHalf(value - high * 1e8, out, at + numberLength / 2);
  return at + numberLength;
}

function writeHalf(value: number, out: Uint8Array, at: number): void {
  let left = value | 0;
  for (let place = at + numberLength / 2 - 1; place >= at; place--) {
    const rest = (left / 10) | 0;
    out[place] = 48 + left - rest * 10;
    left = rest;
  }
}
