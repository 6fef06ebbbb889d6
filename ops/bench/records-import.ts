import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { getImportProgress } from '#server/records/imports/import-report.ts';
import { receiveImport } from '#server/records/imports/receive-import.ts';
import { runImport } from '#server/records/imports/run-import.ts';
import { nirVault } from '#server/records/patients/nir-vault.ts';
import { signedInProfessional } from '#server/testing/professionals.ts';
import type { Stage } from './stage.ts';

export interface RecordsImportResult {
  readonly name: string;
  readonly rows: number;
  /** From the first byte to the last row stored, sealed. */
  readonly receivedSeconds: number;
  /** From the first row to the last: patient made, dose rules, access log. */
  readonly recordedSeconds: number;
  /** A bare COPY of the same file into a table without indexes. */
  readonly floorSeconds: number;
  /** Rows recorded per row copied: what the machine is takes no part in it. */
  readonly ratio: number;
  /** The most memory that the process held meanwhile, sampled. */
  readonly peakMiB: number;
  /** By how much that is more than before the file came. */
  readonly grownMiB: number;
}

const header = 'id;nom;prenoms;date naissance;sexe;vaccin;lot;date injection;rang;total';

/**
 * A centre's file, each row recorded by the rules of a single entry, beside a COPY of the same lines.
 * @param options.importRows how many rows it has.
 */
export async function recordsImport(
  stage: Stage,
  { importRows: rows }: { readonly importRows: number },
): Promise<RecordsImportResult> {
  const { deps, connection } = stage;
  const { professional } = await signedInProfessional(stage);
  const vault = nirVault(deps.config.records);
  const before = process.memoryUsage.rss();
  let peak = before;
  const sampling = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 20);
  try {
    await connection.pool.query(
      `create table floor_import (${Array.from({ length: 10 }, (_, n) => `c${n} text`).join(', ')})`,
    );
    const floorSeconds = await seconds(async () => {
      const client = await connection.pool.connect();
      try {
        const copy = client.query(copyFrom(`copy floor_import from stdin with (format csv, delimiter ';')`));
        await pipeline(Readable.from(fileOf(rows)), copy);
      } finally {
        client.release();
      }
    });
    let id = '';
    const receivedSeconds = await seconds(async () => {
      const file = Readable.from(fileOf(rows, `${header}\n`));
      const sent = { centre: 'BENCH', professional, requestId: 'bench' };
      ({ id } = await receiveImport(deps.db, vault, file, sent, deps.clock.now()));
    });
    const [rules, rights] = [await deps.recordRules.current(), await deps.identity.rights.current()];
    const recordedSeconds = await seconds(async () => {
      await runImport({ db: deps.db, vault, rules, rights, now: () => deps.clock.now() }, id);
    });
    const { recorded } = await getImportProgress(deps.db, id, professional.id);
    if (recorded !== rows) throw new Error(`${recorded} of ${rows} rows were recorded`);
    const [peakMiB, grownMiB] = [peak / 2 ** 20, (peak - before) / 2 ** 20];
    const ratio = floorSeconds / recordedSeconds;
    return {
      name: 'records import',
      rows,
      receivedSeconds,
      recordedSeconds,
      floorSeconds,
      ratio,
      peakMiB,
      grownMiB,
    };
  } finally {
    clearInterval(sampling);
  }
}

/** The file as it comes, in pieces: never all of it at once. */
function* fileOf(rows: number, begin = ''): Generator<Buffer> {
  let piece = begin;
  for (let n = 0; n < rows; n += 1) {
    piece += line(n);
    if (piece.length < 65_536 && n < rows - 1) continue;
    yield Buffer.from(piece);
    piece = '';
  }
}

/** Nobody is like anybody else: names of letters of their own, born on days of their own. */
function line(n: number): string {
  const born = new Date(Date.UTC(1930, 0, 1 + ((n * 7) % 32_000))).toISOString().slice(0, 10);
  const letters = [...String(n)].map((digit) => 'ABCDEFGHIJ'[Number(digit)]).join('');
  return `${n};Banc${letters}${letters};Prénom${letters};${born};F;comirnaty;FE${n % 50};2021-06-15 10:00;1;2\n`;
}

async function seconds(run: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await run();
  return (performance.now() - begun) / 1000;
}
