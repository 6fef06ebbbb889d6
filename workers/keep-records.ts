import { purgeAccessLog } from '#server/records/access-log/purge-access-log.ts';
import { askAgain } from '#server/records/documents/ask-again.ts';
import { purgeBatches } from '#server/records/documents/purge-batches.ts';
import { purgeImports } from '#server/records/imports/purge-imports.ts';
import { nirVault } from '#server/records/patients/nir-vault.ts';
import { rotateKeys } from '#server/records/patients/rotate-keys.ts';
import { archiveRecords } from '#server/records/retention/archive-records.ts';
import { safeError } from '#server/safe-error.ts';
import type { JobContext } from './job-context.ts';

/**
 * What time does to the vaccination records: their keys change, their log is purged, and they leave; with
 * `RECORDS_RETENTION=dry-run`, it is only said how many would. A part that fails leaves the other parts to be
 * done: because a key is missing for one row, no log is kept longer than it may be.
 * @throws AggregateError naming, at the end, the parts that failed.
 */
export async function keepRecords({ db, clock, config, log }: JobContext): Promise<void> {
  const failures: { readonly part: string; readonly error: unknown }[] = [];
  async function attempt<T>(part: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      failures.push({ part, error });
      return undefined;
    }
  }

  const { records } = config;
  const vault = nirVault(records);
  const dryRun = records.retentionDryRun;
  const rotated = await attempt('keys', () => rotateKeys(db, vault));
  const purged = await attempt('access log', () => purgeAccessLog(db, records.accessLogDays, clock.now()));
  const askedAgain = await attempt('renewals', () => askAgain(db, clock.now()));
  const purgedBatches = await attempt('batches', () => purgeBatches(db, clock.now()));
  const imports = await attempt('imports', () => purgeImports(db, records.importDays, clock.now()));
  const left = await attempt('retention', () => archiveRecords(db, vault, records, clock.now(), { dryRun }));
  log.info(
    {
      ...rotated,
      purgedAccesses: purged,
      purgedBatches,
      purgedImportRows: imports?.rows,
      purgedImportFiles: imports?.files,
      renewalsAskedAgain: askedAgain,
      dryRun,
      archivedRecords: left?.archived.length,
      erasedRecords: left?.erased.length,
      ...(failures.length > 0 && { failed: failures.map(({ part }) => part) }),
    },
    'records kept',
  );
  if (failures.length === 0) return;
  const said = failures.map(({ part, error }) => `${part}: ${safeError(error).message}`);
  throw new AggregateError(
    failures.map(({ error }) => error),
    said.join('; '),
  );
}
