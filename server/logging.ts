import pino, { type DestinationStream, type Logger } from 'pino';

/**
 * The log of a process: JSON lines on standard output unless `destination` says otherwise, without personal
 * data. Addresses are logged as route patterns (http/request-log.ts), and a failed query without its parameters.
 */
export function createLog(level: string, destination: DestinationStream = pino.destination(1)): Logger {
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

/** Drizzle puts a failed query's parameters, which may be a person's name, in the error's message. */
function withoutParameters(error: Error): object {
  const { message, stack, ...serialised } = pino.stdSerializers.err(error);
  const cut = (text: string | undefined) =>
    text?.replace(/\nparams: [\s\S]*?(?=\n {4}at |$)/, '\nparams: [redacted]');
  return { ...serialised, message: cut(message), stack: cut(stack), params: undefined, cause: undefined };
}
