import type { Language, Texts } from '../../texts.ts';
import { sayFinding } from '../rules/finding-words.ts';
import type { VaccineList } from '../rules/vaccines.ts';
import type { ReportLine } from './import-report.ts';

/** With what a report is worded. */
export interface ReportWords {
  readonly texts: Texts;
  readonly language: Language;
  readonly vaccines: VaccineList;
}

/** A line of the report in words. */
export interface SaidLine {
  readonly line: number;
  readonly rowId: string;
  readonly state: string;
  /** Empty when nothing is wrong. */
  readonly column: string;
  readonly reason: string;
}

/** Says a line of the report to whoever sent the file, in their language. */
export function sayLine(
  { texts, language, vaccines }: ReportWords,
  { line, rowId, state, error }: ReportLine,
): SaidLine {
  const said = {
    ...{ line, rowId: rowId ?? '' },
    state: texts.say(language, `records-import.states.${state}`),
  };
  if (!error) {
    const erased = state === 'refused' ? texts.say(language, 'records-import.errors.erased') : '';
    return { ...said, column: '', reason: erased };
  }
  const { field, key, finding } = error;
  const told = finding && { finding: sayFinding(texts, language, vaccines, finding) };
  const column = texts.say(language, `records-import.columns.${field}`);
  return { ...said, column, reason: texts.say(language, key, told) };
}
