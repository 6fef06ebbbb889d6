/**
 * `npm run bench [-- NAME… [--rows N] [--patients N] [--import-rows N]]`: measures the hot paths, each beside a floor
 * measured in the same run on the same embedded PostgreSQL, and says whether the aims hold. It is no test: figures depend
 * on the machine.
 */
import { arch, cpus, platform, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { caseCreation } from './case-creation.ts';
import { certificatesBench, type SummaryBenchResult } from './certificates.ts';
import { claim } from './claim.ts';
import { directory } from './directory.ts';
import type { ImportBenchResult } from './directory-import.ts';
import { listing } from './listing.ts';
import { type LiveResult, live } from './live.ts';
import type { Comparison } from './measure.ts';
import { records } from './records.ts';
import { type RecordsImportResult, recordsImport } from './records-import.ts';
import { openStage, type Stage } from './stage.ts';
import { wizardAnswer } from './wizard-answer.ts';

type Result = Comparison | LiveResult | ImportBenchResult | RecordsImportResult | SummaryBenchResult;

interface Options {
  /** How many rows the directory has: as the real one, unless told. */
  readonly rows: number;
  /** How many patients the records have. */
  readonly patients: number;
  /** How many rows a centre's file has. */
  readonly importRows: number;
}

const benchmarks: Readonly<
  Record<string, (stage: Stage, options: Options) => Promise<Result | readonly Result[]>>
> = {
  'wizard-answer': wizardAnswer,
  'case-creation': caseCreation,
  certificates: certificatesBench,
  claim,
  directory,
  listing,
  live,
  records,
  'records-import': recordsImport,
};

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string', default: '2400000' },
    patients: { type: 'string', default: '5000000' },
    'import-rows': { type: 'string', default: '20000' },
  },
});
const options: Options = {
  rows: Number(values.rows),
  patients: Number(values.patients),
  importRows: Number(values['import-rows']),
};
for (const name of wanted) {
  if (!benchmarks[name])
    throw new Error(`no benchmark "${name}"; there are: ${Object.keys(benchmarks).join(', ')}`);
}

const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
const memory = Math.round(totalmem() / 2 ** 30);
console.log(
  `${cpus().length} × ${processor}, ${memory} GiB, ${platform()} ${arch()}, Node ${process.version}\n`,
);

for (const [name, run] of Object.entries(benchmarks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const stage = await openStage();
  try {
    for (const result of [await run(stage, options)].flat()) console.log(describe(result));
  } finally {
    await stage.close();
  }
}

function describe(result: Result): string {
  if ('receivedSeconds' in result) return describeRecordsImport(result);
  if ('peakMiB' in result) return describeImport(result);
  if ('busyP99' in result) return describeSummaries(result);
  if ('ratio' in result) {
    const { name, product, floor, ratio, aim } = result;
    const side = (label: string, { perSecond, p50, p99 }: Comparison['product']) =>
      `  ${label.padEnd(8)} ${Math.round(perSecond).toString().padStart(6)} /s   p50 ${p50} ms   p99 ${p99} ms`;
    const verdict = `  ratio    ${ratio.toFixed(2)} (aim ≥ ${aim}: ${ratio >= aim ? 'held' : 'MISSED'})`;
    return [name, side('product', product), side('floor', floor), verdict, ''].join('\n');
  }
  const { name, clients, changesPerSecond, deliveries, p50, p99, aim } = result;
  return [
    `${name} (${clients} clients, ${changesPerSecond} changes/s, ${deliveries} deliveries)`,
    `  p50 ${p50.toFixed(1)} ms   p99 ${p99.toFixed(1)} ms (aim ≤ ${aim} ms: ${p99 <= aim ? 'held' : 'MISSED'})`,
    '',
  ].join('\n');
}

function describeSummaries({ name, summariesPerSecond, idleP99, busyP99, aim }: SummaryBenchResult): string {
  const held = busyP99 <= aim * idleP99 ? 'held' : 'MISSED';
  return [
    `${name} (${summariesPerSecond.toFixed(1)} summaries/s)`,
    `  p99      ${idleP99} ms idle, ${busyP99} ms meanwhile (aim ≤ ${aim} times: ${held})`,
    '',
  ].join('\n');
}

function describeImport(result: ImportBenchResult): string {
  const { name, rows, professionals, productSeconds, floorSeconds, ratio, aim, peakMiB, peakAim } = result;
  const side = (label: string, seconds: number) =>
    `  ${label.padEnd(8)} ${Math.round(rows / seconds)} rows/s   ${seconds.toFixed(1)} s`;
  const verdict = (held: boolean) => (held ? 'held' : 'MISSED');
  return [
    `${name} (${rows} rows, ${professionals} professionals)`,
    side('product', productSeconds),
    side('floor', floorSeconds),
    `  ratio    ${ratio.toFixed(2)} (aim ≥ ${aim}: ${verdict(ratio >= aim)})`,
    `  memory   ${Math.round(peakMiB)} MiB at most (aim ≤ ${peakAim} MiB: ${verdict(peakMiB <= peakAim)})`,
    '',
  ].join('\n');
}

function describeRecordsImport(result: RecordsImportResult): string {
  const { name, rows, receivedSeconds, recordedSeconds, floorSeconds, ratio, peakMiB, grownMiB } = result;
  const side = (label: string, seconds: number) =>
    `  ${label.padEnd(8)} ${Math.round(rows / seconds)} rows/s   ${seconds.toFixed(2)} s`;
  return [
    `${name} (${rows} rows)`,
    side('received', receivedSeconds),
    side('recorded', recordedSeconds),
    side('floor', floorSeconds),
    `  ratio    ${ratio.toFixed(4)}`,
    `  memory   ${Math.round(peakMiB)} MiB at most, ${Math.round(grownMiB)} more than before`,
    '',
  ].join('\n');
}
