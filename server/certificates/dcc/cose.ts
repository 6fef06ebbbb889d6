import { constants, type KeyObject, verify } from 'node:crypto';
import { verifyEs256 } from '../ecdsa.ts';
import { readCbor, tagged, untag, writeByteString, writeCbor } from './cbor.ts';
import { algorithms, headers, tags } from './dcc-format.ts';

/** A COSE_Sign1 message (RFC 9052), taken apart and not yet believed. */
export interface Sign1 {
  /** As it stands in the message: this is what is signed. */
  readonly protectedBytes: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  readonly algorithm: 'ES256' | 'PS256' | undefined;
  /** Hexadecimal; that of the protected header where there is one. */
  readonly kid: string | undefined;
}

const signatureBytes = { least: 64, most: 512 };

/** What is signed: the Sig_structure of RFC 9052. */
export function toBeSigned(protectedBytes: Uint8Array, payload: Uint8Array): Uint8Array {
  return writeCbor(['Signature1', protectedBytes, new Uint8Array(), payload]);
}

/** What stays the same in every message that a key signs, encoded once. */
export interface Frame {
  /** The Sig_structure up to its payload. */
  readonly signed: Uint8Array;
  /** The tagged message up to its payload, with nothing outside the protected header. */
  readonly message: Uint8Array;
}

/** The frame of the messages of a signer, ES256. */
export function frameOf(kid: Uint8Array): Frame {
  const protectedBytes = writeCbor(
    new Map<number, unknown>([
      [headers.algorithm, algorithms.ES256],
      [headers.kid, kid],
    ]),
  );
  const none = new Uint8Array();
  // An empty byte string is one byte.
  return {
    signed: toBeSigned(protectedBytes, none).slice(0, -1),
    message: writeCbor(tagged(tags.sign1, [protectedBytes, new Map(), none, none])).slice(0, -2),
  };
}

/** A whole message: what the payload is, signed by `sign` over its Sig_structure. */
export async function sign1(
  { signed, message }: Frame,
  payload: Uint8Array,
  sign: (data: Uint8Array) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const data = Buffer.concat([signed, writeByteString(payload)]);
  const signature = await sign(data);
  return Buffer.concat([message, data.subarray(signed.length), writeByteString(signature)]);
}

/**
 * Takes a message apart: tagged as COSE_Sign1, as a CWT around one, or not at all.
 * @throws Error when the bytes are not such a message.
 */
export function readSign1(bytes: Uint8Array): Sign1 {
  let value = readCbor(bytes);
  for (const expected of [tags.cwt, tags.sign1]) {
    const found = untag(value);
    if (found?.tag === expected) value = found.contents;
  }
  if (!Array.isArray(value) || value.length !== 4) throw new Error('not a COSE_Sign1 message');
  const [protectedBytes, unprotected, payload, signature]: unknown[] = value;
  if (
    !(protectedBytes instanceof Uint8Array) ||
    !(unprotected instanceof Map) ||
    !(payload instanceof Uint8Array) ||
    !(signature instanceof Uint8Array) ||
    signature.length < signatureBytes.least ||
    signature.length > signatureBytes.most
  ) {
    throw new Error('not a COSE_Sign1 message');
  }
  const inside = protectedBytes.length === 0 ? new Map() : readCbor(protectedBytes);
  if (!(inside instanceof Map)) throw new Error('a protected header that is not a map');
  const header = (label: number): unknown => (inside.has(label) ? inside.get(label) : unprotected.get(label));
  const kid = header(headers.kid);
  return {
    protectedBytes,
    payload,
    signature,
    algorithm: algorithmOf(header(headers.algorithm)),
    kid: kid instanceof Uint8Array ? Buffer.from(kid).toString('hex') : undefined,
  };
}

function algorithmOf(label: unknown): Sign1['algorithm'] {
  if (label === algorithms.ES256) return 'ES256';
  return label === algorithms.PS256 ? 'PS256' : undefined;
}

/** Whether the key signed the message; a key of another type than the message names signed nothing. */
export function isSignedBy(message: Sign1, key: KeyObject): boolean {
  const signed = toBeSigned(message.protectedBytes, message.payload);
  if (message.algorithm === 'ES256') {
    if (key.asymmetricKeyType !== 'ec' || message.signature.length !== 64) return false;
    return verifyEs256(signed, key, message.signature);
  }
  if (message.algorithm !== 'PS256' || key.asymmetricKeyType !== 'rsa') return false;
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return verify('sha256', signed, { key, padding, saltLength: 32 }, message.signature);
}
