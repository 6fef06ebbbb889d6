import { desc, eq } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { type DirectoryImport, directoryImports } from './directory.table.ts';

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
