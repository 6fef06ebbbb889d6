/**
 * `npm run directory:sample -- ROWS [FILE] [--seed N]`: writes an invented extract of that many rows, in the exact
 * format of the real one; compressed when the name ends with `.gz`, to standard output when it is `-`.
 */
import { createWriteStream } from 'node:fs';
import { PassThrough, Readable, type Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import { orExit } from '#server/process.ts';
import { sampleExtract } from './sample-extract.ts';

/** Each person's number holds eight digits of their own. */
const mostRows = 100_000_000;

await orExit(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seed: { type: 'string', default: '1' } },
  });
  const [typed = '', file = `PS_LibreAcces_Personne_activite_sample_${typed}.txt`] = positionals;
  const rows = /^\d{1,9}$/.test(typed) ? Number(typed) : Number.NaN;
  if (!(rows <= mostRows) || positionals.length > 2 || !/^\d+$/.test(values.seed)) {
    throw new Error(`Usage: npm run directory:sample -- ROWS [FILE] [--seed N]   (up to ${mostRows} rows)`);
  }
  const shape: Transform = file.endsWith('.gz') ? createGzip() : new PassThrough();
  const to: Writable = file === '-' ? process.stdout : createWriteStream(file);
  await pipeline(Readable.from(sampleExtract({ rows, seed: Number(values.seed) })), shape, to);
  if (file !== '-') console.log(`${rows} rows written to ${file}`);
});
