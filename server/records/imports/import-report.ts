import { and, asc, count, eq, gt } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { Problem } from '../../problem.ts';
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

/** One line of the report: what became of a row, or one thing that is wrong with it. */
export interface ReportLine {
  readonly line: number;
  readonly rowId: string | null;
  readonly state: 'waiting' | 'recorded' | 'known' | 'refused';
  readonly error: RowError | undefined;
}

/** The report of an import, in the file's order, read in slices so that its size does not matter. */
export async function* reportOf(db: Database, importId: string): AsyncGenerator<ReportLine> {
  for (let after = 0; ; ) {
    const rows = await db
      .select({
        line: recordImportRows.line,
        rowId: recordImportRows.rowId,
        state: recordImportRows.state,
        errors: recordImportRows.errors,
      })
      .from(recordImportRows)
      .where(and(eq(recordImportRows.importId, importId), gt(recordImportRows.line, after)))
      .orderBy(asc(recordImportRows.line))
      .limit(1000);
    if (rows.length === 0) return;
    for (const { errors, ...row } of rows) {
      if (errors.length === 0) yield { ...row, error: undefined };
      for (const error of errors) yield { ...row, error };
      after = row.line;
    }
  }
}
