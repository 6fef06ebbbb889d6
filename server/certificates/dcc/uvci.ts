import { randomFillSync } from 'node:crypto';

/** What a UVCI may be made of, and what its check character is one of, by value (eHealth network, UVCI annex 2). */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/:';
/** Without letters and digits that are taken for each other when read aloud. */
const opaqueAlphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const opaqueLength = 16;
/** What each character is worth in the check character, by its code. */
const values = new Int8Array(128).fill(-1);
for (const [value, character] of [...alphabet].entries()) values[character.charCodeAt(0)] = value;

/**
 * The check character of a UVCI without its `#`: Luhn modulo N over the whole of it, `URN:UVCI:` included.
 * @returns undefined when it holds a character that no UVCI has.
 */
export function uvciCheck(uvci: string): string | undefined {
  const upper = uvci.toUpperCase();
  let factor = 2;
  let sum = 0;
  for (let index = upper.length - 1; index >= 0; index--) {
    const value = values[upper.charCodeAt(index)] ?? -1;
    if (value < 0) return undefined;
    const addend = value * factor;
    sum += Math.floor(addend / alphabet.length) + (addend % alphabet.length);
    factor = factor === 2 ? 1 : 2;
  }
  return alphabet[(alphabet.length - (sum % alphabet.length)) % alphabet.length];
}

/**
 * A new UVCI of a country (`FR`), with nothing in it that says whose it is (option 3: opaque), and its check character.
 * 80 bits of chance: the table that keeps them has them unique.
 */
export function newUvci(country: string, random: (count: number) => Uint8Array = drawn): string {
  let uvci = `URN:UVCI:01:${country}:`;
  // 32 letters: five bits of each byte, none likelier than another.
  for (const byte of random(opaqueLength)) uvci += opaqueAlphabet.charAt(byte % opaqueAlphabet.length);
  return `${uvci}#${uvciCheck(uvci)}`;
}

/** Chance is drawn for many at once, since asking for it takes longer than using it; each byte is given once. */
const chance = new Uint8Array(4096);
let given = chance.length;

function drawn(count: number): Uint8Array {
  if (given + count > chance.length) {
    randomFillSync(chance);
    given = 0;
  }
  given += count;
  return chance.slice(given - count, given);
}

/**
 * A UVCI in the one way that revocations are kept by: capitals, without its check character, which some issuers get
 * wrong and others leave out.
 */
export function canonicalUvci(uvci: string): string {
  const upper = uvci.trim().toUpperCase();
  const hash = upper.lastIndexOf('#');
  return hash > 0 ? upper.slice(0, hash) : upper;
}
