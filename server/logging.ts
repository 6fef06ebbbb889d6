import pino, { type DestinationStream, type Logger } from 'pino';

/** Where a process says what happens, and how its parts say it. */
export type Log = Logger;

/**
 * The log of a process: JSON lines on standard output unless `destination` says otherwise, without personal
 * data. Addresses are logged as route patterns (http/request-log.ts), and a failed query without its parameters.
 */
export function createLog(level: string, destination: DestinationStream = pino.destination(1)): Log {
  const options = {
    level,
    serializers: { err: withoutParameters },
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
const saidOfErrors = ['type', 'code', 'statusCode', 'severity', 'table', 'column', 'constraint'] as const;

/**
 * Drizzle puts a failed query's parameters, which may be a person's name, in the error's message; PostgreSQL puts
 * a row's values in the error's `detail`, and other libraries whole connections in theirs.
 */
function withoutParameters(error: Error): object {
  const serialised: Readonly<Record<string, unknown>> = { ...pino.stdSerializers.err(error) };
  const cut = (text: unknown) =>
    typeof text === 'string'
      ? text.replace(/\nparams: [\s\S]*?(?=\n {4}at |$)/, '\nparams: [redacted]')
      : undefined;
  return {
    ...Object.fromEntries(saidOfErrors.map((name) => [name, serialised[name]])),
    message: cut(serialised.message),
    stack: cut(serialised.stack),
  };
}
