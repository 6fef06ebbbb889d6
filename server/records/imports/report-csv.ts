import { formatNir, readNir } from '../patients/nir.ts';
import { type ImportColumn, importColumns } from './import-columns.ts';
import type { RefusedRow, ReportLine } from './import-report.ts';
import { type ReportWords, sayLine } from './say-row-error.ts';

// With a mark of its encoding: spreadsheets take the file for Windows' otherwise.
const mark = '\uFEFF';

/** The report as a file: one line for each row, or for each thing wrong with it. */
export async function* reportCsv(
  words: ReportWords,
  lines: AsyncIterable<ReportLine>,
): AsyncGenerator<string> {
  const { texts, language } = words;
  const names = ['line', 'row', 'state', 'field', 'reason'].map((name) =>
    texts.say(language, `records-import.report.${name}`),
  );
  yield mark + csvLine(names);
  for await (const each of lines) {
    const { line, rowId, state, column, reason } = sayLine(words, each);
    yield csvLine([String(line), rowId, state, column, reason]);
  }
}

/** Refused rows as a file that can be corrected and sent again: as they were sent, and why they were refused. */
export async function* refusedCsv(
  words: ReportWords,
  rows: AsyncIterable<RefusedRow>,
): AsyncGenerator<string> {
  // The keys of a literal object are exactly its type's.
  const columns = Object.keys(importColumns) as readonly ImportColumn[];
  // Not one of the columns that are known: it is passed over when the file comes back.
  const refusal = words.texts.say(words.language, 'records-import.refusal');
  yield mark + csvLine([...columns.map((column) => importColumns[column][0]), refusal]);
  for await (const { row, lines } of rows) {
    const reasons = lines.map((each) => {
      const { column, reason } = sayLine(words, each);
      return `${column} – ${reason}`;
    });
    yield csvLine([...columns.map((column) => written(column, row[column] ?? '')), reasons.join(' | ')]);
  }
}

/** In groups, a NIR stays a text: spreadsheets would make a number of it, and write that with an exponent. */
function written(column: ImportColumn, text: string): string {
  const nir = column === 'nir' ? readNir(text) : undefined;
  return nir?.ok ? formatNir(nir.nir) : text;
}

function csvLine(cells: readonly string[]): string {
  return `${cells.map(cell).join(';')}\r\n`;
}

/** A cell that no spreadsheet takes for a formula. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[";\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
