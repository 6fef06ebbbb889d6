import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signEs256, verifyEs256 } from './ecdsa.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
const messageOf = (n: number) => createHash('sha256').update(String(n)).digest();
const messages = Array.from({ length: 1500 }, (_, n) => messageOf(n));

describe('an ES256 signature', () => {
  it('verifies as node:crypto reads two numbers one after the other', () => {
    const options = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
    // Also numbers with a first byte of zero, which DER leaves out: as many signatures as it takes to meet some (1 in 128).
    let short = 0;
    for (let n = 0; n < messages.length || short === 0; n += 1) {
      const message = messageOf(n);
      const signature = signEs256(message, privateKey);
      expect(signature).toHaveLength(64);
      expect(verify('sha256', message, options, signature)).toBe(true);
      if (signature[0] === 0 || signature[32] === 0) short++;
    }
  });

  it('is verified as node:crypto writes it, with its key alone and only as it was made', () => {
    const options = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
    for (const message of messages) {
      const signature = sign('sha256', message, options);
      expect(verifyEs256(message, publicKey, signature)).toBe(true);
      signature[40] = (signature[40] ?? 0) ^ 1;
      expect(verifyEs256(message, publicKey, signature)).toBe(false);
    }
    const [message = Buffer.from('')] = messages;
    const signature = signEs256(message, privateKey);
    expect(verifyEs256(message, other, signature)).toBe(false);
    const zeros = new Uint8Array(64);
    for (const wrong of [zeros, new Uint8Array(), signature.subarray(1), Buffer.concat([signature, zeros])]) {
      expect(verifyEs256(message, publicKey, wrong)).toBe(false);
    }
  });
});
