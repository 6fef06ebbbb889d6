import pino, { type Logger } from 'pino';
import { createLog } from '#server/logging.ts';

/** What `npm start` logs: everything into `file`, and warnings and errors in words on the terminal. */
export function createStartLog(level: string, file: string): Logger {
  const inWords = {
    write: (line: string) => {
      process.stderr.write(`${sayLine(line)}\n`);
    },
  };
  return createLog(
    level,
    pino.multistream([
      // Written at once: the last lines before an end are those that matter.
      { level: 'trace', stream: pino.destination({ dest: file, sync: true }) },
      { level: 'warn', stream: inWords },
    ]),
  );
}

/** One line of the log, as a sentence: `Warning: a database connection was lost (ECONNRESET)`. */
export function sayLine(line: string): string {
  const entry = JSON.parse(line);
  const message: unknown = entry.err?.message;
  const reason = typeof message === 'string' && message !== entry.msg ? ` (${message})` : '';
  const words = `${entry.msg ?? ''}${reason}`;
  // A refusal to start speaks for itself.
  if (entry.level >= 60) return words;
  return `${entry.level >= 50 ? 'Error' : 'Warning'}: ${words}`;
}
