import { createHash, verify, X509Certificate } from 'node:crypto';
import { type DerElement, der, readDer, readDerElement, readOid, writeDer } from '../der.ts';
import { commonName, type TrustList } from '../trust-list.ts';

/** What the time-stamp of a signature (RFC 3161) is worth. */
export type Timestamp =
  | { readonly state: 'none' | 'of_another' | 'altered' }
  | {
      /**
       * `verified`: signed by an authority that is believed. `unknown_authority`: signed by the one that it names, which
       * is not. `unverified`: in a way that is not checked here.
       */
      readonly state: 'verified' | 'unknown_authority' | 'unverified';
      readonly at: Date;
      /** As its certificate names it. */
      readonly authority?: string;
    };

const oids = {
  signatureTimestamp: '1.2.840.113549.1.9.16.2.14',
  tstInfo: '1.2.840.113549.1.9.16.1.4',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
} as const;

const digests: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/** Signatures that name their digest themselves or leave it to the signer's (RSA PKCS#1 v1.5, ECDSA). */
const signatureDigests: Readonly<Record<string, string | undefined>> = {
  '1.2.840.113549.1.1.1': undefined,
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
};

/**
 * Verifies the time-stamp among the unsigned attributes of a signature: that it is of this very signature, signed by an
 * authority whose certificate is for that and was in force, and whether that authority is believed (itself, or who issued it).
 * @throws Error when it is no time-stamp.
 */
export function verifyTimestamp(
  unsigned: DerElement | undefined,
  signature: Uint8Array,
  trust: TrustList,
): Timestamp {
  const attribute = readDer(unsigned?.contents ?? new Uint8Array())
    .map(({ contents }) => readDer(contents))
    .find(([type]) => type && readOid(type) === oids.signatureTimestamp);
  if (!attribute) return { state: 'none' };
  const { content, imprint, at, certificates, signer } = readToken(partAt(attribute, 1));
  const algorithm = { 32: 'sha256', 48: 'sha384', 64: 'sha512' }[imprint.length];
  if (algorithm === undefined || !createHash(algorithm).update(signature).digest().equals(imprint))
    return { state: 'of_another' };
  if (signer.digest === undefined || signer.signedWith === undefined) return { state: 'unverified', at };
  if (!createHash(signer.digest).update(content).digest().equals(signer.messageDigest))
    return { state: 'altered' };

  const believed = trust.all('tsa');
  const known = [...certificates, ...believed.map(({ certificate }) => new X509Certificate(certificate))];
  const mayBe = known.filter((each) => signerName(each.raw).equals(signer.name));
  // Nobody to ask: it came without the certificate that it names.
  if (mayBe.length === 0) return { state: 'unknown_authority', at };
  const { signed, signedWith, value } = signer;
  const by = mayBe.find((each) => isSigned(each, signedWith, signed, value));
  if (!by) return { state: 'altered' };
  const authority = commonName(by);
  // Despite its name, this is the extended key usage.
  const isForThis = (by.keyUsage ?? []).includes(oids.timeStamping);
  const inForce = at >= new Date(by.validFrom) && at <= new Date(by.validTo);
  const isBelieved = believed.some(({ certificate }) => {
    const one = new X509Certificate(certificate);
    return one.raw.equals(by.raw) || (one.ca && by.checkIssued(one) && by.verify(one.publicKey));
  });
  return { state: isForThis && inForce && isBelieved ? 'verified' : 'unknown_authority', at, authority };
}

/** What a time-stamp token is made of: ContentInfo > [0] > SignedData of a TSTInfo, with one signer. */
function readToken(values: DerElement) {
  const contentInfo = readDer(readDerElement(values.contents).contents);
  const signedData = readDer(readDerElement(partAt(contentInfo, 1).contents).contents);
  const encapsulated = readDer(partAt(signedData, 2).contents);
  if (readOid(partAt(encapsulated, 0)) !== oids.tstInfo) throw new Error('not a time-stamp');
  const content = readDerElement(partAt(encapsulated, 1).contents).contents;
  // TSTInfo: version, policy, messageImprint { algorithm, digest }, serial number, time, …
  const tstInfo = readDer(readDerElement(content).contents);
  const certificates = signedData.find(({ tag }) => tag === der.context);
  return {
    content,
    imprint: partAt(readDer(partAt(tstInfo, 2).contents), 1).contents,
    at: timeOf(partAt(tstInfo, 4)),
    certificates: readDer(certificates?.contents ?? new Uint8Array())
      .filter(({ tag }) => tag === der.sequence)
      .map(({ whole }) => new X509Certificate(whole)),
    signer: readSigner(readDer(readDerElement(partAt(signedData, signedData.length - 1).contents).contents)),
  };
}

/** SignerInfo: version, name, digest, [0] signed attributes, signature's algorithm, signature. */
function readSigner(info: readonly DerElement[]) {
  const attributes = partAt(info, 3);
  if (attributes.tag !== der.context) throw new Error('a time-stamp without signed attributes');
  const attribute = (oid: string) => {
    const found = readDer(attributes.contents)
      .map(({ contents }) => readDer(contents))
      .filter(([type]) => type && readOid(type) === oid);
    if (found.length !== 1 || !found[0]) throw new Error(`not one attribute ${oid}`);
    return readDerElement(partAt(found[0], 1).contents);
  };
  if (readOid(attribute(oids.contentType)) !== oids.tstInfo) throw new Error('not of a time-stamp');
  const digest = digests[readOid(partAt(readDer(partAt(info, 2).contents), 0))];
  const named = readOid(partAt(readDer(partAt(info, 4).contents), 0));
  return {
    name: Buffer.from(partAt(info, 1).whole),
    digest,
    messageDigest: attribute(oids.messageDigest).contents,
    signed: writeDer(der.set, attributes.contents),
    /** Undefined for what is not checked here. */
    signedWith: named in signatureDigests ? (signatureDigests[named] ?? digest) : undefined,
    value: partAt(info, 5).contents,
  };
}

/** Issuer and serial number of a certificate (DER), as a signature names its signer. */
function signerName(certificate: Uint8Array): Buffer {
  const body = readDer(partAt(readDer(readDerElement(certificate).contents), 0).contents);
  // [0] version when it is not the first, then serial number, algorithm, issuer.
  const first = partAt(body, 0).tag === der.context ? 1 : 0;
  return Buffer.from(writeDer(der.sequence, partAt(body, first + 2).whole, partAt(body, first).whole));
}

function isSigned(
  certificate: X509Certificate,
  digest: string,
  signed: Uint8Array,
  value: Uint8Array,
): boolean {
  try {
    return verify(digest, signed, certificate.publicKey, value);
  } catch {
    return false;
  }
}

/** A GeneralizedTime of a time-stamp: UTC, with fractions of a second or without. */
function timeOf({ contents }: DerElement): Date {
  const text = Buffer.from(contents).toString('latin1');
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z$/.exec(text);
  if (!found) throw new Error('a time-stamp without a time');
  const [, year, month, day, hour, minute, second] = found;
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function partAt(elements: readonly DerElement[], index: number): DerElement {
  const element = elements[index];
  if (!element) throw new Error('a part is missing');
  return element;
}
