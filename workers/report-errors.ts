import type { Log } from '#server/logging.ts';
import { safeError } from '#server/safe-error.ts';

/** While an engine is away each of its connections fails again and again: said once in this while. */
const quietMs = 60_000;

/** Logs the errors of `what` (a queue, a worker), the same one at most once a minute. */
export function errorReporter(log: Pick<Log, 'warn'>, what: string): (error: Error) => void {
  let last = '';
  let saidAt = Number.NEGATIVE_INFINITY;
  return (error) => {
    const err = safeError(error);
    const now = performance.now();
    if (err.message === last && now - saidAt < quietMs) return;
    last = err.message;
    saidAt = now;
    log.warn({ err }, `${what} has an error`);
  };
}
