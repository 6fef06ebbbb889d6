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

/** Stands for the département of those who have none: stand-ins, students. */
export const noDepartment = '-'.charCodeAt(0);

/**
 * What the search keys of a département begin with for a name begun so: family name, then given name.
 * @param department as `33`, `2A`, `971`; undefined for those who have none.
 */
export function searchPrefix(department: string | undefined, name: string): string {
  return `${department === undefined ? String.fromCharCode(noDepartment) : nameKey(department)} ${nameKey(name)}`;
}

const space = 32;

/** Key of each byte below 128. */
const asciiKeys = Uint8Array.from({ length: 128 }, (_, byte) => {
  const key = nameKey(String.fromCharCode(byte));
  return key === '' ? space : key.charCodeAt(0);
});

/** Key of each letter U+00C0 to U+00FF by its second byte in UTF-8; 0 where it is not exactly one letter. */
const latinKeys = Uint8Array.from({ length: 64 }, (_, low) => {
  const key = nameKey(String.fromCharCode(0xc0 + low));
  return key.length === 1 ? key.charCodeAt(0) : 0;
});

/**
 * Writes the key of the UTF-8 text `bytes[from, to)` at `out[at]`, which must have room for as many bytes; what
 * `nameKey` does, without making strings of the millions of names that need none.
 * @returns the place after the last byte written.
 */
export function writeNameKey(
  bytes: Uint8Array,
  from: number,
  to: number,
  out: Uint8Array,
  at: number,
): number {
  let place = at;
  let spaceDue = false;
  for (let i = from; i < to; i++) {
    const byte = bytes[i] ?? 0;
    let key: number;
    if (byte < 128) key = asciiKeys[byte] ?? space;
    else if (byte === 0xc3) key = latinKeys[(bytes[++i] ?? 0) & 63] ?? 0;
    else key = 0;
    if (key === 0) return writeSlowly(bytes, from, to, out, at);
    if (key === space) spaceDue = place > at;
    else {
      if (spaceDue) out[place++] = space;
      spaceDue = false;
      out[place++] = key;
    }
  }
  return place;
}

function writeSlowly(bytes: Uint8Array, from: number, to: number, out: Uint8Array, at: number): number {
  const key = nameKey(Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8'));
  for (let i = 0; i < key.length; i++) out[at + i] = key.charCodeAt(i);
  return at + key.length;
}
