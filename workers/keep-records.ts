import { purgeAccessLog } from '#server/records/access-log/purge-access-log.ts';
import { askAgain } from '#server/records/documents/ask-again.ts';
import { purgeBatches } from '#server/records/documents/purge-batches.ts';
import { purgeImports } from '#server/records/imports/purge-imports.ts';
import { nirVault } from '#server/records/patients/nir-vault.ts';
import { rotateKeys } from '#server/records/patients/rotate-keys.ts';
import { archiveRecords } from '#server/records/retention/archive-records.ts';
import type { JobContext } from './job-context.ts';

/**
 * What time does to the vaccination records: their keys change, their log is purged, and they leave; with
 * `RECORDS_RETENTION=dry-run`, it is only said how many would.
 */
export async function keepRecords({ db, clock, config, log }: JobContext): Promise<void> {
  const vault = nirVault(config.records);
  const rotated = await rotateKeys(db, vault);
  const purged = await purgeAccessLog(db, config.records.accessLogDays, clock.now());
  const askedAgain = await askAgain(db, clock.now());
  const purgedBatches = await purgeBatches(db, clock.now());
  const purgedImports = await purgeImports(db, config.records.importDays, clock.now());
  const dryRun = config.records.retentionDryRun;
  const { archived, erased } = await archiveRecords(db, vault, config.records, clock.now(), { dryRun });
  log.info(
    {
      ...rotated,
      purgedAccesses: purged,
      purgedBatches,
      purgedImportRows: purgedImports.rows,
      purgedImportFiles: purgedImports.files,
      renewalsAskedAgain: askedAgain,
      dryRun,
      archivedRecords: archived.length,
      erasedRecords: erased.length,
    },
    'records kept',
  );
}
