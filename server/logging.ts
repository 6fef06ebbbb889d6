import pino, { type DestinationStream, type Logger } from 'pino';
import { safeError } from './safe-error.ts';

/** Where a process says what happens, and how its parts say it. */
export type Log = Logger;

/**
 * The log of a process: JSON lines on standard output unless `destination` says otherwise, without personal
 * data. Addresses are logged as route patterns (http/request-log.ts), and a failed query without its parameters.
 */
export function createLog(level: string, destination: DestinationStream = pino.destination(1)): Log {
  const options = {
    level,
    serializers: { err: withoutPersons },
    redact: {
      paths: [
        'req.headers.cookie',
        'req.headers.authorization',
        '*.password',
        '*.email',
        '*.phone',
        '*.nir',
        '*.token',
      ],
      censor: '[redacted]',
    },
  };
  return pino(options, destination);
}

/** What is said of an error beside its message: nothing that holds a value somebody typed. */
const saidOfErrors = ['statusCode', 'severity', 'table', 'column', 'constraint'] as const;

/**
 * Drizzle puts a failed query's parameters, which may be a person's name, in the error's message; PostgreSQL puts a
 * row's values in the error's `detail` and sometimes in its message, which is Drizzle's cause; and other libraries put
 * whole connections in theirs.
 */
function withoutPersons(error: unknown): object {
  const { message, stack, code } = safeError(error);
  return {
    type: error instanceof Error ? error.constructor.name : typeof error,
    code,
    ...Object.fromEntries(saidOfErrors.map((name) => [name, said(error, name)])),
    message,
    stack,
  };
}

/** A plain value of the error, or of its cause when it has none. */
function said(error: unknown, name: string): string | number | undefined {
  if (!(error instanceof Error)) return undefined;
  const value: unknown = Object.getOwnPropertyDescriptor(error, name)?.value;
  return typeof value === 'string' || typeof value === 'number' ? value : said(error.cause, name);
}
