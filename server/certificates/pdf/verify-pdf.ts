import { createHash, verify, X509Certificate } from 'node:crypto';
import { type DerElement, der, readDer, readDerElement, readOid, writeDer } from '../der.ts';
import type { Finding } from '../findings.ts';
import { commonName, type TrustList } from '../trust-list.ts';
import { maySignDocuments } from './certificate-usage.ts';

export interface VerifiedPdf {
  readonly findings: readonly Finding[];
  /** Name in the certificate, whether or not it is believed. */
  readonly signer?: string;
  /** What a document of ours says of itself; only when nothing is wrong. */
  readonly document?: {
    readonly title: string;
    readonly validatedBy: string;
    readonly number: string;
    readonly recordVersion: string;
  };
  /** OIDs of the signed attributes. */
  readonly signedAttributes: readonly string[];
  /** When the signer says to have signed; undefined when that is not said. */
  readonly signedAt?: Date;
  /** Whether a time-stamp stands with the signature: of this very signature, but its authority is not verified. */
  readonly timestamp?: 'unverified';
}

const oids = {
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  signatureTimestamp: '1.2.840.113549.1.9.16.2.14',
} as const;

/**
 * Who signed a PDF, whether all of it, and whether it is still what was signed. Any bytes give findings: never an
 * exception.
 */
export function verifyPdf(pdf: Uint8Array, trust: TrustList): VerifiedPdf {
  const failed = (code: Finding['code']): VerifiedPdf => ({ findings: [{ code }], signedAttributes: [] });
  const text = Buffer.from(pdf.buffer, pdf.byteOffset, pdf.byteLength).toString('latin1');
  if (!text.startsWith('%PDF-')) return failed('not_pdf');
  const ranges = [
    ...text.matchAll(/\/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]/g),
  ];
  const range = ranges.at(-1)?.slice(1).map(Number);
  if (!range) return failed('unsigned');
  const [from = 0, before = 0, after = 0, length = 0] = range;
  const hole = text.slice(before, after);
  if (from !== 0 || before > after || !/^<[0-9A-Fa-f]+>$/.test(hole)) return failed('not_whole');
  if (after + length > pdf.length) return failed('not_whole');

  let signature: CmsSignature;
  try {
    signature = readCms(new Uint8Array(Buffer.from(hole.slice(1, -1), 'hex')));
  } catch {
    return failed('signature_form');
  }
  const findings: Finding[] = [];
  const digest = createHash('sha256')
    .update(pdf.subarray(0, before))
    .update(pdf.subarray(after, after + length))
    .digest();
  const { certificate, signed, value, signedAttributes } = signature;
  const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
  if (trust.find('document', fingerprint).length === 0) findings.push({ code: 'unknown_signer' });
  if (!digest.equals(signature.digest) || !isSigned(certificate, signed, value))
    findings.push({ code: 'signature' });
  const signedAt = signingTime(text, range);
  if (!signedAt) findings.push({ code: 'signing_time' });
  else if (signedAt < new Date(certificate.validFrom) || signedAt > new Date(certificate.validTo)) {
    findings.push({ code: 'signer_not_in_force' });
  }
  if (!maySignDocuments(certificate.raw)) findings.push({ code: 'signer_usage' });
  if (signature.timestamp === 'of_another') findings.push({ code: 'timestamp' });
  if (after + length < pdf.length) findings.push({ code: 'changed_after' });
  return {
    findings,
    signer: commonName(certificate),
    signedAttributes,
    ...(signedAt && { signedAt }),
    ...(signature.timestamp === 'unverified' && { timestamp: signature.timestamp }),
    ...(findings.length === 0 && { document: describe(pdf) }),
  };
}

