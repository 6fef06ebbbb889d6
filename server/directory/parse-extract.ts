/**
 * Purpose: turns the lines of an extract into rows for `COPY`, and says which lines it could not take and why.
 * Entry points: `parseExtract`.
 * May import: the pure parts of this folder.
 *
 * It works on bytes: the national file has 820 MB, of which a fifth is kept, and making strings of the rest would
 * cost more than PostgreSQL needs to store what is kept.
 */

import { findDepartment, type Span } from './department.ts';
import type { Doubt } from './doubts.ts';
import { type ExtractColumn, type KeptColumn, type Layout, readHeader } from './extract-format.ts';
import { writeIdentifier } from './identifier.ts';
import { splitLines } from './lines.ts';
import { packSearchKey, writeNumber } from './search-key.ts';

/** Why a line was not taken; each code is a sentence of the catalogues, `directory.rejections.<code>`. */
export type Rejection = { readonly line: number } & (
  | { readonly code: 'fields'; readonly found: number; readonly expected: number }
  | { readonly code: 'value'; readonly column: ExtractColumn }
  | { readonly code: 'encoding' }
  | { readonly code: 'too_long'; readonly limit: number }
);

export type RejectedByReason = Readonly<Partial<Record<Rejection['code'], number>>>;

export interface ExtractParser {
  /** Takes in the next bytes of the file. */
  push(chunk: Buffer): void;
  /** Takes in the last line. */
  end(): void;
  /** The rows made since the last call, as `COPY … (FORMAT text, DELIMITER '|', NULL '')` reads them. */
  takeRows(): Buffer;
  /** Known once the first line is whole: columns of the rows in order, then doubts about the header. */
  header():
    | { readonly columns: readonly string[] | undefined; readonly doubts: readonly Doubt[] }
    | undefined;
  counts(): { readonly rows: number; readonly rejected: number; readonly rejectedByReason: RejectedByReason };
}

/** No line of the real file is near it. */
const longestLine = 64 * 1024;

const pipe = 124;
const backslash = 92;
const space = 32;
const newline = 10;

/** What may be done with a byte: not taken at all, taken, taken behind a sign that COPY reads, or where the value ends. */
const refused = 0;
const escaped = 2;
const ending = 3;

function bytesTaken(how: (byte: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => how(byte));
}

const inCode = (byte: number) =>
  byte < 128 && /[0-9A-Za-z._-]/.test(String.fromCharCode(byte)) ? 1 : refused;

const taken: Readonly<Record<KeptColumn['holds'], Uint8Array>> = {
  code: bytesTaken(inCode),
  path: bytesTaken((byte) => (byte === '/'.charCodeAt(0) ? ending : inCode(byte))),
  // What is below a space is no part of a name, and COPY would take some of it for its own signs.
  words: bytesTaken((byte) => (byte < space ? refused : byte === backslash ? escaped : 1)),
};

/** Reads an extract. @param onRejected hears of each line that is not taken, in order. */
export function parseExtract(onRejected: (rejection: Rejection) => void): ExtractParser {
  let header: ReturnType<typeof readHeader> | undefined;
  let writeRow: RowWriter | undefined;
  let rows = 0;
  let rejected = 0;
  const byReason: Partial<Record<Rejection['code'], number>> = {};
  let out = Buffer.allocUnsafe(0);
  let length = 0;

  function reject(rejection: Rejection): void {
    rejected += 1;
    byReason[rejection.code] = (byReason[rejection.code] ?? 0) + 1;
    onRejected(rejection);
  }

  function makeRoom(bytes: number): void {
    if (length + bytes <= out.length) return;
    const larger = Buffer.allocUnsafe(Math.max(out.length * 2, length + bytes));
    out.copy(larger, 0, 0, length);
    out = larger;
  }

  const lines = splitLines(
    {
      line(bytes, from, to, number, utf8) {
        if (!header) {
          header = readHeader(bytes.toString('utf8', from, to));
          if (header.layout) writeRow = rowWriter(header.layout);
          return;
        }
        if (!writeRow || from === to) return;
        if (!utf8) {
          reject({ line: number, code: 'encoding' });
          return;
        }
        // Each byte kept may need an escape; each field has a delimiter, and a number is added.
        makeRoom(2 * (to - from) + 64);
        const written = writeRow(bytes, from, to, out, length);
        if (typeof written === 'number') {
          length = written;
          rows += 1;
        } else reject({ line: number, ...written });
      },
      tooLong(number) {
        if (header) reject({ line: number, code: 'too_long', limit: longestLine });
        else header = { layout: undefined, doubts: [{ code: 'empty' }] };
      },
    },
    longestLine,
  );

  return {
    push: lines.push,
    end: lines.end,
    takeRows() {
      const taken = out.subarray(0, length);
      // What was taken is on its way to the database: the next rows get a place of their own.
      out = Buffer.allocUnsafe(out.length);
      length = 0;
      return taken;
    },
    header: () =>
      header && {
        columns: header.layout && [
          'identifier',
          ...header.layout.kept.map(({ column }) => column),
          'search_key',
        ],
        doubts: header.doubts,
      },
    counts: () => ({ rows, rejected, rejectedByReason: { ...byReason } }),
  };
}

