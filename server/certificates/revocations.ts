import { desc, eq } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { revocations } from './certificates.table.ts';
import { canonicalUvci } from './dcc/uvci.ts';
import type { Signer } from './signer.ts';

export type RevocationReason = (typeof revocations.$inferSelect)['reason'];

type Writing = Pick<Database, 'insert'>;
export type Revocation = typeof revocations.$inferSelect;

/**
 * Revokes a certificate by its UVCI, a document by its number, a 2D-Doc by its reference (two-d-doc-reference.ts), in the caller's transaction; once is enough. Never by
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

/** Takes a revocation back: what it was about was issued anew, word for word. */
export async function restore(tx: Pick<Database, 'delete'>, reference: string): Promise<void> {
  await tx.delete(revocations).where(eq(revocations.reference, canonicalUvci(reference)));
}

/** The revocation of a UVCI, however it is written, of a document's number or of a 2D-Doc's reference. */
export async function findRevocation(db: Database, reference: string): Promise<Revocation | undefined> {
  const [found] = await db
    .select()
    .from(revocations)
    .where(eq(revocations.reference, canonicalUvci(reference)));
  return found;
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
