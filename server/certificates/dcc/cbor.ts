import { type DecodeOptions, decode, encode, Tag } from 'cbor2';
import { writeInt, writeUnknown } from 'cbor2/encoder';
import type { ToCBOR } from 'cbor2/writer';

/** Deeper than any certificate, shallow enough for any stack. */
const maxDepth = 16;
/** The major type of a map. */
const map = 5;

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

/** A map that writes its pairs in their order. cbor2 by itself encodes each key apart, and takes five times as long. */
class Pairs implements ToCBOR {
  readonly #pairs: readonly (readonly [unknown, unknown])[];

  constructor(pairs: readonly (readonly [unknown, unknown])[]) {
    this.#pairs = pairs;
  }

  toCBOR(...[writer, options]: Parameters<ToCBOR['toCBOR']>): undefined {
    writeInt(this.#pairs.length, writer, map);
    for (const [key, value] of this.#pairs) {
      writeUnknown(key, writer, options);
      writeUnknown(value, writer, options);
    }
  }
}

/** Writes a value of maps, objects, lists, texts, numbers and bytes, in definite lengths. */
export function writeCbor(value: unknown): Uint8Array {
  return encode(prepared(value), { chunkSize: 1024 });
}

function prepared(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(prepared);
  // A Buffer would be written as a map of its members.
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (value instanceof Tag) return new Tag(value.tag, prepared(value.contents));
  if (typeof value !== 'object' || value === null) return value;
  const pairs = value instanceof Map ? [...value] : Object.entries(value);
  return new Pairs(pairs.map(([key, inner]) => [key, prepared(inner)]));
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
  if (Array.isArray(value)) return value.map(asJson);
  if (value instanceof Map) {
    return Object.fromEntries(
      [...value].map(([key, inner]) => {
        if (typeof key !== 'string') throw new Error('a key that is not text');
        return [key, asJson(inner)];
      }),
    );
  }
  if (value instanceof Tag && Number(value.tag) === 0 && typeof value.contents === 'string') {
    return value.contents;
  }
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new Error('a value that is not of JSON');
}