type Fault =
  | { readonly code: 'fields'; readonly found: number; readonly expected: number }
  | { readonly code: 'value'; readonly column: ExtractColumn };

/**
 * Writes the row of the line `bytes[from, to)` at `out[at]`, which must have room.
 * @returns the place after it, or why there is none.
 */
type RowWriter = (bytes: Buffer, from: number, to: number, out: Buffer, at: number) => number | Fault;

function rowWriter(layout: Layout): RowWriter {
  const { fields, trailing, identifierKind, identifier, kept } = layout;
  /** Where each field of the line ends. */
  const ends = new Int32Array(fields + 1);
  const places = Int32Array.from(kept, ({ place }) => place);
  const limits = Int32Array.from(kept, ({ maxBytes }) => maxBytes);
  const tables = kept.map(({ holds }) => taken[holds]);

  const endOf = (field: number) => ends[field] ?? 0;
  const startOf = (field: number, from: number) => (field === 0 ? from : endOf(field - 1) + 1);

  /**
   * Finds the fields. @returns how many there are. Where the header ends with `|`, a `|` at the end of a row begins no
   * field; where it does not, it is taken for one too many, unless that is what makes the row right.
   */
  function part(bytes: Buffer, from: number, to: number): number {
    let found = 0;
    // Names of this function's own are read faster than those of the file: every byte passes here.
    const [into, bar] = [ends, pipe];
    for (let i = from; i < to; i++) {
      // What lies beyond the array is not written, and the fields are too many anyway.
      if (bytes[i] === bar) into[found++] = i;
    }
    if (bytes[to - 1] === pipe && (trailing || found === fields)) return found;
    if (found < fields) ends[found] = to;
    return found + 1;
  }

  /** Where a field lies in the line that was parted last; an empty place when the file does not have it. */
  const spanOf = (field: number | undefined): ((from: number) => Span) => {
    const span: Span = { from: 0, to: 0 };
    if (field === undefined) return () => span;
    return (from) => {
      span.from = startOf(field, from);
      span.to = endOf(field);
      return span;
    };
  };
  const department = spanOf(layout.department);
  const commune = spanOf(layout.commune);
  const postCode = spanOf(layout.postCode);
  const familyName = spanOf(layout.familyName);
  const givenName = spanOf(layout.givenName);

  return (bytes, from, to, out, at) => {
    const found = part(bytes, from, to);
    if (found !== fields) return { code: 'fields', found, expected: fields };

    const kind =
      endOf(identifierKind) - startOf(identifierKind, from) === 1 ? bytes[endOf(identifierKind) - 1] : 0;
    let place = writeIdentifier(kind ?? 0, bytes, startOf(identifier, from), endOf(identifier), out, at);
    if (place < 0) return { code: 'value', column: 'Identifiant PP' };

    for (let k = 0; k < places.length; k++) {
      const field = places[k] ?? 0;
      out[place++] = pipe;
      const start = startOf(field, from);
      const end = endOf(field);
      if (start === end) continue;
      place = writeValue(bytes, start, end, limits[k] ?? 0, tables[k] ?? taken.code, out, place);
      if (place < 0) return { code: 'value', column: kept[k]?.name ?? 'Identifiant PP' };
    }

    out[place++] = pipe;
    const where = findDepartment(bytes, department(from), commune(from), postCode(from));
    const key = packSearchKey(bytes, where, familyName(from), givenName(from));
    place = writeNumber(key, out, place);
    out[place++] = newline;
    return place;
  };
}

/**
 * Writes the value without spaces around it, as COPY reads it.
 * @param table what may be done with each byte.
 * @returns the place after it; -1 when it is not what the column holds.
 */
function writeValue(
  bytes: Buffer,
  from: number,
  to: number,
  maxBytes: number,
  table: Uint8Array,
  out: Buffer,
  at: number,
): number {
  let start = from;
  let end = to;
  while (start < end && bytes[start] === space) start++;
  while (end > start && bytes[end - 1] === space) end--;
  if (end - start > maxBytes) return -1;
  let place = at;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0;
    const how = table[byte];
    if (how === refused) return -1;
    if (how === ending) break;
    if (how === escaped) out[place++] = backslash;
    out[place++] = byte;
  }
  return place;
}
