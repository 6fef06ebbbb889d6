import { and, eq, lt, sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { recordImportRows, recordImports } from './imports.table.ts';

const dayMs = 86_400_000;

/** How many rows are emptied in one transaction. */
const batchSize = 1000;

export interface PurgedImports {
  /** Refused rows emptied. */
  readonly rows: number;
  /** Files whose sending broke off, taken out. */
  readonly files: number;
}

/**
 * Empties the refused rows of imports done that long ago: what was sent and what was wrong with it; that they were
 * refused stays. A file that was still being received a day ago never will be: nobody is told of one half received.
 * @param days how long what was refused is kept, from the end of its import.
 */
export async function purgeImports(db: Database, days: number, now: Date): Promise<PurgedImports> {
  const before = new Date(now.getTime() - days * dayMs);
  let rows = 0;
  for (let emptied = batchSize; emptied === batchSize; rows += emptied) {
    const result = await db.execute(sql`
      update ${recordImportRows} emptied set sealed = null, key_id = null, errors = '[]'
      from (
        select import_id, line from ${recordImportRows} kept join ${recordImports} done on done.id = kept.import_id
        where kept.sealed is not null and kept.state = 'refused' and done.finished_at < ${before.toISOString()}::timestamptz
        limit ${batchSize}) due
      where emptied.import_id = due.import_id and emptied.line = due.line`);
    emptied = result.rowCount ?? 0;
  }
  const broken = await db
    .delete(recordImports)
    .where(
      and(eq(recordImports.state, 'receiving'), lt(recordImports.createdAt, new Date(now.getTime() - dayMs))),
    )
    .returning({ id: recordImports.id });
  return { rows, files: broken.length };
}
