import { and, eq, isNotNull, ne, or } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { openRow } from '../imports/import-rows.ts';
import { recordImportRows } from '../imports/imports.table.ts';
import { archivedRecords } from '../retention/archived-records.table.ts';
import type { NirVault } from './nir-vault.ts';
import { patientNirs } from './patients.table.ts';

/** A batch this small never holds readers or writers up for long. */
const batchSize = 200;

/** How many rows were done again under the current keys. */
export interface Rotated {
  readonly nirs: number;
  readonly archived: number;
  /** Rows of centres' files. */
  readonly importRows: number;
}

/**
 * Seals and indexes again, under the current keys, whatever is under others, in small batches, while the service is in
 * use: readers open with every key of the ring and look under every index key. When it has nothing left to do, the
 * older keys can be taken out of the configuration. Several may run at once: each takes rows the others leave.
 * @throws Error naming a key that is no longer in the ring.
 */
export async function rotateKeys(db: Database, vault: NirVault): Promise<Rotated> {
  const rotated = { nirs: 0, archived: 0, importRows: 0 };
  for (let done = batchSize; done === batchSize; rotated.nirs += done)
    done = await db.transaction((tx) => rotateNirs(tx, vault));
  for (let done = batchSize; done === batchSize; rotated.archived += done)
    done = await db.transaction((tx) => rotateArchived(tx, vault));
  for (let done = batchSize; done === batchSize; rotated.importRows += done)
    done = await db.transaction((tx) => rotateImportRows(tx, vault));
  return rotated;
}

async function rotateNirs(tx: Database, vault: NirVault): Promise<number> {
  const { keyId, indexKeyId } = vault.current;
  const rows = await tx
    .select()
    .from(patientNirs)
    .where(or(ne(patientNirs.keyId, keyId), ne(patientNirs.indexKeyId, indexKeyId)))
    .limit(batchSize)
    .for('update', { skipLocked: true });
  for (const row of rows) {
    const nir = vault.openNir(row, row.patientId);
    await tx
      .update(patientNirs)
      .set({ ...vault.seal(nir, row.patientId), ...vault.index(nir) })
      .where(eq(patientNirs.patientId, row.patientId));
  }
  return rows.length;
}

async function rotateArchived(tx: Database, vault: NirVault): Promise<number> {
  const rows = await tx
    .select()
    .from(archivedRecords)
    .where(ne(archivedRecords.keyId, vault.current.keyId))
    .limit(batchSize)
    .for('update', { skipLocked: true });
  for (const row of rows) {
    const sealed = vault.seal(vault.open(row, row.patientId, 'archive'), row.patientId, 'archive');
    await tx.update(archivedRecords).set(sealed).where(eq(archivedRecords.patientId, row.patientId));
  }
  return rows.length;
}

async function rotateImportRows(tx: Database, vault: NirVault): Promise<number> {
  const rows = await tx
    .select()
    .from(recordImportRows)
    .where(and(isNotNull(recordImportRows.sealed), ne(recordImportRows.keyId, vault.current.keyId)))
    .limit(batchSize)
    .for('update', { skipLocked: true });
  for (const row of rows) {
    const { importId, line } = row;
    await tx
      .update(recordImportRows)
      .set(vault.seal(JSON.stringify(openRow(row, vault)), importId, 'import'))
      .where(and(eq(recordImportRows.importId, importId), eq(recordImportRows.line, line)));
  }
  return rows.length;
}
