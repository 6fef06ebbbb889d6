import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Where a search goes on, and what was asked: all that a link to its next page holds, sealed. */
export interface Cursor {
  readonly of: 'Immunization' | 'Patient' | 'AdverseEvent' | 'history';
  /** The parameters, as often as each was given; never those that identify a patient. */
  readonly asked: readonly (readonly [string, readonly string[]])[];
  /** The last one of the page before: the instant sorted by, and the id; of a history, its version. */
  readonly after?: { readonly at: string; readonly id: string };
  /** Instead: the ids found, and how many of them were shown. */
  readonly found?: { readonly ids: readonly string[]; readonly shown: number };
}

type Secrets = readonly [string, ...string[]];

const nonceBytes = 12;
const tagBytes = 16;

/**
 * A cursor as it stands in a link (AES-256-GCM, base64url): nobody reads in an address what was searched for, and it
 * opens for the professional alone to whom it was given.
 */
export function sealCursor(secrets: Secrets, professionalId: string, cursor: Cursor): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', keyOf(secrets[0]), nonce);
  cipher.setAAD(Buffer.from(professionalId));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(cursor), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64url');
}

/** What was sealed for that professional with any of the secrets; undefined when nothing was. */
export function openCursor(secrets: Secrets, professionalId: string, text: string): Cursor | undefined {
  const stored = Buffer.from(text, 'base64url');
  if (stored.length <= nonceBytes + tagBytes) return undefined;
  for (const secret of secrets) {
    try {
      const decipher = createDecipheriv('aes-256-gcm', keyOf(secret), stored.subarray(0, nonceBytes));
      decipher.setAAD(Buffer.from(professionalId));
      decipher.setAuthTag(stored.subarray(-tagBytes));
      const opened = Buffer.concat([
        decipher.update(stored.subarray(nonceBytes, -tagBytes)),
        decipher.final(),
      ]).toString('utf8');
      // Only `sealCursor` can have made what the tag vouches for.
      return JSON.parse(opened) as Cursor;
    } catch {
      // Sealed with another secret, for somebody else, or not by us.
    }
  }
  return undefined;
}

function keyOf(secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', 'fhir cursors', 32));
}
