import { X509Certificate } from 'node:crypto';
import type { Database } from '../database/client.ts';
import { trustedSigners } from './certificates.table.ts';
import { fingerprint } from './keys/key-store.ts';
import { type TrustedPurpose, trustedSigner } from './trust-list.ts';

export interface ImportedSigners {
  readonly added: number;
  readonly known: number;
  /** What was no certificate of a key that anything is signed with, by its place in the list, from 1. */
  readonly rejected: readonly { readonly place: number; readonly reason: string }[];
}

/**
 * Believes the signers of a list of certificates (PEM, one after the other). Run again, it adds what is new.
 * @param options.country ISO 3166, where the certificates do not say it.
 * @param options.reference for 2D-Docs, authority and certificate: `FR000001`.
 */
export async function importSigners(
  db: Database,
  pem: string,
  options: {
    readonly purpose: TrustedPurpose;
    readonly country?: string;
    readonly reference?: string;
    readonly now: Date;
  },
): Promise<ImportedSigners> {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  const rejected: { place: number; reason: string }[] = [];
  let added = 0;
  let known = 0;
  for (const [index, block] of blocks.entries()) {
    const place = index + 1;
    try {
      const certificate = new Uint8Array(new X509Certificate(block).raw);
      const { reference, country } = trustedSigner(options.purpose, certificate, options);
      if (!/^[A-Z]{2}$/.test(country)) throw new Error('whose country it is, is not said');
      if (options.purpose === 'two_d_doc' && options.reference === undefined) {
        throw new Error('a 2D-Doc signer needs its reference');
      }
      const row = { purpose: options.purpose, reference, country, certificate: Buffer.from(certificate) };
      const inserted = await db
        .insert(trustedSigners)
        .values({ ...row, fingerprint: fingerprint(certificate), importedAt: options.now })
        .onConflictDoNothing()
        .returning({ id: trustedSigners.id });
      if (inserted.length > 0) added += 1;
      else known += 1;
    } catch (error) {
      rejected.push({ place, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { added, known, rejected };
}
