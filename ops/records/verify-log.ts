import { readConfig } from '#server/config.ts';
import { connect } from '#server/database/client.ts';
import { orExit } from '#server/process.ts';
import { verifyAccessLog } from '#server/records/access-log/verify-access-log.ts';

/** Works out again every chain of the access log; exits with 1 when one is not what was written. */
await orExit(async () => {
  const { databaseUrl } = readConfig(process.env);
  if (!databaseUrl) throw new Error('DATABASE_URL is missing: which access log should be verified?');
  const { db, close } = connect(databaseUrl, { onIdleError: () => {} });
  try {
    const { patients, entries, faults } = await verifyAccessLog(db);
    console.log(`${entries} entries about ${patients} patients.`);
    for (const { patientId, place, kind } of faults)
      console.log(`${kind}: patient ${patientId}, place ${place}`);
    if (faults.length > 0) throw new Error(`${faults.length} chains are not what was written.`);
    console.log('Every chain is what was written.');
  } finally {
    await close();
  }
});
