import { archiveRecords } from '#server/records/archive-records.ts';
import { nirVault } from '#server/records/nir-vault.ts';
import { purgeAccessLog } from '#server/records/purge-access-log.ts';
import { rotateKeys } from '#server/records/rotate-keys.ts';
import type { JobContext } from './job-context.ts';

/** What time does to the vaccination records: their keys change, their log is purged, and they leave. */
export async function keepRecords({ db, clock, config, log }: JobContext): Promise<void> {
  const vault = nirVault(config.records);
  const rotated = await rotateKeys(db, vault);
  const purged = await purgeAccessLog(db, config.records.accessLogDays, clock.now());
  const { archived, erased } = await archiveRecords(db, vault, config.records, clock.now(), {
    dryRun: false,
  });
  log.info(
    { ...rotated, purgedAccesses: purged, archivedRecords: archived.length, erasedRecords: erased.length },
    'records kept',
  );
}
