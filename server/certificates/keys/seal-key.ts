import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';

type Secrets = readonly [string, ...string[]];

const nonceBytes = 12;
const tagBytes = 16;

/** A private key as it is stored: nonce, PKCS#8 under AES-256-GCM, tag; bound to what it signs. */
export function sealKey(secrets: Secrets, key: KeyObject, purpose: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', keyOf(secrets[0]), nonce).setAAD(Buffer.from(purpose));
  const plain = key.export({ type: 'pkcs8', format: 'der' });
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** The key that was sealed with any of the secrets; undefined when none opens it. */
export function openKey(secrets: Secrets, stored: Uint8Array, purpose: string): KeyObject | undefined {
  for (const secret of secrets) {
    try {
      const decipher = createDecipheriv('aes-256-gcm', keyOf(secret), stored.subarray(0, nonceBytes));
      decipher.setAAD(Buffer.from(purpose)).setAuthTag(stored.subarray(-tagBytes));
      const plain = Buffer.concat([
        decipher.update(stored.subarray(nonceBytes, -tagBytes)),
        decipher.final(),
      ]);
      return createPrivateKey({ key: plain, type: 'pkcs8', format: 'der' });
    } catch {
      // Sealed with another secret.
    }
  }
  return undefined;
}

function keyOf(secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', 'certificate keys', 32));
}
