import { desc, eq } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { revocations } from './certificates.table.ts';
import { canonicalUvci } from './dcc/uvci.ts';
import type { Signer } from './signer.ts';

export type RevocationReason = (typeof revocations.$inferSelect)['reason'];

type Writing = Pick<Database, 'insert'>;

/**
 * Revokes a certificate by its UVCI, or a document by its number, in the caller's transaction; once is enough. Never by
 * a signature: of the same certificate there may be two that verify.
 */
export async function revoke(
  tx: Writing,
  reference: string,
  reason: RevocationReason,
  now: Date,
): Promise<void> {
  await tx
    .insert(revocations)
    .values({ reference: canonicalUvci(reference), reason, revokedAt: now })
    .onConflictDoNothing();
}

/** Whether a UVCI, however it is written, or a document's number is revoked. */
export async function isRevoked(db: Database, reference: string): Promise<boolean> {
  const found = await db
    .select({ reference: revocations.reference })
    .from(revocations)
    .where(eq(revocations.reference, canonicalUvci(reference)));
  return found.length > 0;
}

/** The list as it is published: the JSON that is signed, and the signature over its bytes. */
export interface SignedRevocations {
  /** `{ issuedAt, revocations: [{ reference, revokedAt, reason }] }`, the latest first. */
  readonly payload: string;
  /** Base64url: ES256 (raw) or RS256 over the UTF-8 of `payload`. */
  readonly signature: string;
  readonly algorithm: 'ES256' | 'RS256';
  /** Base64 of the DER of the signer's certificate. */
  readonly certificate: string;
}

/** Everything that is revoked, signed. `issuedAt` is that of the latest revocation, so that the list changes only with it. */
export async function publishRevocations(db: Database, signer: Signer): Promise<SignedRevocations> {
  const rows = await db
    .select()
    .from(revocations)
    .orderBy(desc(revocations.revokedAt), revocations.reference);
  const payload = JSON.stringify({
    issuedAt: rows[0]?.revokedAt.toISOString() ?? null,
    revocations: rows.map(({ reference, revokedAt, reason }) => ({
      reference,
      revokedAt: revokedAt.toISOString(),
      reason,
    })),
  });
  const signature = await signer.sign(new Uint8Array(Buffer.from(payload, 'utf8')));
  return {
    payload,
    signature: Buffer.from(signature).toString('base64url'),
    algorithm: signer.keyType === 'EC' ? 'ES256' : 'RS256',
    certificate: Buffer.from(signer.certificate).toString('base64'),
  };
}
