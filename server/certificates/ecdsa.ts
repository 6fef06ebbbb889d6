import { type KeyObject, sign, verify } from 'node:crypto';
import { der, readDer, writeDer } from './der.ts';

/** Of each of the two numbers that a signature is made of. */
const numberBytes = 32;

/*
 * node:crypto can write the two numbers one after the other itself (`dsaEncoding`), but only of a key that is wrapped in
 * options, and it finds out that options are no key by two exceptions: as long again as the signature takes.
 */

/**
 * Signs with a key on P-256, over the SHA-256 of what is given.
 * @returns the two numbers of the signature one after the other, 64 bytes (`ieee-p1363`), as ES256 has it.
 */
export function signEs256(data: Uint8Array, key: KeyObject): Uint8Array {
  return fixedSignature(sign('sha256', data, key));
}

/**
 * Whether an elliptic-curve key signed the SHA-256 of the data.
 * @param signature as `signEs256` makes it; of any other length, it did not.
 */
export function verifyEs256(data: Uint8Array, key: KeyObject, signature: Uint8Array): boolean {
  if (signature.length !== 2 * numberBytes) return false;
  return verify('sha256', data, key, derSignature(signature));
}

/** From DER to two numbers of 32 bytes. @throws RangeError when they are not that. */
function fixedSignature(signature: Uint8Array): Uint8Array {
  const [whole] = readDer(signature);
  const numbers = readDer(whole?.contents ?? new Uint8Array());
  const fixed = new Uint8Array(2 * numberBytes);
  for (const [place, { contents }] of numbers.entries()) {
    // A zero before the first bit says that the number is not negative.
    const number = contents.length > numberBytes && contents[0] === 0 ? contents.subarray(1) : contents;
    fixed.set(number, (place + 1) * numberBytes - number.length);
  }
  return fixed;
}

/** From two numbers of the same length, one after the other, to DER: a SEQUENCE of two INTEGER. */
export function derSignature(signature: Uint8Array): Uint8Array {
  const half = signature.length / 2;
  const numbers = [0, half].map((place) => {
    const end = place + half;
    let from = place;
    while (from < end - 1 && signature[from] === 0) from++;
    const positive = (signature[from] ?? 0) > 127 ? [Uint8Array.of(0)] : [];
    return writeDer(der.integer, ...positive, signature.subarray(from, end));
  });
  return writeDer(der.sequence, ...numbers);
}
