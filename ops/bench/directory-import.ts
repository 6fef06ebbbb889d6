import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type ExtractColumn, extractColumns, keptColumns } from '#server/directory/extract-format.ts';
import { sampleExtract } from '../directory/sample-extract.ts';
import type { ImportTask, ImportTaskResult } from './directory-import-task.ts';
import type { Stage } from './stage.ts';

export interface ImportBenchResult {
  readonly name: string;
  readonly rows: number;
  readonly professionals: number;
  /** From the first connection to the commit, in seconds. */
  readonly productSeconds: number;
  readonly floorSeconds: number;
  /** Floor over product: how near the import comes to a bare COPY. */
  readonly ratio: number;
  readonly aim: number;
  /** The most memory that the importing process ever held. */
  readonly peakMiB: number;
  readonly peakAim: number;
}

/** How often the extract is imported. */
const rounds = 2;

function meanSeconds(results: readonly ImportTaskResult[]): number {
  return results.reduce((sum, { seconds }) => sum + seconds, 0) / results.length;
}

/** Runs a task in a process of its own: its memory is its own too. */
async function runTask(task: ImportTask): Promise<ImportTaskResult> {
  const child = fork(join(import.meta.dirname, 'directory-import-task.ts'));
  child.send(task);
  const [message] = (await once(child, 'message')) as [ImportTaskResult | { readonly error: string }];
  await once(child, 'exit');
  if ('error' in message) throw new Error(`the ${task.kind} failed: ${message.error}`);
  return message;
}

/**
 * The import of an invented extract, against a bare COPY of the same columns of the same file, cut out beforehand,
 * into a table without indexes: what no import can beat. The directory stays imported.
 */
export async function directoryImport(stage: Stage, rows: number): Promise<ImportBenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'aiguillage-bench-directory-'));
  try {
    const extract = join(folder, `PS_LibreAcces_Personne_activite_${rows}.txt`);
    await pipeline(Readable.from(sampleExtract({ rows })), createWriteStream(extract));
    const cut = join(folder, 'cut.txt');
    await cutOut(extract, cut);

    const floorTask: ImportTask = { kind: 'floor', url: stage.url, file: cut, columns: columns.length };
    const productTask: ImportTask = { kind: 'product', url: stage.url, file: extract };
    // In turn, beginning and ending with the floor: what disturbs the machine for a while disturbs both.
    const floors = [await runTask(floorTask)];
    const products: ImportTaskResult[] = [];
    for (let round = 0; round < rounds; round += 1) {
      products.push(await runTask(productTask));
      floors.push(await runTask(floorTask));
    }
    const [productSeconds, floorSeconds] = [meanSeconds(products), meanSeconds(floors)];
    return {
      name: 'directory import',
      rows,
      professionals: products[0]?.professionals ?? 0,
      productSeconds,
      floorSeconds,
      ratio: floorSeconds / productSeconds,
      aim: 0.5,
      peakMiB: Math.max(...products.map(({ peakMiB }) => peakMiB)),
      peakAim: 300,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the import keeps of a line, be it in another form. */
const columns: readonly ExtractColumn[] = [
  'Identifiant PP',
  'Code Département (structure)',
  ...keptColumns.map(({ name }) => name),
];

/** Writes those columns of the extract, as they are. */
async function cutOut(extract: string, to: string): Promise<void> {
  const places = columns.map((name) => extractColumns.indexOf(name));
  async function* cut(): AsyncGenerator<string> {
    let text = '';
    let isHeader = true;
    for await (const line of createInterface({ input: createReadStream(extract) })) {
      if (!isHeader) {
        const fields = line.split('|');
        text += `${places.map((place) => fields[place]).join('|')}\n`;
      }
      isHeader = false;
      if (text.length < 128 * 1024) continue;
      yield text;
      text = '';
    }
    yield text;
  }
  await pipeline(cut, createWriteStream(to));
}
