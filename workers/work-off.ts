import type { Log } from '#server/logging.ts';
import type { JobWorker } from './backend.ts';
import { errorReporter } from './report-errors.ts';
import { aborted, rest } from './rest.ts';

/** How long to wait before opening a worker again that could not run. */
const reopenMs = 1000;

/**
 * Keeps one worker running until told to stop, then lets it finish what it has begun, within a bounded time. A
 * worker that cannot begin (its engine was away just then) is opened anew.
 */
export async function workOff(options: {
  readonly open: () => JobWorker;
  readonly what: string;
  readonly stopping: AbortSignal;
  readonly finishWithinMs: number;
  readonly log: Pick<Log, 'warn'>;
}): Promise<void> {
  const { open, what, stopping, finishWithinMs, log } = options;
  const report = errorReporter(log, what);
  while (!stopping.aborted) {
    const worker = open();
    worker.on('error', report);
    // A worker whose engine was away when it was opened never gets ready, though it would run for ever.
    const failed = worker
      .waitUntilReady()
      .then(() => worker.run())
      .then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
    const failure = await Promise.race([failed, aborted(stopping)]);
    if (failure) {
      report(failure.error instanceof Error ? failure.error : new Error('the worker stopped'));
      await worker.close(true);
      await rest(reopenMs, stopping);
    } else await finish(worker, finishWithinMs);
  }
}

/**
 * Jobs that go on for too long are left behind: the queue hands them to another worker. So is a worker whose engine
 * is away: it cannot say goodbye, and is cut off.
 */
async function finish(worker: JobWorker, withinMs: number): Promise<void> {
  const done = new AbortController();
  // Closed while it is still connecting, BullMQ's worker waits for itself, and leaves a connection behind.
  const closed = worker
    .waitUntilReady()
    .catch(() => {})
    .then(() => worker.close())
    .finally(() => done.abort());
  await Promise.race([closed, rest(withinMs, done.signal)]);
  if (!done.signal.aborted) worker.disconnect().catch(() => {});
}
