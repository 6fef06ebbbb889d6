/**
 * `npm run records:verify-log`: works every chain of the access log out again, of the database of `DATABASE_URL` or of
 * `npm start`. Ends with 0 when every chain is what was written, 1 when it could not be told, 3 when one is not: each is
 * named by its patient's identifier and the place in its chain.
 */
import { readConfig } from '#server/config.ts';
import { connect } from '#server/database/client.ts';
import { type LogFault, verifyAccessLog } from '#server/records/access-log/verify-access-log.ts';
import { openTargetDatabase } from '../directory/target-database.ts';
import { orSaid } from './or-said.ts';

const exitCodes = { asWritten: 0, tampered: 3 } as const;

const faults: Readonly<Record<LogFault['kind'], (place: number) => string>> = {
  missing: (place) => `entry ${place} is missing`,
  altered: (place) => `entry ${place} is not what was written`,
  end: (place) =>
    `the end of the chain is not that of its last entry, ${place}: entries after it, or the end, went`,
};

process.exitCode = await orSaid('npm run records:verify-log', [], async () => {
  const target = await openTargetDatabase(readConfig(process.env));
  const { db, close } = connect(target.url, { onIdleError: () => {} });
  try {
    const found = await verifyAccessLog(db);
    console.log(`Looked at ${found.entries} entries about ${found.patients} patients.`);
    for (const { patientId, place, kind } of found.faults)
      console.log(`Patient ${patientId}: ${faults[kind](place)}.`);
    console.log(
      found.faults.length === 0
        ? 'Every chain is what was written.'
        : `${found.faults.length} of ${found.patients} chains are not what was written. Of each, the first fault is named.`,
    );
    return found.faults.length === 0 ? exitCodes.asWritten : exitCodes.tampered;
  } finally {
    await close();
    await target.close();
  }
});
