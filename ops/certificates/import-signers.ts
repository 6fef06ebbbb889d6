/**
 * `npm run certificates:import-signers -- FILE --purpose dcc|two_d_doc|document|tsa [--country FR] [--reference FR000001]`:
 * believes the signers whose certificates (PEM) are in a file. Run again, it adds what is new. Ends with 3 when it did not
 * take all of them.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { trustedPurposes } from '#server/certificates/certificates.table.ts';
import { importSigners } from '#server/certificates/import-signers.ts';
import { systemClock } from '#server/clock.ts';
import { readConfig } from '#server/config.ts';
import { connect } from '#server/database/client.ts';
import { orExit } from '#server/process.ts';
import { openTargetDatabase } from '../directory/target-database.ts';

await orExit(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      purpose: { type: 'string', default: 'dcc' },
      country: { type: 'string' },
      reference: { type: 'string' },
    },
  });
  const { purpose, country, reference } = values;
  const [path] = positionals;
  if (!path) throw new Error('which file of certificates?');
  const wanted = trustedPurposes.find((each) => each === purpose);
  if (!wanted) throw new Error('--purpose is dcc, two_d_doc, document or tsa');
  const target = await openTargetDatabase(readConfig(process.env));
  try {
    const { db, close } = connect(target.url, { onIdleError: () => {} });
    try {
      const { added, known, rejected } = await importSigners(db, await readFile(path, 'latin1'), {
        purpose: wanted,
        ...(country !== undefined && { country }),
        ...(reference !== undefined && { reference }),
        now: systemClock.now(),
      });
      for (const { place, reason } of rejected) console.log(`certificate ${place} was not taken: ${reason}`);
      if (added + known + rejected.length === 0) throw new Error(`there is no certificate (PEM) in ${path}`);
      console.log(`${added} added, ${known} known already, ${rejected.length} not taken`);
      if (rejected.length > 0) process.exitCode = 3;
    } finally {
      await close();
    }
  } finally {
    await target.close();
  }
});
