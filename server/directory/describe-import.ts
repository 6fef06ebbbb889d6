/**
 * Purpose: what an import did, found doubtful or rejected, in words.
 * Entry points: `describeDirectoryState` for the desk and the checks, `describeDoubt`, `describeRejection`.
 * May import: types of this folder, server/texts.ts.
 */
import type { Language, Texts } from '../texts.ts';
import type { DirectoryImport } from './directory.table.ts';
import type { DirectoryState } from './directory-state.ts';
import type { Doubt } from './doubts.ts';
import type { Rejection } from './parse-extract.ts';

/** Which directory look-ups answer from: when it was imported, from which file, how many it knows; or that there is none. */
export function describeDirectory(
  texts: Texts,
  language: Language,
  inUse: DirectoryImport | undefined,
): string {
  if (!inUse?.finishedAt) return texts.say(language, 'directory.state.none');
  return texts.say(language, 'directory.state.imported', {
    moment: moment(language, inUse.finishedAt),
    count: inUse.professionals ?? 0,
    professionals: number(language, inUse.professionals ?? 0),
    file: inUse.fileName,
  });
}

/** The same, with the lines that were rejected, and the import that runs now, if one does. */
export function describeDirectoryState(
  texts: Texts,
  language: Language,
  { inUse, running }: DirectoryState,
): string {
  const rejected = inUse?.rejected ?? 0;
  return [
    describeDirectory(texts, language, inUse),
    ...(rejected > 0
      ? [
          texts.say(language, 'directory.state.rejected', {
            count: rejected,
            rejected: number(language, rejected),
          }),
        ]
      : []),
    ...(running
      ? [
          texts.say(language, 'directory.state.running', {
            moment: moment(language, running.startedAt),
            file: running.fileName,
          }),
        ]
      : []),
  ].join(' ');
}

/** Why a file looks wrong. */
export function describeDoubt(texts: Texts, language: Language, doubt: Doubt): string {
  return texts.say(language, `directory.doubts.${doubt.code}`, {
    ...('columns' in doubt && { columns: doubt.columns.join(', '), count: doubt.columns.length }),
    ...(doubt.code === 'fewer' && {
      before: number(language, doubt.before),
      now: number(language, doubt.now),
    }),
    ...(doubt.code === 'rejected' && {
      rejected: number(language, doubt.rejected),
      rows: number(language, doubt.rows),
    }),
  });
}

/** Why a line was not taken. */
export function describeRejection(texts: Texts, language: Language, rejection: Rejection): string {
  return texts.say(language, `directory.rejections.${rejection.code}`, {
    ...(rejection.code === 'fields' && { found: rejection.found, expected: rejection.expected }),
    ...(rejection.code === 'value' && { column: rejection.column }),
    ...(rejection.code === 'too_long' && { kibibytes: rejection.limit / 1024 }),
  });
}

function moment(language: Language, at: Date): string {
  return new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
    timeZone: 'Europe/Paris',
    dateStyle: 'long',
    timeStyle: 'short',
  }).format(at);
}

function number(language: Language, value: number): string {
  return new Intl.NumberFormat(language === 'fr' ? 'fr-FR' : 'en-GB').format(value);
}
