import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** The issuer's tokens of one session. Instants are ISO 8601. */
export interface Tokens {
  readonly accessToken: string;
  /** Until when the access token holds; two minutes, as Pro Santé Connect does it. */
  readonly accessUntil: string;
  readonly refreshToken: string | null;
  /** Names the session at the issuer when it is to be ended there too. */
  readonly idToken: string;
}

type Secrets = readonly [string, ...string[]];

const nonceBytes = 12;
const tagBytes = 16;

/** The tokens as they are stored: nonce, cipher text, tag (AES-256-GCM), with a key derived from the first secret. */
export function sealTokens(secrets: Secrets, tokens: Tokens): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', keyOf(secrets[0]), nonce);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(tokens), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]);
}

/** What was sealed with any of the secrets; undefined when none opens it: the session goes on without the issuer. */
export function openTokens(secrets: Secrets, stored: Uint8Array): Tokens | undefined {
  for (const secret of secrets) {
    try {
      const decipher = createDecipheriv('aes-256-gcm', keyOf(secret), stored.subarray(0, nonceBytes));
      decipher.setAuthTag(stored.subarray(-tagBytes));
      const opened = Buffer.concat([
        decipher.update(stored.subarray(nonceBytes, -tagBytes)),
        decipher.final(),
      ]).toString('utf8');
      // Only `sealTokens` can have made what the tag vouches for.
      return JSON.parse(opened) as Tokens;
    } catch {
      // Sealed with another secret.
    }
  }
  return undefined;
}

function keyOf(secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', 'professional tokens', 32));
}
