import { type KeyObject, X509Certificate } from 'node:crypto';
import { keyIdentifier, signingKeyType } from './signer.ts';

/** What a signer may sign: kinds of DCC, 2D-Docs of its own number, the service's documents. */
export type SigningPurpose = 'dcc' | 'two_d_doc' | 'document';

/** What somebody is believed for: to sign that, or (`tsa`) to say when documents were signed. */
export type TrustedPurpose = SigningPurpose | 'tsa';

/** A certificate whose signatures are believed. */
export interface TrustedSigner {
  readonly purpose: TrustedPurpose;
  /** DER. */
  readonly certificate: Uint8Array;
  /** ISO 3166, of whom it signs for. */
  readonly country: string;
  /** DCC: hexadecimal key identifier. 2D-Doc: authority and certificate, `FR000001`. Documents: SHA-256 of the certificate. */
  readonly reference: string;
  readonly key: KeyObject;
  /** Names of whoever holds the key. */
  readonly subject: string;
  /** Extended key usages, as OIDs. */
  readonly usages: readonly string[];
  readonly validFrom: Date;
  readonly validTo: Date;
}

/** Who is believed, found by what a signed thing calls its signer. */
export interface TrustList {
  /** Several, where countries chose the same identifier. */
  find(purpose: TrustedPurpose, reference: string): readonly TrustedSigner[];
  /** Everybody believed for that. */
  all(purpose: TrustedPurpose): readonly TrustedSigner[];
}

/** A trust list of these signers. */
export function trustList(signers: readonly TrustedSigner[]): TrustList {
  const byReference = Map.groupBy(signers, ({ purpose, reference }) => `${purpose} ${reference}`);
  return {
    find: (purpose, reference) => byReference.get(`${purpose} ${reference}`) ?? [],
    all: (purpose) => signers.filter((each) => each.purpose === purpose),
  };
}

/**
 * A certificate as a member of a trust list.
 * @param certificate DER.
 * @param reference for a 2D-Doc, authority and certificate; otherwise made from the certificate.
 * @throws Error when the bytes are no certificate, or its key is of a type that nothing here is signed with.
 */
export function trustedSigner(
  purpose: TrustedPurpose,
  certificate: Uint8Array,
  options: { readonly country?: string; readonly reference?: string } = {},
): TrustedSigner {
  const parsed = new X509Certificate(certificate);
  // Time-stamping authorities have keys of their own choice.
  if (purpose !== 'tsa') signingKeyType(parsed.publicKey);
  return {
    purpose,
    certificate,
    country: options.country ?? /(?:^|\n)C=([A-Z]{2})(?:\n|$)/.exec(parsed.subject)?.[1] ?? '',
    reference: options.reference ?? referenceOf(purpose, parsed),
    key: parsed.publicKey,
    subject: commonName(parsed),
    // Despite its name, this is the extended key usage.
    usages: parsed.keyUsage ?? [],
    validFrom: new Date(parsed.validFrom),
    validTo: new Date(parsed.validTo),
  };
}

function referenceOf(purpose: TrustedPurpose, certificate: X509Certificate): string {
  if (purpose === 'dcc') return Buffer.from(keyIdentifier(certificate.raw)).toString('hex');
  return certificate.fingerprint256.replaceAll(':', '').toLowerCase();
}

/** The name in a certificate's subject; the whole subject where it has none. */
export function commonName(certificate: X509Certificate): string {
  return /(?:^|\n)CN=([^\n]+)/.exec(certificate.subject)?.[1] ?? certificate.subject.replaceAll('\n', ', ');
}
