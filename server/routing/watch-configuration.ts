import type { Database } from '../database/client.ts';
import { newestChange } from './configuration-history.ts';
import type { ConfigurationCache } from './load-configuration.ts';

/**
 * Keeps a process's configuration true to what supervisors save in any process: whenever there may be news, and every
 * `everyMs` should a ring be lost, one query tells whether there was an edit; only then everything is read again, here
 * and not while a request waits. Rings during a look are answered by one more look, `restMs` later at the soonest: a
 * busy queue rings at every change of a case.
 * @returns what ends it.
 */
export function watchConfiguration(options: {
  readonly db: Database;
  readonly routing: ConfigurationCache;
  /** Calls back whenever there may be news; the doorbell's. */
  readonly onRing: (listener: () => void) => () => void;
  readonly log: { error(data: object, message: string): void };
  readonly everyMs?: number;
  readonly restMs?: number;
}): () => void {
  const { db, routing, onRing, log, everyMs = 5_000, restMs = 1_000 } = options;
  let known: number | undefined;
  let closed = false;
  let looking = false;
  let wanted = false;
  let rest: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    if (closed) return;
    wanted = looking || rest !== undefined;
    if (wanted) return;
    looking = true;
    try {
      const newest = await newestChange(db);
      if (newest !== known && !closed) {
        routing.invalidate();
        await routing.current();
        known = newest;
      }
    } catch (error) {
      // The next look tries again; the cache itself serves what it has.
      if (!closed)
        log.error({ err: error }, 'it could not be told whether the routing configuration changed');
    } finally {
      looking = false;
      rest = setTimeout(() => {
        rest = undefined;
        if (wanted) void look();
      }, restMs);
      rest.unref();
    }
  }

  const stopListening = onRing(() => void look());
  const poll = setInterval(() => void look(), everyMs);
  poll.unref();
  void look();
  return () => {
    closed = true;
    stopListening();
    clearInterval(poll);
    clearTimeout(rest);
  };
}
