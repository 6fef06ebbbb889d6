import { randomUUID } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import { eq } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { insertAll } from '../../database/insert-all.ts';
import { outbox } from '../../database/outbox.table.ts';
import type { Professional } from '../../identity/professional.ts';
import { Problem } from '../../problem.ts';
import { readNir } from '../patients/nir.ts';
import type { NirVault } from '../patients/nir-vault.ts';
import { actingForOf } from './acting-for.ts';
import {
  type Header,
  type ImportRow,
  importColumns,
  maxRowIdLength,
  readHeader,
  rowOf,
  separatorOf,
  textOf,
} from './import-columns.ts';
import { recordImportRows, recordImports } from './imports.table.ts';

export interface NewImport {
  /** FINESS number or other name of the centre whose row identifiers these are. */
  readonly centre: string;
  readonly professional: Professional;
  readonly requestId: string;
}

/** The largest file taken. It is streamed: memory does not grow with it. */
export const fileLimitBytes = 200 * 1024 * 1024;

/** Rows stored at once. */
const batchSize = 500;
/** The longest row taken, in bytes. */
const maxRowBytes = 64 * 1024;
/** More rows than any centre has. */
const maxRows = 1_000_000;

/**
 * Stores a file's rows, each sealed, as they come in; the recording itself is a job. What came in before a failure is
 * thrown away: a file is received whole or not at all.
 * @returns the import's id and how many rows it has.
 * @throws Problem 422 `import-header` with the `missing` columns, `import-empty`, `import-not-csv`, `import-centre`,
 *   `import-unreadable` with the `line`; 413 `import-too-large`.
 */
export async function receiveImport(
  db: Database,
  vault: NirVault,
  file: Readable,
  { centre, professional, requestId }: NewImport,
  now: Date,
  maxBytes = fileLimitBytes,
): Promise<{ readonly id: string; readonly total: number }> {
  if (centre === '' || centre.length > 60 || readNir(centre).ok) throw new Problem(422, 'import-centre');
  const id = randomUUID();
  const source = { actingFor: actingForOf(professional), centre };
  await db.insert(recordImports).values({
    id,
    ...source,
    state: 'receiving',
    importedBy: professional.id,
    actingAs: professional.actingAs,
    requestId,
    createdAt: now,
  });
  try {
    const total = await storeRows(db, vault, Readable.from(limited(file, maxBytes)), id, source);
    if (total === 0) throw new Problem(422, 'import-empty');
    await db.transaction(async (tx) => {
      await tx.update(recordImports).set({ state: 'waiting', total }).where(eq(recordImports.id, id));
      await tx
        .insert(outbox)
        .values({ job: 'import-injections', payload: { importId: id }, notBefore: now, createdAt: now });
    });
    return { id, total };
  } catch (error) {
    await db.delete(recordImports).where(eq(recordImports.id, id));
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_')) {
      const line = 'lines' in error && typeof error.lines === 'number' ? error.lines : 0;
      throw new Problem(422, 'import-unreadable', {
        parameters: { line },
        extensions: { line },
        cause: error,
      });
    }
    throw error;
  }
}

/** What names a row in the report; not a NIR, by which some name their rows: that one is refused, and stays sealed. */
function shownRowId({ rowId }: ImportRow): string | null {
  return rowId === undefined || readNir(rowId).ok ? null : rowId.slice(0, maxRowIdLength).toWellFormed();
}

interface Parsed {
  readonly info: { readonly lines: number };
  readonly record: readonly Uint8Array[];
}

async function storeRows(
  db: Database,
  vault: NirVault,
  file: Readable,
  importId: string,
  source: { readonly actingFor: string; readonly centre: string },
): Promise<number> {
  const { stream, firstLine } = await peek(file);
  const parser = parse({
    // Bytes: each field is decoded by itself.
    encoding: null,
    delimiter: separatorOf(firstLine),
    relax_column_count: true,
    skip_empty_lines: true,
    info: true,
    max_record_size: maxRowBytes,
  });
  let header: Header | undefined;
  let total = 0;
  let batch: (typeof recordImportRows.$inferSelect)[] = [];
  const flush = async () => {
    await insertAll(db, recordImportRows, batch, recordImportRows.line);
    batch = [];
  };
  await pipeline(stream, parser, async (rows: AsyncIterable<Parsed>) => {
    for await (const { info, record } of rows) {
      const values = record.map(textOf);
      if (header === undefined) {
        const read = readHeader(values);
        if ('missing' in read) {
          throw new Problem(422, 'import-header', {
            parameters: { columns: read.missing.map((column) => importColumns[column][0]).join(', ') },
            extensions: { missing: read.missing },
          });
        }
        header = read;
        continue;
      }
      total += 1;
      if (total > maxRows) throw new Problem(413, 'import-too-large');
      const row = rowOf(header, values);
      const { sealed, keyId } = vault.seal(JSON.stringify(row), importId, 'import');
      const rowId = shownRowId(row);
      batch.push({
        ...source,
        ...{ importId, line: info.lines, rowId, sealed, keyId },
        ...{ state: 'waiting', injectionId: null, errors: [] },
      });
      if (batch.length >= batchSize) await flush();
    }
    await flush();
  });
  return total;
}

/** The file, as long as it is no larger. @throws Problem 413 `import-too-large`. */
async function* limited(file: Readable, maxBytes: number): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of file) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > maxBytes) throw new Problem(413, 'import-too-large');
    yield bytes;
  }
}

/** Spreadsheets, documents and pictures have bytes that no text in our encodings has; what begins a PDF is text. */
function isOther(bytes: Buffer): boolean {
  return bytes.includes(0) || bytes.subarray(0, 5).toString('latin1') === '%PDF-';
}

/** The stream as it was, and its first line, by which its separator is known. */
async function peek(file: Readable): Promise<{ readonly stream: Readable; readonly firstLine: string }> {
  const stream = new PassThrough();
  const iterator = file[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  let size = 0;
  while (size < maxRowBytes) {
    const { value, done } = await iterator.next();
    if (done) break;
    const chunk = Buffer.from(value);
    first.push(chunk);
    size += chunk.length;
    if (chunk.includes(10)) break;
  }
  // The mark of UTF-8, if there is one, is no part of the first column's name.
  const head = withoutMark(Buffer.concat(first));
  if (isOther(head)) throw new Problem(422, 'import-not-csv');
  const end = head.indexOf(10);
  async function* all() {
    yield head;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  // The parser hears of a failure of either.
  pipeline(all(), stream).catch((error: Error) => stream.destroy(error));
  return { stream, firstLine: textOf(end < 0 ? head : head.subarray(0, end)) };
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}
