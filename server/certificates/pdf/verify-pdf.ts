import { createHash, verify, type X509Certificate } from 'node:crypto';
import type { Finding } from '../findings.ts';
import { commonName, type TrustList } from '../trust-list.ts';
import { maySignDocuments } from './certificate-usage.ts';
import { type CmsSignature, readCms } from './read-cms.ts';
import { type Timestamp, verifyTimestamp } from './verify-timestamp.ts';

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
  /** The time-stamp that stands with the signature, of this very signature. */
  readonly timestamp?: Extract<Timestamp, { readonly at: Date }>;
}

/** Hexadecimal: more than a signature with its certificates and a time-stamp, less than what takes long to take apart. */
const maxSignatureDigits = 128 * 1024;

/**
 * Who signed a PDF, whether all of it, and whether it is still what was signed. Any bytes give findings: never an
 * exception.
 */
export function verifyPdf(pdf: Uint8Array, trust: TrustList): VerifiedPdf {
  const failed = (code: Finding['code']): VerifiedPdf => ({ findings: [{ code }], signedAttributes: [] });
  const text = Buffer.from(pdf.buffer, pdf.byteOffset, pdf.byteLength).toString('latin1');
  if (!text.startsWith('%PDF-')) return failed('not_pdf');
  const range = lastByteRange(text);
  if (!range) return failed('unsigned');
  const [from = 0, before = 0, after = 0, length = 0] = range;
  const hole = text.slice(before, after);
  if (from !== 0 || before > after || !/^<[0-9A-Fa-f]+>$/.test(hole)) return failed('not_whole');
  if (after + length > pdf.length) return failed('not_whole');
  if (hole.length > maxSignatureDigits) return failed('signature_form');

  let signature: CmsSignature;
  let timestamp: Timestamp;
  try {
    signature = readCms(new Uint8Array(Buffer.from(hole.slice(1, -1), 'hex')));
    timestamp = verifyTimestamp(signature.unsigned, signature.value, trust);
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
  if (timestamp.state === 'of_another') findings.push({ code: 'timestamp' });
  if (timestamp.state === 'altered') findings.push({ code: 'timestamp_signature' });
  if (after + length < pdf.length) findings.push({ code: 'changed_after' });
  return {
    findings,
    signer: commonName(certificate),
    signedAttributes,
    ...(signedAt && { signedAt }),
    ...('at' in timestamp && { timestamp }),
    ...(findings.length === 0 && { document: describe(pdf) }),
  };
}

/** What the last signature says that it covers; of a file that is all such beginnings, only the last ones are looked at. */
function lastByteRange(text: string): readonly number[] | undefined {
  const [longest, tries] = [200, 100];
  for (let at = text.length, tried = 0; tried < tries; tried += 1) {
    at = at > 0 ? text.lastIndexOf('/ByteRange', at - 1) : -1;
    if (at < 0) return undefined;
    const found = /^\/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]/.exec(
      text.slice(at, at + longest),
    );
    if (found) return found.slice(1).map(Number);
  }
  return undefined;
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
