/**
 * One import or one bare COPY, in a process of its own. Receives one `ImportTask`, sends back one `ImportTaskResult`,
 * and ends.
 */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { systemClock } from '#server/clock.ts';
import { importDirectory } from '#server/directory/import-directory.ts';

export type ImportTask =
  | { readonly kind: 'product'; readonly url: string; readonly file: string }
  | {
      readonly kind: 'floor';
      readonly url: string;
      /** Nothing but the columns, as COPY reads them. */
      readonly file: string;
      readonly columns: number;
    };

export interface ImportTaskResult {
  readonly seconds: number;
  readonly peakMiB: number;
  /** 0 for the floor, which does not count. */
  readonly professionals: number;
}

async function importExtract(url: string, file: string): Promise<number> {
  const outcome = await importDirectory(url, { file, force: true, clock: systemClock });
  if (outcome.kind !== 'imported') throw new Error(`the import was ${outcome.kind}`);
  return outcome.import.professionals ?? 0;
}

async function copyBare(url: string, file: string, columns: number): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const types = Array.from({ length: columns }, (_, place) => `c${place} text`);
    await client.query('drop table if exists floor_activities');
    await client.query(`create table floor_activities (${types.join(', ')})`);
    await pipeline(
      createReadStream(file, { highWaterMark: 1024 * 1024 }),
      client.query(copyFrom(`copy floor_activities from stdin (format text, delimiter '|', null '')`)),
    );
    return 0;
  } finally {
    await client.end();
  }
}

process.once('message', async (task: ImportTask) => {
  const began = performance.now();
  const answer = await (task.kind === 'product'
    ? importExtract(task.url, task.file)
    : copyBare(task.url, task.file, task.columns)
  ).then(
    (professionals): ImportTaskResult => ({
      seconds: (performance.now() - began) / 1000,
      peakMiB: process.resourceUsage().maxRSS / 1024,
      professionals,
    }),
    (error: unknown) => ({ error: String(error) }),
  );
  process.send?.(answer, () => process.disconnect());
});
