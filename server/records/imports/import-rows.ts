import type { FieldProblem } from '../../problem.ts';
import type { NirVault } from '../patients/nir-vault.ts';
import type { ImportColumn, ImportRow } from './import-columns.ts';
import type { RowError, recordImportRows } from './imports.table.ts';

/** A stored row as it was sent. @throws Error when it was emptied, or its key is gone. */
export function openRow(
  { importId, line, sealed, keyId }: typeof recordImportRows.$inferSelect,
  vault: NirVault,
): ImportRow {
  if (sealed === null || keyId === null) throw new Error(`row ${line} is empty`);
  // Sealed by receiveImport alone.
  return JSON.parse(vault.open({ sealed, keyId }, importId, 'import')) as ImportRow;
}

/** In which columns the fields of our commands stand. */
const columnOf: Readonly<Record<string, ImportColumn>> = {
  '/occurredAt': 'occurredAt',
  '/vaccine': 'vaccine',
  '/lot': 'lot',
  '/lotExpiry': 'lotExpiry',
  '/place/finess': 'finess',
  '/performedBy': 'performedBy',
  '/nir': 'nir',
  '/birthDate': 'birthDate',
  '/birthFamilyName': 'birthFamilyName',
  '/birthGivenNames': 'birthGivenNames',
  '/sex': 'sex',
};

/** What our commands say of fields, said of columns. */
export function errorsOf(problems: readonly FieldProblem[]): readonly RowError[] {
  return problems.map(({ path, key }) => ({ field: columnOf[path] ?? 'rowId', key }));
}
