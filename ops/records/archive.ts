import { systemClock } from '#server/clock.ts';
import { readConfig } from '#server/config.ts';
import { connect } from '#server/database/client.ts';
import { orExit } from '#server/process.ts';
import { nirVault } from '#server/records/patients/nir-vault.ts';
import { archiveRecords } from '#server/records/retention/archive-records.ts';

/** Says which records would be moved to the dedicated base, and which erased from it; with `--now`, does it. */
await orExit(async () => {
  const { databaseUrl, records } = readConfig(process.env);
  if (!databaseUrl) throw new Error('DATABASE_URL is missing: whose records?');
  const dryRun = !process.argv.includes('--now');
  const { db, close } = connect(databaseUrl, { onIdleError: () => {} });
  try {
    const done = await archiveRecords(db, nirVault(records), records, systemClock.now(), { dryRun });
    for (const { patientId, lastActOn, patientIds } of done.archived)
      console.log(`archive ${patientId}: last act ${lastActOn}, ${patientIds.length} records`);
    for (const id of done.erased) console.log(`erase ${id}`);
    console.log(
      `${done.archived.length} to the dedicated base, ${done.erased.length} erased from it${dryRun ? ': nothing was done, --now does it' : ''}.`,
    );
  } finally {
    await close();
  }
});
