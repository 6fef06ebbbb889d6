import { type DecodeOptions, decode, encode, Tag } from 'cbor2';
import { writeInt, writeUnknown } from 'cbor2/encoder';
import type { ToCBOR } from 'cbor2/writer';

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
 * A value that writes itself: heads are the library's, what is between them goes out at once. By itself the library
 * encodes each key of an object apart and takes a Buffer for a map of its members; it takes three times as long.
 */
class Item implements ToCBOR {
  readonly #value: unknown;

  constructor(value: unknown) {
    this.#value = value;
  }

  toCBOR(...[writer, options]: Parameters<ToCBOR['toCBOR']>): undefined {
    const write = (value: unknown): void => {
      if (typeof value === 'string') writeBytes(major.text, Buffer.from(value, 'utf8'));
      else if (value instanceof Uint8Array) writeBytes(major.bytes, value);
      else if (Array.isArray(value)) {
        writeInt(value.length, writer, major.list);
        for (const inner of value) write(inner);
      } else if (value instanceof Tag) {
        writeInt(Number(value.tag), writer, major.tag);
        write(value.contents);
      } else if (value instanceof Map) writePairs([...value]);
      else if (typeof value === 'object' && value !== null) writePairs(Object.entries(value));
      else writeUnknown(value, writer, options);
    };
    function writeBytes(type: number, bytes: Uint8Array): void {
      writeInt(bytes.length, writer, type);
      writer.write(bytes);
    }
    function writePairs(pairs: readonly (readonly [unknown, unknown])[]): void {
      writeInt(pairs.length, writer, major.map);
      for (const [key, value] of pairs) {
        write(key);
        write(value);
      }
    }
    write(this.#value);
  }
}

/** Writes a value of maps, objects, lists, texts, numbers and bytes, in definite lengths. */
export function writeCbor(value: unknown): Uint8Array {
  return encode(new Item(value), { chunkSize: 1024 });
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
