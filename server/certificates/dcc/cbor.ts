import { type DecodeOptions, decode, Tag } from 'cbor2';
import { defaultEncodeOptions, writeInt, writeUnknown } from 'cbor2/encoder';
import { Writer } from 'cbor2/writer';

/** Deeper than any certificate, shallow enough for any stack. */
const maxDepth = 16;
/** Major types (RFC 8949, section 3.1). */
const major = { bytes: 2, text: 3, list: 4, map: 5, tag: 6 } as const;

const decoding: DecodeOptions = {
  maxDepth,
  ignoreGlobalTags: true,
  createObject(pairs) {
    const made = new Map<unknown, unknown>();
    for (const [key, value] of pairs) {
      if (made.has(key)) throw new Error('a key twice in one map');
      made.set(key, value);
    }
    return made;
  },
};

/**
 * Reads one CBOR item: maps as `Map`, tags as `Tag`, byte strings as `Uint8Array`.
 * @throws Error for anything else than exactly one well-formed item, for a key that comes twice, and for nesting.
 */
export function readCbor(bytes: Uint8Array): unknown {
  return decode(bytes, decoding);
}

/**
 * Writes a value of maps, objects, lists, texts, numbers and bytes, in definite lengths. The heads are the library's;
 * its own walk encodes each key of an object apart, takes a Buffer for a map of its members, and three times as long.
 */
export function writeCbor(value: unknown): Uint8Array {
  const writer = new Writer({ chunkSize: 512 });
  write(value, writer);
  return writer.read();
}

function write(value: unknown, writer: Writer): void {
  if (typeof value === 'string') writeBytes(major.text, Buffer.from(value, 'utf8'), writer);
  else if (Number.isSafeInteger(value) && !Object.is(value, -0)) writeInt(Number(value), writer);
  else if (value instanceof Uint8Array) writeBytes(major.bytes, value, writer);
  else if (Array.isArray(value)) {
    writeInt(value.length, writer, major.list);
    for (const inner of value) write(inner, writer);
  } else if (value instanceof Tag) {
    writeInt(Number(value.tag), writer, major.tag);
    write(value.contents, writer);
  } else if (value instanceof Map) writePairs([...value], writer);
  else if (typeof value === 'object' && value !== null) writePairs(Object.entries(value), writer);
  else writeUnknown(value, writer, defaultEncodeOptions);
}

function writeBytes(type: number, bytes: Uint8Array, writer: Writer): void {
  writeInt(bytes.length, writer, type);
  writer.write(bytes);
}

function writePairs(pairs: readonly (readonly [unknown, unknown])[], writer: Writer): void {
  writeInt(pairs.length, writer, major.map);
  for (const [key, value] of pairs) {
    write(key, writer);
    write(value, writer);
  }
}

/** A byte string, at once: what is signed and what is sent hold the same one. @throws RangeError beyond 65,535 bytes. */
export function writeByteString(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  if (length > 0xffff) throw new RangeError('too long for a certificate');
  const type = major.bytes << 5;
  const shorter = length < 24 ? [type | length] : [type | 24, length];
  return Buffer.concat([
    Uint8Array.from(length < 256 ? shorter : [type | 25, length >> 8, length & 255]),
    bytes,
  ]);
}

/** A tag around a value. */
export function tagged(tag: number, contents: unknown): unknown {
  return new Tag(tag, contents);
}

/** The tag of a value and what is inside; undefined for a value without. */
export function untag(value: unknown): { readonly tag: number; readonly contents: unknown } | undefined {
  return value instanceof Tag ? { tag: Number(value.tag), contents: value.contents } : undefined;
}

/**
 * A value read from CBOR as JSON has it: objects of maps with text keys. A text that is tagged as a date is that text.
 * @throws Error for what JSON has no word for.
 */
export function asJson(value: unknown): unknown {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map(asJson);
  if (value instanceof Map) {
    const pairs: [string, unknown][] = [];
    for (const [key, inner] of value) {
      if (typeof key !== 'string') throw new Error('a key that is not text');
      pairs.push([key, asJson(inner)]);
    }
    return Object.fromEntries(pairs);
  }
  if (value instanceof Tag && Number(value.tag) === 0 && typeof value.contents === 'string') {
    return value.contents;
  }
  throw new Error('a value that is not of JSON');
}
