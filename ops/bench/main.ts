/**
 * `npm run bench [-- NAME…]`: measures the hot paths, each beside a floor measured in the same run on the same
 * embedded PostgreSQL, and says whether the aims hold. It is no test: figures depend on the machine.
 */
import { arch, cpus, platform, totalmem } from 'node:os';
import { caseCreation } from './case-creation.ts';
import { claim } from './claim.ts';
import { listing } from './listing.ts';
import { type LiveResult, live } from './live.ts';
import type { Comparison } from './measure.ts';
import { openStage, type Stage } from './stage.ts';
import { wizardAnswer } from './wizard-answer.ts';

const benchmarks: Readonly<Record<string, (stage: Stage) => Promise<Comparison | LiveResult>>> = {
  'wizard-answer': wizardAnswer,
  'case-creation': caseCreation,
  claim,
  listing,
  live,
};

const wanted = process.argv.slice(2);
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
    console.log(describe(await run(stage)));
  } finally {
    await stage.close();
  }
}

function describe(result: Comparison | LiveResult): string {
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
