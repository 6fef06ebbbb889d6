import { createHash, X509Certificate } from 'node:crypto';
import { type DerElement, der, readDer, readDerElement, readOid, writeDer, writeOid } from '../der.ts';

export interface CmsSignature {
  readonly certificate: X509Certificate;
  readonly digest: Uint8Array;
  /** The signed attributes as they were signed. */
  readonly signed: Uint8Array;
  readonly value: Uint8Array;
  /** OIDs of the signed attributes. */
  readonly signedAttributes: readonly string[];
  /** The attributes that are not signed: a time-stamp, if any (verify-timestamp.ts). */
  readonly unsigned: DerElement | undefined;
}

const oids = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  sha256: '2.16.840.1.101.3.4.2.1',
} as const;

/** How the signatures that we know name themselves, by the key that makes them (RFC 5754). */
const signatureAlgorithms = {
  ec: ['1.2.840.10045.4.3.2'],
  rsa: ['1.2.840.113549.1.1.1', '1.2.840.113549.1.1.11'],
} as const;

/**
 * Takes a detached CMS signature (RFC 5652) of one signer with SHA-256 apart. Little of it is covered by the signature
 * itself: all that is not has to be as it must be, so that no byte can be altered unseen but in certificates that come
 * along and are not the signer's.
 * @throws Error when it is not such a signature, or not one that binds its certificate.
 */
export function readCms(bytes: Uint8Array): CmsSignature {
  const whole = readDerElement(bytes);
  const content = at(readDer(whole.contents), 1);
  const parts = readDer(readDerElement(content.contents).contents);
  const certificates = parts.find(({ tag }) => tag === der.context);
  const info = readDer(readDerElement(at(parts, parts.length - 1).contents).contents);
  const place = info.findIndex(({ tag }) => tag === der.context);
  const attributes = readDer(at(info, place).contents).map(({ contents }) => {
    const [type, values] = readDer(contents);
    if (!type || !values) throw new Error('an attribute without a value');
    return { oid: readOid(type), value: readDerElement(values.contents) };
  });
  const attribute = (oid: string) => {
    const found = attributes.filter((each) => each.oid === oid);
    if (found.length !== 1 || !found[0]) throw new Error(`not one attribute ${oid}`);
    return found[0].value;
  };
  // SigningCertificateV2 > certs > the first > its hash, SHA-256 unless an algorithm stands before it.
  const named = readDer(
    at(readDer(at(readDer(attribute(oids.signingCertificateV2).contents), 0).contents), 0).contents,
  );
  const hash = at(named, 0).tag === der.octetString ? at(named, 0) : at(named, 1);
  const der509 = readDer(certificates?.contents ?? new Uint8Array()).find((each) =>
    createHash('sha256').update(each.whole).digest().equals(hash.contents),
  );
  if (!certificates || !der509) throw new Error('without the certificate that it names');
  const certificate = new X509Certificate(der509.whole);
  const [value, unsigned] = [at(info, place + 2), info[place + 3]];
  const rebuilt = inForm({
    version: oneOf(at(parts, 0), [
      writeDer(der.integer, Uint8Array.of(1)),
      writeDer(der.integer, Uint8Array.of(3)),
    ]),
    digest: [
      oneOf(at(readDer(at(parts, 1).contents), 0), algorithm(oids.sha256)),
      oneOf(at(info, 2), algorithm(oids.sha256)),
    ],
    certificates: certificates.contents,
    signer: signerName(der509.whole),
    attributes: at(info, place).contents,
    signature: oneOf(at(info, place + 1), signatureNames(certificate)),
    value: value.contents,
    unsigned: unsigned?.contents,
  });
  // What is left of the place that was kept for it is filled with zeros.
  const filling = bytes.subarray(whole.whole.length);
  if (!rebuilt.equals(whole.whole) || filling.some((byte) => byte !== 0))
    throw new Error('not in the form of such a signature');
  return {
    certificate,
    digest: attribute(oids.messageDigest).contents,
    signed: writeDer(der.set, at(info, place).contents),
    value: value.contents,
    signedAttributes: attributes.map(({ oid }) => oid),
    unsigned,
  };
}

/** The only form that a signature of these parts may have. */
function inForm(parts: {
  readonly version: Uint8Array;
  /** As the signed data and the signer name it. */
  readonly digest: readonly [Uint8Array, Uint8Array];
  readonly certificates: Uint8Array;
  readonly signer: Uint8Array;
  readonly attributes: Uint8Array;
  readonly signature: Uint8Array;
  readonly value: Uint8Array;
  readonly unsigned: Uint8Array | undefined;
}): Buffer {
  const signerInfo = writeDer(
    der.sequence,
    writeDer(der.integer, Uint8Array.of(1)),
    parts.signer,
    parts.digest[1],
    writeDer(der.context, parts.attributes),
    parts.signature,
    writeDer(der.octetString, parts.value),
    ...(parts.unsigned ? [writeDer(der.context | 1, parts.unsigned)] : []),
  );
  const signedData = writeDer(
    der.sequence,
    parts.version,
    writeDer(der.set, parts.digest[0]),
    writeDer(der.sequence, writeOid(oids.data)),
    writeDer(der.context, parts.certificates),
    writeDer(der.set, signerInfo),
  );
  return Buffer.from(writeDer(der.sequence, writeOid(oids.signedData), writeDer(der.context, signedData)));
}

/** The issuer and the serial number of a certificate (DER), as a signature names its signer. */
function signerName(certificate: Uint8Array): Uint8Array {
  const body = readDer(at(readDer(readDerElement(certificate).contents), 0).contents);
  // [0] version when it is not the first, then serial number, algorithm, issuer.
  const first = at(body, 0).tag === der.context ? 1 : 0;
  return writeDer(der.sequence, at(body, first + 2).whole, at(body, first).whole);
}

/** An AlgorithmIdentifier without parameters, with none said and with NULL: both are written. */
function algorithm(oid: string): readonly Uint8Array[] {
  const name = writeOid(oid);
  return [writeDer(der.sequence, name), writeDer(der.sequence, name, Uint8Array.of(5, 0))];
}

function signatureNames({ publicKey: { asymmetricKeyType: type } }: X509Certificate): readonly Uint8Array[] {
  return type === 'ec' || type === 'rsa' ? signatureAlgorithms[type].flatMap(algorithm) : [];
}

/** What an element is, when it is one of these. @throws Error when it is none of them. */
function oneOf({ whole }: DerElement, allowed: readonly Uint8Array[]): Uint8Array {
  const found = allowed.find((each) => Buffer.from(each).equals(whole));
  if (!found) throw new Error('not what may stand in such a signature');
  return found;
}

function at(elements: readonly DerElement[], index: number): DerElement {
  const element = elements[index];
  if (!element) throw new Error('a part is missing');
  return element;
}
