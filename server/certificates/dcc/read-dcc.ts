/**
 * Purpose: the EU Digital COVID Certificate: written, signed, read and checked.
 * Entry points: `signDcc` (sign-dcc.ts), `readDcc`, `checkDcc` (check-dcc.ts).
 * May import: the signer's and the trust list's types.
 *
 * Whatever text comes in, reading it gives a certificate or a named problem: never an exception, nor more work than a
 * certificate takes.
 */
import { inflateSync } from 'node:zlib';
import { decodeBase45 } from './base45.ts';
import { asJson, readCbor } from './cbor.ts';
import { readSign1, type Sign1 } from './cose.ts';
import { claims, prefix } from './dcc-format.ts';

/** What stands in the way of reading, in the order in which it is found. */
export type ReadingProblem = 'too_long' | 'prefix' | 'base45' | 'compression' | 'cose' | 'claims';

/** A certificate as it was written, signature and content not yet checked. */
export interface ReadDcc {
  readonly message: Sign1;
  /** Country or other issuer, as the token says. */
  readonly issuer: string | undefined;
  readonly issuedAt: Date | undefined;
  readonly expiresAt: Date | undefined;
  /** The certificate itself, as JSON; what it should be is DccSchema. */
  readonly content: unknown;
}

export type Reading<Value> =
  | { readonly value: Value; readonly problem?: undefined }
  | { readonly problem: ReadingProblem; readonly value?: undefined };

/** What a QR code can hold in letters and digits. */
const maxCharacters = 4_296;
/** Far more than any certificate, far less than a bomb. */
const maxInflatedBytes = 32 * 1024;
/** The last instant that a `Date` can hold is a little beyond this: year 9999. */
const maxSeconds = 253_402_300_799;

/** Reads the text of a QR code (`HC1:…`), surrounding blanks left out. */
export function readDcc(text: string): Reading<ReadDcc> {
  if (text.length > maxCharacters + 100) return { problem: 'too_long' };
  const trimmed = text.trim();
  if (!trimmed.startsWith(prefix)) return { problem: 'prefix' };
  const compressed = decodeBase45(trimmed.slice(prefix.length));
  if (!compressed) return { problem: 'base45' };
  const bytes = inflate(compressed);
  return bytes ? readSigned(bytes) : { problem: 'compression' };
}

/** What zlib packed; undefined when it is not that, or too much. */
export function inflate(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return new Uint8Array(inflateSync(bytes, { maxOutputLength: maxInflatedBytes, chunkSize: 1024 }));
  } catch {
    return undefined;
  }
}

/** Reads the signed token inside (COSE_Sign1 with the claims of a CWT). */
export function readSigned(bytes: Uint8Array): Reading<ReadDcc> {
  let message: Sign1;
  try {
    message = readSign1(bytes);
  } catch {
    return { problem: 'cose' };
  }
  try {
    return { value: { message, ...readClaims(message.payload) } };
  } catch {
    return { problem: 'claims' };
  }
}

/** The claims of a token. @throws Error when they are not those of a certificate. */
export function readClaims(payload: Uint8Array): Omit<ReadDcc, 'message'> {
  const token = readCbor(payload);
  if (!(token instanceof Map)) throw new Error('claims that are not a map');
  const certificates: unknown = token.get(claims.hcert);
  if (!(certificates instanceof Map) || !certificates.has(1)) throw new Error('no certificate in the token');
  const issuer: unknown = token.get(claims.issuer);
  return {
    issuer: typeof issuer === 'string' ? issuer : undefined,
    issuedAt: readInstant(token.get(claims.issuedAt)),
    expiresAt: readInstant(token.get(claims.expires)),
    content: asJson(certificates.get(1)),
  };
}

function readInstant(seconds: unknown): Date | undefined {
  if (seconds === undefined) return undefined;
  if (typeof seconds !== 'number' || !(seconds >= 0 && seconds <= maxSeconds)) {
    throw new Error('not an instant in seconds');
  }
  return new Date(seconds * 1000);
}
