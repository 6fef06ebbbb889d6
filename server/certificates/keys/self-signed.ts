import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { der, writeDer, writeOid } from '../der.ts';

export interface SelfSigned {
  readonly privateKey: KeyObject;
  /** DER. */
  readonly certificate: Uint8Array;
}

/** OIDs of X.509 (RFC 5280, RFC 5758). */
const oids = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  country: '2.5.4.6',
  organisation: '2.5.4.10',
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
} as const;

/**
 * A P-256 key with a certificate that it signs itself: for trying and for tests, believed by nobody else.
 * @param name its common name.
 * @param options.usages extended key usages, as OIDs.
 */
export function selfSigned(
  name: string,
  options: { readonly validFrom: Date; readonly validTo: Date; readonly usages?: readonly string[] },
): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
  const algorithm = sequence(writeOid(oids.ecdsaWithSha256));
  // Positive, as a serial number must be.
  const serial = writeDer(
    der.integer,
    new Uint8Array([0x40 | ((randomBytes(1)[0] ?? 0) % 0x40), ...randomBytes(15)]),
  );
  const subject = sequence(
    attribute(oids.country, der.printableString, 'FR'),
    attribute(oids.organisation, der.utf8String, 'Aiguillage'),
    attribute(oids.commonName, der.utf8String, name),
  );
  const keyId = createHash('sha1').update(spki).digest();
  // digitalSignature and nonRepudiation.
  const usage = writeDer(der.bitString, new Uint8Array([6, 0xc0]));
  const usages = options.usages ?? [];
  const extensions = [
    extension(oids.subjectKeyIdentifier, writeDer(der.octetString, keyId)),
    extension(oids.keyUsage, usage),
    ...(usages.length > 0 ? [extension(oids.extendedKeyUsage, sequence(...usages.map(writeOid)))] : []),
  ];
  const signed = sequence(
    writeDer(der.context, writeDer(der.integer, new Uint8Array([2]))),
    serial,
    algorithm,
    subject,
    sequence(time(options.validFrom), time(options.validTo)),
    subject,
    spki,
    writeDer(der.context | 3, sequence(...extensions)),
  );
  const signature = writeDer(der.bitString, new Uint8Array([0]), sign('sha256', signed, privateKey));
  return { privateKey, certificate: sequence(signed, algorithm, signature) };
}

function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return writeDer(der.sequence, ...parts);
}

function attribute(oid: string, tag: number, text: string): Uint8Array {
  return writeDer(der.set, sequence(writeOid(oid), writeDer(tag, Buffer.from(text, 'utf8'))));
}

function extension(oid: string, value: Uint8Array): Uint8Array {
  return sequence(writeOid(oid), writeDer(der.octetString, value));
}

/** Two digits for the year: until 2049. */
function time(at: Date): Uint8Array {
  const text = at
    .toISOString()
    .replaceAll(/[-:T]|\.\d+/g, '')
    .slice(2);
  return writeDer(der.utcTime, Buffer.from(text, 'latin1'));
}
