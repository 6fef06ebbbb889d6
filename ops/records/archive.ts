/**
 * `npm run records:archive [-- --now]`: says which records have had their time and would be moved to the dedicated base,
 * and which would be erased from it; with `--now`, does it. Of the database of `DATABASE_URL` (with `RECORDS_KEYS`), or
 * of `npm start`. Ends with 0 when it did what was asked, 1 when it could not.
 */
import { systemClock } from '#server/clock.ts';
import { readConfig } from '#server/config.ts';
import { connect } from '#server/database/client.ts';
import { nirVault } from '#server/records/patients/nir-vault.ts';
import { archiveRecords } from '#server/records/retention/archive-records.ts';
import { openTargetDatabase } from '../directory/target-database.ts';
import { keptKeys } from '../embedded/kept-keys.ts';
import { orSaid } from './or-said.ts';

process.exitCode = await orSaid('npm run records:archive [-- --now]', ['--now'], async (options) => {
  const dryRun = !options.includes('--now');
  const target = await openTargetDatabase(readConfig(process.env));
  const { records } = readConfig({
    ...process.env,
    ...(target.secret !== undefined && keptKeys(target.secret, process.env)),
  });
  const { db, close } = connect(target.url, { onIdleError: () => {} });
  try {
    const done = await archiveRecords(db, nirVault(records), records, systemClock.now(), { dryRun });
    for (const { patientId, lastActOn, patientIds } of done.archived) {
      const merged = patientIds.length > 1 ? `, with ${patientIds.length - 1} merged into it` : '';
      console.log(`To the dedicated base: patient ${patientId}, last act on ${lastActOn}${merged}.`);
    }
    for (const id of done.erased) console.log(`Erased from the dedicated base: patient ${id}.`);
    const { keptYears, archivedYears } = records;
    console.log(
      `${done.archived.length} kept ${keptYears} years to the dedicated base, ${done.erased.length} kept there ${archivedYears} years erased.`,
    );
    if (dryRun) console.log('Nothing was done: this is what `-- --now` would do.');
    return 0;
  } finally {
    await close();
    await target.close();
  }
});
