/**
 * Purpose: who signs. A key that may be held elsewhere (a file, a card, a service), behind the least it has to do.
 * Entry points: `Signer`, `localSigner`, `keyIdentifier`.
 * May import: ecdsa.ts.
 */
import { createHash, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { signEs256 } from './ecdsa.ts';

/**
 * Signs with a key that it does not show: a local one, or one behind PKCS#11 or a service.
 * Signatures are as node:crypto calls `ieee-p1363` for an elliptic-curve key (64 bytes for P-256), PKCS#1 v1.5 for RSA;
 * over the SHA-256 of what is given.
 */
export interface Signer {
  /** DER. */
  readonly certificate: Uint8Array;
  /** Those of the issuers, nearest first, without the root. */
  readonly chain: readonly Uint8Array[];
  readonly keyType: 'EC' | 'RSA';
  sign(data: Uint8Array): Promise<Uint8Array>;
}

/**
 * A signer of a key in memory.
 * @throws Error unless the key is on P-256 or RSA, and the certificate's own.
 */
export function localSigner(
  privateKey: KeyObject,
  certificate: Uint8Array,
  chain: readonly Uint8Array[] = [],
): Signer {
  const keyType = signingKeyType(privateKey);
  if (!new X509Certificate(certificate).checkPrivateKey(privateKey)) {
    throw new Error('the key is not that of the certificate');
  }
  const signed = (data: Uint8Array) =>
    keyType === 'EC' ? signEs256(data, privateKey) : sign('sha256', data, privateKey);
  return { certificate, chain, keyType, sign: async (data) => signed(data) };
}

/** The type of a key, public or private, that we sign with. @throws Error for one that we do not. */
export function signingKeyType(key: KeyObject): 'EC' | 'RSA' {
  if (key.asymmetricKeyType === 'rsa') return 'RSA';
  if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'EC';
  throw new Error(`signatures are made with a P-256 or an RSA key, not with ${key.asymmetricKeyType}`);
}

/** What a DCC calls its signer by: the first 8 bytes of the SHA-256 of the certificate (DER). */
export function keyIdentifier(certificate: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(certificate).digest().subarray(0, 8));
}
