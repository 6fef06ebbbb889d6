/**
 * Purpose: finds people by département and the beginning of their name, through one number per line.
 * Entry points: `searchRange` and `nameKey` to search, `packSearchKey` and `writeNumber` to import.
 * May import: nothing of the project.
 *
 * The number holds the département, then the first letters of the family name, a space and the given name, each in
 * five bits, so that all that begins alike lies in one range. An index on numbers is half the size of one on texts and
 * takes a third of the time to build, which is most of what the directory's import waits for.
 */

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

/** Codes of those without a département, and of one that is none of ours. */
const noDepartment = 255;
const otherDepartment = 254;

/** 0 to 99 as they are, Corsica, then overseas. */
function departmentCode(department: string): number {
  if (department === '') return noDepartment;
  if (/^\d{1,2}$/.test(department)) return Number(department);
  if (/^2[AB]$/i.test(department)) return department.toUpperCase() === '2A' ? 100 : 101;
  if (/^9[78]\d$/.test(department)) return 110 + Number(department.slice(1)) - 70;
  return otherDepartment;
}

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

/** Where a field lies in the bytes of a line. */
export interface Span {
  from: number;
  to: number;
}

/** Département codes as they have been met, by their bytes: there are about a hundred. */
const departments = new Map<number, number>();

/**
 * The search key of a line, from its bytes in UTF-8: no strings are made of the millions of names that need none.
 */
export function packSearchKey(bytes: Buffer, department: Span, familyName: Span, givenName: Span): number {
  return departmentOf(bytes, department) * keysOfADepartment + packNames(bytes, familyName, givenName);
}

function departmentOf(bytes: Buffer, { from, to }: Span): number {
  if (from === to) return noDepartment;
  if (to - from > 3) return departmentCode(bytes.toString('utf8', from, to).trim());
  let packed = 0;
  for (let i = from; i < to; i++) packed = packed * 256 + (bytes[i] ?? 0);
  let code = departments.get(packed);
  if (code === undefined) {
    code = departmentCode(bytes.toString('utf8', from, to).trim());
    departments.set(packed, code);
  }
  return code;
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

/** Writes a whole number below 2^53 in decimal at `out[at]`. @returns the place after it. */
export function writeNumber(value: number, out: Uint8Array, at: number): number {
  const high = Math.floor(value / 1e8);
  let digits = at;
  for (let left = high; left >= 1; left = Math.floor(left / 10)) digits += 1;
  const low = value - high * 1e8;
  if (high === 0) {
    for (let left = low; left >= 1; left = Math.floor(left / 10)) digits += 1;
    if (digits === at) digits += 1;
  }
  const end = high === 0 ? digits : digits + 8;
  writeDigits(low, high === 0 ? digits - at : 8, out, end);
  if (high > 0) writeDigits(high, digits - at, out, digits);
  return end;
}

/** Writes that many digits of the number, the last one before `out[end]`. */
function writeDigits(value: number, count: number, out: Uint8Array, end: number): void {
  let left = value | 0;
  for (let place = end - 1; place >= end - count; place--) {
    const rest = (left / 10) | 0;
    out[place] = 48 + left - rest * 10;
    left = rest;
  }
}
