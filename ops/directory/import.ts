/**
 * `npm run directory:import -- FILE [--force] [--rejected FILE]`: imports an open extract of the Annuaire Santé
 * (`PS_LibreAcces_Personne_activite_….txt`, or its .zip or .gz), while the service answers from the one before.
 * Ends with 0 when the directory is that of the file, 1 when something failed, 2 when the command or the file cannot
 * be read, 3 when the file looks wrong, 4 when another import is running. Only with 0 may anything have changed.
 */
import { parseArgs } from 'node:util';
import { systemClock } from '#server/clock.ts';
import { readConfig } from '#server/config.ts';
import { describeDoubt, describeRejection } from '#server/directory/describe-import.ts';
import { canBeForced } from '#server/directory/doubts.ts';
import { type ImportOutcome, importDirectory } from '#server/directory/import-directory.ts';
import { UnreadableExtract } from '#server/directory/open-extract.ts';
import { loadTexts } from '#server/texts.ts';
import { duration, grouped, progressDisplay } from './progress.ts';
import { rejectionReport } from './rejection-report.ts';
import { openTargetDatabase } from './target-database.ts';

const exitCodes = { imported: 0, unchanged: 0, failed: 1, unreadable: 2, refused: 3, busy: 4 } as const;

const usage = 'npm run directory:import -- FILE [--force] [--rejected FILE]';
const texts = loadTexts();

process.exitCode = await run().catch((error: unknown) => {
  console.error(`\n${explain(error)}\nNothing was changed.`);
  return error instanceof UnreadableExtract ? exitCodes.unreadable : exitCodes.failed;
});

async function run(): Promise<number> {
  const command = readCommand();
  if (!command) {
    console.error(`Usage: ${usage}`);
    return exitCodes.unreadable;
  }
  const { file, force, rejected } = command;
  const display = progressDisplay(process.stdout, () => performance.now());
  const report = rejectionReport(
    rejected,
    (rejection) => describeRejection(texts, 'en', rejection),
    (error) => console.error(`\nRejected rows cannot be listed in ${rejected}: ${explain(error)}`),
  );
  const began = performance.now();
  const database = await openTargetDatabase(readConfig(process.env));
  try {
    const outcome = await importDirectory(database.url, {
      file,
      force,
      clock: systemClock,
      onProgress: display.show,
      onRejected: report.add,
    });
    display.end();
    const list = report.close();
    console.log(conclude(outcome, (performance.now() - began) / 1000, list));
    return exitCodes[outcome.kind];
  } finally {
    report.close();
    await database.close();
  }
}

function readCommand() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { force: { type: 'boolean', default: false }, rejected: { type: 'string' } },
    });
    const [file, ...others] = positionals;
    if (file === undefined || others.length > 0) return undefined;
    return { file, force: values.force, rejected: values.rejected ?? `${file}.rejected.csv` };
  } catch {
    return undefined;
  }
}

function conclude(outcome: ImportOutcome, seconds: number, list: string | undefined): string {
  if (outcome.kind === 'busy') return 'Another import is running: wait for it to end. Nothing was changed.';
  const { id, fileName, rows, professionals, rejected, finishedAt, doubts } = outcome.import;
  const lines: string[] = [];
  const told = doubts?.map((doubt) => `  - ${describeDoubt(texts, 'en', doubt)}`) ?? [];
  if (outcome.kind === 'unchanged') {
    lines.push(
      `${fileName} is the directory in use already, since ${finishedAt?.toISOString()}: nothing to do.`,
      'With --force it is imported again.',
    );
    return lines.join('\n');
  }
  if (outcome.kind === 'imported') {
    lines.push(
      `Imported in ${duration(seconds)} (import ${id}): ${grouped(rows ?? 0)} rows, ${grouped(professionals ?? 0)} professionals.`,
    );
    if (told.length > 0) lines.push('By force, although the file looks wrong:', ...told);
  } else {
    lines.push('The file looks wrong, and the directory in use stays as it was:', ...told);
    const forceable = doubts?.every(canBeForced) === true;
    lines.push(forceable ? 'If it is right all the same, import it with --force.' : 'It cannot be imported.');
  }
  if (rejected) {
    const where = list === undefined ? '' : `, listed in ${list}`;
    lines.push(`${grouped(rejected)} ${rejected === 1 ? 'row was' : 'rows were'} rejected${where}.`);
  }
  return lines.join('\n');
}

/** What happened in words for whoever runs the service. */
function explain(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(explain).join('; ');
  if (!(error instanceof Error)) return String(error);
  // A table that is not there.
  if ('code' in error && error.code === '42P01') return 'The database lacks migrations: npm run migrate';
  return error.message;
}
