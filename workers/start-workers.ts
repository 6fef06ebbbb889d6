import type { Dependencies } from '#server/dependencies.ts';
import { type MailTransport, openMailTransport } from '#server/mail/transport.ts';
import type { Running } from '#server/process.ts';
import { chooseBackend } from './backend.ts';
import { feedQueues } from './feed-queues.ts';
import type { JobContext } from './job-context.ts';
import { queueNames } from './queues.ts';
import { processor } from './run-job.ts';
import { workOff } from './work-off.ts';

export interface WorkersOptions {
  /** How mails leave; by default as the configuration says. Closed with the workers. */
  readonly mail?: MailTransport;
  /** How often the outbox is looked at when nobody rings, in milliseconds. */
  readonly pollMs?: number;
  /** Wait before the second try of a failed job, doubled before each further one, in milliseconds. */
  readonly retryDelayMs?: number;
  /** How often the periodic jobs are put back in their queue, should it have lost them, in milliseconds. */
  readonly rescheduleMs?: number;
  /** How long jobs under way may go on once told to stop, in milliseconds. */
  readonly finishWithinMs?: number;
}

/**
 * Runs the relay of the outbox and the workers of every queue, until closed. Returns at once: while the queue's
 * engine is away, the outbox keeps what is to be done, and work begins when the engine is there.
 */
export function startWorkers(deps: Dependencies, options: WorkersOptions = {}): Running {
  const { config, log } = deps;
  const { pollMs = 2000, retryDelayMs = 10_000, rescheduleMs = 300_000, finishWithinMs = 10_000 } = options;
  const backend = chooseBackend(config);
  const context: JobContext = { ...deps, mail: options.mail ?? openMailTransport(config) };
  const stopping = new AbortController();

  const fed = feedQueues(backend, { ...deps, stopping: stopping.signal, pollMs, retryDelayMs, rescheduleMs });
  const workedOff = queueNames.map((name) =>
    workOff({
      open: () => backend.openWorker(name, processor(context)),
      what: `${backend.engine} worker of "${name}"`,
      stopping: stopping.signal,
      finishWithinMs,
      log,
    }),
  );
  log.info({ engine: backend.engine }, 'workers started');
  return {
    async close() {
      stopping.abort();
      await Promise.all([fed, ...workedOff]);
      await context.mail.close();
    },
  };
}
