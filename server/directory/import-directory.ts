/**
 * Purpose: brings an extract of the directory into the database while the service answers from the one before.
 * Entry points: `importDirectory`; `npm run directory:import` calls it.
 * May import: the parts of this folder that do without Drizzle, which would cost more memory than an import may have.
 *
 * Everything happens in one transaction: a partition of its own is loaded, indexed and checked out of everybody's
 * sight, takes the place of the one in use, and the record of the import says so. A process killed at any point
 * leaves nothing behind but the note that an import was begun, which the next one closes.
 */
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Clock } from '../clock.ts';
import type { DirectoryImport } from './directory.table.ts';
import { canBeForced, type Doubt, doubtsAboutContent } from './doubts.ts';
import {
  beginImport,
  closeInterrupted,
  findImportInUse,
  type ImportFigures,
  importLock,
  settleImport,
} from './import-record.ts';
import { type ExtractFile, hashFile, openExtract, sizeOf } from './open-extract.ts';
import { type ExtractParser, parseExtract, type Rejection } from './parse-extract.ts';

export interface ImportProgress {
  readonly phase: 'reading' | 'indexing' | 'counting' | 'replacing';
  /** Of the file, from 0 to 1. */
  readonly share: number;
  readonly rows: number;
  readonly rejected: number;
}

export interface ImportOptions {
  readonly file: string;
  /** Imports a file that looks wrong, or the same one again. */
  readonly force: boolean;
  readonly clock: Clock;
  readonly onProgress?: (progress: ImportProgress) => void;
  /** Hears of each rejected line, in order. */
  readonly onRejected?: (rejection: Rejection) => void;
  /** How long long-running readers of the directory may delay its replacement; 5 minutes unless told. */
  readonly waitForReadersMs?: number;
}

export type ImportOutcome =
  | { readonly kind: 'imported'; readonly import: DirectoryImport }
  /** The same file is in use already. */
  | { readonly kind: 'unchanged'; readonly import: DirectoryImport }
  /** The file looks wrong: the directory is as it was. `import.doubts` says why. */
  | { readonly kind: 'refused'; readonly import: DirectoryImport }
  /** Another import is running. */
  | { readonly kind: 'busy' };

/** How many rejected lines are kept with the record. */
const keptRejections = 100;

/**
 * Imports the directory from an extract.
 * @param url of the database.
 * @throws UnreadableExtract when the file is not one; whatever the database threw. The directory is then as it was.
 */
export async function importDirectory(url: string, options: ImportOptions): Promise<ImportOutcome> {
  const size = await sizeOf(options.file);
  const client = openClient(url);
  // The record of an import must be seen while the import is not, and stay when it fails.
  const book = openClient(url);
  try {
    await client.connect();
    await book.connect();
    await prepareSession(client);
    await client.query('begin');
    const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_xact_lock($1) as held', [
      importLock,
    ]);
    if (rows[0]?.held !== true) return { kind: 'busy' };
    await closeInterrupted(book, options.clock.now());

    const inUse = await findImportInUse(book);
    // Hashing takes a while, and a file of another size cannot be the same.
    if (!options.force && inUse?.fileSize === size && (await hashFile(options.file)) === inUse.fileSha256) {
      return { kind: 'unchanged', import: inUse };
    }
    return await importExtract(client, book, await openExtract(options.file), inUse, options);
  } finally {
    // Ends the transaction too, where it was not committed.
    await client.end();
    await book.end();
  }
}

function openClient(url: string): pg.Client {
  const client = new pg.Client({
    connectionString: url,
    keepAlive: true,
    application_name: 'directory import',
  });
  // A connection lost between two statements is told by the next one.
  client.on('error', () => {});
  return client;
}

/** No time limits of the installation apply: a slow disk makes a slow import, not a failing one. */
async function prepareSession(client: pg.Client): Promise<void> {
  await client.query(`
    set statement_timeout = 0;
    set lock_timeout = 0;
    set idle_in_transaction_session_timeout = 0;
    select set_config('maintenance_work_mem', '256MB', false)
      where pg_size_bytes(current_setting('maintenance_work_mem')) < pg_size_bytes('256MB')`);
  try {
    // So that a killed import lets go at once, also while PostgreSQL builds an index for it.
    await client.query(`set client_connection_check_interval = '1s'`);
  } catch {
    // Not on every system: there, the lock is held until the index is built.
  }
}

async function importExtract(
  client: pg.Client,
  book: pg.Client,
  extract: ExtractFile,
  inUse: DirectoryImport | undefined,
  options: ImportOptions,
): Promise<ImportOutcome> {
  const { clock, force } = options;
  const id = await beginImport(book, { name: extract.name, size: extract.size, forced: force }, clock.now());
  try {
    const run = await loadBeside(client, id, extract, inUse?.professionals ?? undefined, options);
    if (!run.acceptable) {
      const refused = await settleImport(book, id, { state: 'refused', figures: run.figures }, clock.now());
      return { kind: 'refused', import: refused };
    }
    options.onProgress?.({ phase: 'replacing', share: 1, ...run.figures });
    await replaceInUse(client, id, options.waitForReadersMs ?? 300_000);
    // In the same transaction: the directory and what is said of it change together.
    const imported = await settleImport(client, id, { state: 'imported', figures: run.figures }, clock.now());
    await client.query('commit');
    return { kind: 'imported', import: imported };
  } catch (error) {
    // First of all: the transaction may hold the record that is about to be written.
    await client.query('rollback').catch(() => {});
    const failure = error instanceof Error ? error.message : String(error);
    // The record is not worth losing the reason for.
    await settleImport(book, id, { state: 'failed', failure }, clock.now()).catch(() => {});
    throw error;
  }
}

const partitionOf = (id: number) => `directory_activities_${id}`;

