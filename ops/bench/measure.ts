import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Load, LoadResult } from './generator.ts';

/** Runs one load in a process of its own. @throws Error when any answer was not 2xx. */
export async function runLoad(load: Load): Promise<LoadResult> {
  const generator = fork(join(import.meta.dirname, 'generator.ts'));
  generator.send(load);
  const [result] = (await once(generator, 'message')) as [LoadResult];
  await once(generator, 'exit');
  if (Object.keys(result.failures).length > 0) {
    throw new Error(`the load was refused: ${JSON.stringify(result.failures)} of ${load.calls.length}`);
  }
  return result;
}

export interface Comparison {
  readonly name: string;
  /** What the product did, and what the floor did in the same run. */
  readonly product: LoadResult;
  readonly floor: LoadResult;
  /** Product per second over floor per second: the median of the rounds. */
  readonly ratio: number;
  readonly aim: number;
}

/**
 * Measures floor and product in turn, `rounds` times after one round to warm up, and keeps the round of the
 * median ratio: what disturbs the machine for a moment disturbs both.
 */
export async function compare(options: {
  readonly name: string;
  readonly aim: number;
  readonly rounds?: number;
  readonly floor: (round: number) => Promise<Load>;
  readonly product: (round: number) => Promise<Load>;
}): Promise<Comparison> {
  const rounds: { floor: LoadResult; product: LoadResult; ratio: number }[] = [];
  for (let round = 0; round <= (options.rounds ?? 3); round += 1) {
    const floor = await runLoad(await options.floor(round));
    const product = await runLoad(await options.product(round));
    if (round > 0) rounds.push({ floor, product, ratio: product.perSecond / floor.perSecond });
  }
  rounds.sort((a, b) => a.ratio - b.ratio);
  const median = rounds[Math.floor(rounds.length / 2)];
  if (!median) throw new Error('no round was measured');
  return { name: options.name, aim: options.aim, ...median };
}

/** The value below which `share` (0 to 1) of the samples lie. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  if (value === undefined) throw new Error('no samples');
  return value;
}
