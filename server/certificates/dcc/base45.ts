/** RFC 9285: digits by value. */
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
const codes = new Uint8Array(Buffer.from(digits, 'latin1'));
const values = new Uint8Array(128);
for (const [value, code] of codes.entries()) values[code] = value;

/**
 * Groups of three characters for two bytes, and of two for a last one, lowest digit first: 45 × 45 = 2025 goes 32 times
 * into 65,536, and `FGW` is the largest of two bytes, as `U5` is of one.
 */
const groups =
  /^(?:[0-9A-Z $%*+\-./:]{2}[0-9A-V]|[0-9A-Z $%*+\-./:][0-9A-F]W|[0-9A-F]GW)*(?:[0-9A-Z $%*+\-./:][0-4]|[0-9A-U]5)?$/;

/**
 * Bytes in base45. Ours rather than the package of that name, which builds a list for every pair of bytes and takes
 * as long as a signature; the tests hold the two to the same.
 */
export function encodeBase45(bytes: Uint8Array): string {
  const text = Buffer.allocUnsafe(Math.floor(bytes.length / 2) * 3 + (bytes.length % 2) * 2);
  let at = 0;
  for (let index = 0; index < bytes.length; index += 2) {
    const high = bytes[index] ?? 0;
    const low = bytes[index + 1];
    const value = low === undefined ? high : high * 256 + low;
    text[at++] = codes[value % 45] ?? 0;
    text[at++] = codes[Math.floor(value / 45) % 45] ?? 0;
    if (low !== undefined) text[at++] = codes[Math.floor(value / 2025)] ?? 0;
  }
  return text.toString('latin1');
}

/** The bytes of a base45 text; undefined when it is not one, holds groups that stand for no bytes, or is empty. */
export function decodeBase45(text: string): Uint8Array | undefined {
  if (text === '' || !groups.test(text)) return undefined;
  const bytes = new Uint8Array(Math.floor(text.length / 3) * 2 + (text.length % 3 === 2 ? 1 : 0));
  const digit = (index: number) => values[text.charCodeAt(index)] ?? 0;
  let at = 0;
  for (let index = 0; index < text.length; index += 3) {
    const value = digit(index) + digit(index + 1) * 45;
    if (index + 2 < text.length) {
      const pair = value + digit(index + 2) * 2025;
      bytes[at++] = pair >> 8;
      bytes[at++] = pair & 255;
    } else bytes[at++] = value;
  }
  return bytes;
}