/** How much may wait for the database: enough for it to go on while the next rows are read. */
const aheadBytes = 1024 * 1024;

/** As in the migration: attaching the partition makes those that it lacks, but holds look-ups up meanwhile. */
const indexedColumns = ['identifier', 'search_key'];

/**
 * The FINESS numbers that the partition names take the place of those there were, when the import is committed: only what
 * is new or gone is written, and whoever looks one up waits for nothing. They are found by a statement of their own, which
 * PostgreSQL spreads over its processes as it does not one that writes.
 */
const structuresAnew = (partition: string) => `
  create unlogged table ${partition}_structures as select distinct site_finess, legal_finess from ${partition};
  with named as (
    select distinct upper(number) as finess
    from ${partition}_structures, lateral (values (site_finess), (legal_finess)) as each (number)
    where upper(number) ~ '^[0-9][0-9A-Z][0-9]{7}$'
  ), gone as (
    delete from directory_structures known
    where not exists (select from named where named.finess = known.finess)
  )
  insert into directory_structures (finess) select finess from named on conflict do nothing;
  drop table ${partition}_structures`;

interface Loaded {
  readonly figures: ImportFigures;
  /** Whether it may take the place of the directory in use. */
  readonly acceptable: boolean;
}

/** Loads, indexes and counts the extract in a partition that nobody else sees yet. */
async function loadBeside(
  client: pg.Client,
  id: number,
  extract: ExtractFile,
  before: number | undefined,
  options: ImportOptions,
): Promise<Loaded> {
  const firstRejected: Rejection[] = [];
  const parser = parseExtract((rejection) => {
    if (firstRejected.length < keptRejections) firstRejected.push(rejection);
    options.onRejected?.(rejection);
  });
  const tell = (phase: ImportProgress['phase']) =>
    options.onProgress?.({ phase, share: extract.progress(), ...parser.counts() });
  const settle = (
    doubts: readonly Doubt[],
    known?: { professionals: number; fileSha256: string },
  ): Loaded => ({
    figures: {
      fileSha256: known?.fileSha256 ?? null,
      professionals: known?.professionals ?? null,
      ...parser.counts(),
      firstRejected,
      doubts,
    },
    acceptable: doubts.every((doubt) => options.force && canBeForced(doubt)),
  });

  const content = extract.content()[Symbol.asyncIterator]();
  const { columns, doubts } = await readToHeader(content, parser);
  const early = settle(doubts);
  if (!columns || !early.acceptable) {
    await content.return?.();
    return { ...early, acceptable: false };
  }

  const partition = partitionOf(id);
  await client.query(`create table ${partition} (like directory_activities including defaults)`);
  // Frozen rows need no second look by anybody, and readers with an old snapshot see them too.
  const copy = `copy ${partition} (${columns.join(', ')}) from stdin (format text, delimiter '|', null '', freeze)`;
  await pipeline(
    readRows(content, parser, () => tell('reading')),
    client.query(copyFrom(copy, { highWaterMark: aheadBytes })),
  );

  tell('indexing');
  // The file is hashed meanwhile, when nothing else is to be done here.
  const hashing = hashFile(options.file);
  // Heard of below; not, when an index fails first.
  hashing.catch(() => {});
  for (const column of indexedColumns) await client.query(`create index on ${partition} (${column})`);
  await client.query(structuresAnew(partition));
  const fileSha256 = await hashing;
  tell('counting');
  const { rows } = await client.query<{ count: number }>(
    `select count(distinct identifier)::integer as count from ${partition}`,
  );
  const professionals = rows[0]?.count ?? 0;
  // A small sample is enough to know that identifiers are many; without it, look-ups would be planned for few.
  await client.query('set local default_statistics_target = 10');
  await client.query(`analyze ${partition} (identifier, search_key)`);
  const read = { ...parser.counts(), professionals };
  return settle([...doubts, ...doubtsAboutContent(read, before)], { professionals, fileSha256 });
}

async function readToHeader(content: AsyncIterator<Buffer>, parser: ExtractParser) {
  for (;;) {
    const header = parser.header();
    if (header) return header;
    const next = await content.next();
    if (!next.done) parser.push(next.value);
    else {
      parser.end();
      return parser.header() ?? { columns: undefined, doubts: [{ code: 'empty' } satisfies Doubt] };
    }
  }
}

async function* readRows(content: AsyncIterator<Buffer>, parser: ExtractParser, tell: () => void) {
  try {
    for (;;) {
      const rows = parser.takeRows();
      if (rows.length > 0) yield rows;
      tell();
      const next = await content.next();
      if (next.done) break;
      parser.push(next.value);
    }
    parser.end();
    yield parser.takeRows();
  } finally {
    await content.return?.();
  }
}

/** How long look-ups may stand behind us while we wait for whoever reads the directory. */
const holdUpMs = 300;

/** Puts the partition in the place of the one there is: from the commit on, it is the directory. */
async function replaceInUse(client: pg.Client, id: number, waitMs: number): Promise<void> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    await client.query('savepoint before_lock');
    try {
      await client.query(`set local lock_timeout = ${holdUpMs}`);
      await client.query('lock table directory_activities in access exclusive mode');
      break;
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || error.code !== '55P03') throw error;
      await client.query('rollback to savepoint before_lock');
      if (performance.now() > deadline) {
        throw new Error(
          'something has been reading the directory all the while (a backup?): import again later',
          {
            cause: error,
          },
        );
      }
      // Look-ups that gathered behind us get their turn before the next try.
      await pause(holdUpMs * 2);
    }
  }
  const { rows } = await client.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'directory_activities'::regclass`,
  );
  for (const { name } of rows) await client.query(`drop table ${name}`);
  await client.query(`alter table directory_activities attach partition ${partitionOf(id)} default`);
}
