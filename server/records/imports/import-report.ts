import { and, asc, count, desc, eq, gt, ne, type SQL } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { Problem } from '../../problem.ts';
import type { NirVault } from '../patients/nir-vault.ts';
import type { ImportRow } from './import-columns.ts';
import { openRow } from './import-rows.ts';
import { type RowError, recordImportRows, recordImports } from './imports.table.ts';

export interface ImportProgress {
  readonly id: string;
  readonly centre: string;
  readonly state: 'receiving' | 'waiting' | 'running' | 'done' | 'refused';
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
  readonly total: number;
  readonly waiting: number;
  readonly recorded: number;
  /** Recorded before, from this file or another, under the same name. */
  readonly known: number;
  readonly refused: number;
}

/**
 * How far an import is. Only who sent it may ask: others are told that there is none.
 * @throws Problem 404 `no-such-import`.
 */
export async function getImportProgress(
  db: Database,
  id: string,
  professionalId: string,
): Promise<ImportProgress> {
  const [found] = await db
    .select()
    .from(recordImports)
    .where(and(eq(recordImports.id, id), eq(recordImports.importedBy, professionalId)));
  if (!found) throw new Problem(404, 'no-such-import');
  const counted = await db
    .select({ state: recordImportRows.state, rows: count() })
    .from(recordImportRows)
    .where(eq(recordImportRows.importId, id))
    .groupBy(recordImportRows.state);
  const of = (state: string) => counted.find((each) => each.state === state)?.rows ?? 0;
  const { centre, state, createdAt, finishedAt, total } = found;
  const [waiting, recorded, known, refused] = [of('waiting'), of('recorded'), of('known'), of('refused')];
  return { id, centre, state, createdAt, finishedAt, total, waiting, recorded, known, refused };
}

/** What somebody sent last, the newest first: to find it again. */
export async function listImports(
  db: Database,
  professionalId: string,
): Promise<readonly Pick<ImportProgress, 'id' | 'centre' | 'createdAt'>[]> {
  return db
    .select({ id: recordImports.id, centre: recordImports.centre, createdAt: recordImports.createdAt })
    .from(recordImports)
    .where(and(eq(recordImports.importedBy, professionalId), ne(recordImports.state, 'receiving')))
    .orderBy(desc(recordImports.createdAt), desc(recordImports.id))
    .limit(10);
}

/** One line of the report: what became of a row, or one thing that is wrong with it. */
export interface ReportLine {
  readonly line: number;
  readonly rowId: string | null;
  readonly state: 'waiting' | 'recorded' | 'known' | 'refused';
  readonly error: RowError | undefined;
}

/** The report of an import, in the file's order, read in slices so that its size does not matter. */
export async function* reportOf(
  db: Database,
  importId: string,
  state?: ReportLine['state'],
): AsyncGenerator<ReportLine> {
  const { line, rowId, errors } = recordImportRows;
  const columns = { line, rowId, state: recordImportRows.state, errors };
  const rows = slicesOf(importId, state, (where) =>
    db.select(columns).from(recordImportRows).where(where).orderBy(asc(line)).limit(sliceSize),
  );
  for await (const { errors: wrong, ...row } of rows) {
    if (wrong.length === 0) yield { ...row, error: undefined };
    for (const error of wrong) yield { ...row, error };
  }
}

/** A refused row as it was sent, and what is wrong with it. */
export interface RefusedRow {
  readonly row: ImportRow;
  readonly lines: readonly ReportLine[];
}

/** The refused rows that are still kept, in the file's order, in slices too. */
export async function* refusedRows(
  db: Database,
  vault: NirVault,
  importId: string,
): AsyncGenerator<RefusedRow> {
  const rows = slicesOf(importId, 'refused', (where) =>
    db.select().from(recordImportRows).where(where).orderBy(asc(recordImportRows.line)).limit(sliceSize),
  );
  for await (const stored of rows) {
    if (stored.sealed === null) continue;
    const { line, rowId, state, errors } = stored;
    yield { row: openRow(stored, vault), lines: errors.map((error) => ({ line, rowId, state, error })) };
  }
}

const sliceSize = 1000;

async function* slicesOf<Row extends { readonly line: number }>(
  importId: string,
  state: ReportLine['state'] | undefined,
  read: (where: SQL | undefined) => PromiseLike<readonly Row[]>,
): AsyncGenerator<Row> {
  for (let after = 0; ; ) {
    const rows = await read(
      and(
        eq(recordImportRows.importId, importId),
        gt(recordImportRows.line, after),
        state && eq(recordImportRows.state, state),
      ),
    );
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < sliceSize) return;
    after = last.line;
  }
}
