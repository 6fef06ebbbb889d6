import { KeyObject } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

export interface SelfSigned {
  readonly privateKey: KeyObject;
  /** DER. */
  readonly certificate: Uint8Array;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/**
 * A P-256 key with a certificate that it signs itself: for trying and for tests, believed by nobody else.
 * @param name its common name.
 * @param usages extended key usages, as OIDs.
 */
export async function selfSigned(
  name: string,
  options: { readonly validFrom: Date; readonly validTo: Date; readonly usages?: readonly string[] },
): Promise<SelfSigned> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const usages = options.usages ?? [];
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `C=FR, O=Aiguillage, CN=${name}`,
    notBefore: options.validFrom,
    notAfter: options.validTo,
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.nonRepudiation, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...(usages.length > 0 ? [new ExtendedKeyUsageExtension([...usages])] : []),
    ],
  });
  return { privateKey: KeyObject.from(keys.privateKey), certificate: new Uint8Array(certificate.rawData) };
}
