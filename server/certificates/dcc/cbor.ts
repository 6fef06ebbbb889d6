import { type DecodeOptions, decode, encode, Tag } from 'cbor2';

/** Deeper than any certificate, shallow enough for any stack. */
const maxDepth = 16;
/** Major types (RFC 8949, section 3.1). */
const major = { whole: 0, negative: 1, bytes: 2, text: 3, list: 4, map: 5, tag: 6 } as const;

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

/** Where a value is written before it is handed out; one for all, since nobody waits while writing. */
let page = Buffer.allocUnsafeSlow(1024);
let end = 0;

/**
 * Writes a value of maps, objects, lists, texts, whole numbers and bytes, in definite lengths; the library writes what
 * else a value may hold. Its own walk encodes each key of an object apart, takes a Buffer for a map of its members, and
 * six times as long; the tests hold the two to the same.
 */
export function writeCbor(value: unknown): Uint8Array {
  end = 0;
  write(value);
  return Uint8Array.prototype.slice.call(page, 0, end);
}

function write(value: unknown): void {
  if (typeof value === 'string') writeText(value);
  else if (typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0)) {
    if (value < 0) writeHead(major.negative, -1 - value);
    else writeHead(major.whole, value);
  } else if (value instanceof Uint8Array) {
    writeHead(major.bytes, value.length);
    writeRaw(value);
  } else if (Array.isArray(value)) {
    writeHead(major.list, value.length);
    for (const inner of value) write(inner);
  } else if (value instanceof Map) {
    writeHead(major.map, value.size);
    for (const [key, inner] of value) {
      write(key);
      write(inner);
    }
  } else if (value instanceof Tag) {
    writeHead(major.tag, Number(value.tag));
    write(value.contents);
  } else if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value);
    writeHead(major.map, pairs.length);
    for (const [key, inner] of pairs) {
      writeText(key);
      write(inner);
    }
  } else writeRaw(encode(value));
}

/** The type of an item, and the number in its head. */
function writeHead(type: number, number: number): void {
  makeRoom(9);
  const first = type << 5;
  if (number < 24) page[end++] = first | number;
  else if (number < 0x100) {
    page[end++] = first | 24;
    page[end++] = number;
  } else if (number < 0x10000) {
    page[end++] = first | 25;
    end = page.writeUInt16BE(number, end);
  } else if (number < 0x100000000) {
    page[end++] = first | 26;
    end = page.writeUInt32BE(number, end);
  } else {
    page[end++] = first | 27;
    end = page.writeBigUInt64BE(BigInt(number), end);
  }
}

function writeText(text: string): void {
  const before = end;
  writeHead(major.text, text.length);
  makeRoom(text.length);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 127) {
      // Longer in bytes than in letters: once more from its head.
      const bytes = Buffer.from(text, 'utf8');
      end = before;
      writeHead(major.text, bytes.length);
      writeRaw(bytes);
      return;
    }
    page[end++] = code;
  }
}

function writeRaw(bytes: Uint8Array): void {
  makeRoom(bytes.length);
  page.set(bytes, end);
  end += bytes.length;
}

function makeRoom(bytes: number): void {
  if (end + bytes <= page.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(page.length * 2, end + bytes));
  page.copy(larger, 0, 0, end);
  page = larger;
}

/** A byte string, at once: what is signed and what is sent hold the same one. @throws RangeError beyond 65,535 bytes. */
export function writeByteString(bytes: Uint8Array): Uint8Array {
  if (bytes.length > 0xffff) throw new RangeError('too long for a certificate');
  return writeCbor(bytes);
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
