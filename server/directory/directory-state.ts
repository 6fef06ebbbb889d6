import { desc, eq, sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { type DirectoryImport, directoryImports } from './directory.table.ts';
import { importLock } from './import-record.ts';

/** The import that look-ups answer from; undefined as long as there never was one. For the desk and the checks. */
export async function findDirectoryInUse(db: Database): Promise<DirectoryImport | undefined> {
  const [last] = await db
    .select()
    .from(directoryImports)
    .where(eq(directoryImports.state, 'imported'))
    .orderBy(desc(directoryImports.id))
    .limit(1);
  return last;
}

/** The last imports that were begun, whatever became of them, the newest first. */
export async function listDirectoryImports(db: Database, limit: number): Promise<readonly DirectoryImport[]> {
  return db.select().from(directoryImports).orderBy(desc(directoryImports.id)).limit(limit);
}

/** Which directory is in use, and which import runs now, if one does. */
export interface DirectoryState {
  readonly inUse: DirectoryImport | undefined;
  readonly running: DirectoryImport | undefined;
}

/** The state of the directory, for the desk and the checks. */
export async function findDirectoryState(db: Database): Promise<DirectoryState> {
  const [inUse, running] = await Promise.all([findDirectoryInUse(db), findRunningImport(db)]);
  return { inUse, running };
}

/** The import at work: one that was killed is written down as running until the next, but no longer holds the lock. */
async function findRunningImport(db: Database): Promise<DirectoryImport | undefined> {
  const [last] = await db
    .select()
    .from(directoryImports)
    .where(eq(directoryImports.state, 'running'))
    .orderBy(desc(directoryImports.id))
    .limit(1);
  if (!last) return undefined;
  const { rows } = await db.execute(sql`
    select 1 from pg_locks
    where locktype = 'advisory' and granted and objsubid = 1
      and database = (select oid from pg_database where datname = current_database())
      and (classid::bigint << 32) + objid::bigint = ${importLock}::bigint`);
  return rows.length > 0 ? last : undefined;
}