/** The time in the dictionary of the signature (`/M`, ISO 32000-1, 7.9.4), which is itself signed; in UTC unless it says otherwise. */
function signingTime(
  text: string,
  [, before = 0, after = 0, length = 0]: readonly number[],
): Date | undefined {
  const near = 1_000;
  const signed =
    text.slice(Math.max(0, before - near), before) + text.slice(after, after + Math.min(length, near));
  const found = /\/M\s*\(D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:Z|([+-]\d\d)'?(\d\d)'?)?/.exec(signed);
  if (!found) return undefined;
  const [, year, month, day, hour, minute, second, zoneHour = '+00', zoneMinute = '00'] = found;
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${zoneHour}:${zoneMinute}`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}

function isSigned(certificate: X509Certificate, signed: Uint8Array, value: Uint8Array): boolean {
  try {
    return verify('sha256', signed, certificate.publicKey, value);
  } catch {
    return false;
  }
}

/** What the document's metadata (XMP, never compressed) say; asked only of bytes that we signed ourselves. */
function describe(pdf: Uint8Array): NonNullable<VerifiedPdf['document']> {
  const text = Buffer.from(pdf.buffer, pdf.byteOffset, pdf.byteLength).toString('utf8');
  const metadata = text.slice(text.indexOf('<x:xmpmeta'), text.indexOf('</x:xmpmeta>'));
  const value = (pattern: RegExp) => pattern.exec(metadata)?.[1] ?? '';
  const [number = '', version = ''] = value(/<pdf:Keywords>([^<]*)</).split(', ');
  return {
    title: value(/<dc:title>[\s\S]*?<rdf:li[^>]*>([^<]*)</),
    validatedBy: value(/<dc:creator>[\s\S]*?<rdf:li[^>]*>([^<]*)</),
    number,
    recordVersion: version.replace(/^version /, ''),
  };
}

interface CmsSignature {
  readonly certificate: X509Certificate;
  readonly digest: Uint8Array;
  /** The signed attributes as they were signed. */
  readonly signed: Uint8Array;
  readonly value: Uint8Array;
  readonly signedAttributes: readonly string[];
  readonly timestamp: 'none' | 'unverified' | 'of_another';
}

/** Takes a detached CMS signature apart. @throws Error when it is not one that binds its certificate. */
function readCms(bytes: Uint8Array): CmsSignature {
  const content = at(readDer(readDerElement(bytes).contents), 1);
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
  const certificate = readDer(certificates?.contents ?? new Uint8Array()).find(({ whole }) =>
    createHash('sha256').update(whole).digest().equals(hash.contents),
  );
  if (!certificate) throw new Error('without the certificate that it names');
  return {
    certificate: new X509Certificate(certificate.whole),
    digest: attribute(oids.messageDigest).contents,
    signed: writeDer(der.set, at(info, place).contents),
    value: at(info, place + 2).contents,
    signedAttributes: attributes.map(({ oid }) => oid),
    timestamp: timestampOf(info, at(info, place + 2).contents),
  };
}

/**
 * What the time-stamp among the unsigned attributes is of. Whoever made it is not asked for: there is no list of
 * authorities to believe, so that a time-stamp proves nothing here but that it was made for this signature.
 */
function timestampOf(info: readonly DerElement[], signature: Uint8Array): CmsSignature['timestamp'] {
  const unsigned = info.find(({ tag }) => tag === (der.context | 1));
  const token = readDer(unsigned?.contents ?? new Uint8Array())
    .map(({ contents }) => readDer(contents))
    .find(([type]) => type && readOid(type) === oids.signatureTimestamp);
  if (!token) return 'none';
  // Attribute > values > ContentInfo > [0] > SignedData > EncapsulatedContentInfo > [0] > OCTET STRING > TSTInfo.
  const contentInfo = readDer(readDerElement(at(token, 1).contents).contents);
  const signedData = readDer(readDerElement(at(contentInfo, 1).contents).contents);
  const encapsulated = readDer(at(signedData, 2).contents);
  const tstInfo = readDer(readDerElement(readDerElement(at(encapsulated, 1).contents).contents).contents);
  // TSTInfo: version, policy, messageImprint { algorithm, digest }, …
  const imprint = at(readDer(at(tstInfo, 2).contents), 1).contents;
  const algorithm = { 32: 'sha256', 48: 'sha384', 64: 'sha512' }[imprint.length];
  if (algorithm === undefined) return 'of_another';
  return createHash(algorithm).update(signature).digest().equals(imprint) ? 'unverified' : 'of_another';
}

function at(elements: readonly DerElement[], index: number): DerElement {
  const element = elements[index];
  if (!element) throw new Error('a part is missing');
  return element;
}
