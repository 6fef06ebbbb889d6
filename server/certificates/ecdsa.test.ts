import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signEs256, verifyEs256 } from './ecdsa.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
// As many as it takes to meet numbers with a first byte of zero, which DER leaves out (1 in 128 of these).
const messages = Array.from({ length: 1500 }, (_, n) => createHash('sha256').update(String(n)).digest());

describe('an ES256 signature', () => {
  it('verifies as node:crypto reads two numbers one after the other', () => {
    const options = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
    let short = 0;
    for (const message of messages) {
      const signature = signEs256(message, privateKey);
      expect(signature).toHaveLength(64);
      expect(verify('sha256', message, options, signature)).toBe(true);
      if (signature[0] === 0 || signature[32] === 0) short++;
    }
    expect(short).toBeGreaterThan(0);
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
