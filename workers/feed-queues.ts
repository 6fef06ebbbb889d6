import type { DefaultJobOptions } from 'bullmq';
import type { Dependencies } from '#server/dependencies.ts';
import { safeError } from '#server/safe-error.ts';
import { jobAdder, type Queues } from './add-jobs.ts';
import type { Backend, JobQueue } from './backend.ts';
import { jobOptions, jobs, periodicJobs, type QueueName, queueNames, schedules } from './queues.ts';
import { startRelay } from './relay-outbox.ts';
import { errorReporter } from './report-errors.ts';
import { aborted, rest } from './rest.ts';

/** How long to wait before opening again queues that could not be opened. */
const reopenMs = 1000;

/**
 * Opens the queues once their engine is there, gives them their schedules, and relays the outbox to them until
 * told to stop.
 */
export async function feedQueues(
  backend: Backend,
  options: Pick<Dependencies, 'db' | 'clock' | 'doorbell' | 'log'> & {
    readonly stopping: AbortSignal;
    readonly pollMs: number;
    readonly retryDelayMs: number;
    readonly rescheduleMs: number;
  },
): Promise<void> {
  const { log, stopping, retryDelayMs } = options;
  const defaults = jobOptions(retryDelayMs);
  while (!stopping.aborted) {
    const queues = openQueues(backend, log);
    try {
      // Waits for as long as the engine is away, holding nothing.
      await Promise.race([
        Promise.all(all(queues).map((queue) => queue.waitUntilReady())),
        aborted(stopping),
      ]);
      if (stopping.aborted) continue;
      const relay = startRelay({ ...options, add: jobAdder(queues, defaults) });
      await keepScheduled(queues, { ...options, defaults });
      await relay.close();
    } catch (error) {
      log.warn({ err: safeError(error) }, 'the queues could not be opened');
      await rest(reopenMs, stopping);
    } finally {
      await Promise.all(all(queues).map((queue) => queue.close()));
    }
  }
}

function openQueues(backend: Backend, log: Dependencies['log']): Queues {
  const open = (name: QueueName) => {
    const queue = backend.openQueue(name);
    queue.on('error', errorReporter(log, `${backend.engine} queue "${name}"`));
    return queue;
  };
  return { desk: open('desk'), mail: open('mail') };
}

function all(queues: Queues): readonly JobQueue[] {
  return queueNames.map((name) => queues[name]);
}

/**
 * Gives the queues their periodic jobs, again and again until told to stop: whoever comes first makes them, the
 * same again changes nothing, and an engine that lost everything gets them back.
 */
async function keepScheduled(
  queues: Queues,
  options: Pick<Dependencies, 'log'> & {
    readonly defaults: DefaultJobOptions;
    readonly stopping: AbortSignal;
    readonly rescheduleMs: number;
    readonly retryDelayMs: number;
  },
): Promise<void> {
  const { defaults, stopping, rescheduleMs, retryDelayMs, log } = options;
  while (!stopping.aborted) {
    let pause = rescheduleMs;
    try {
      for (const name of periodicJobs) {
        const queue = queues[jobs[name].queue];
        await queue.upsertJobScheduler(name, schedules[name], { name, data: {}, opts: defaults });
      }
    } catch (error) {
      // Two processes that start together can stand in each other's way.
      log.warn({ err: safeError(error) }, 'the periodic jobs could not be scheduled');
      pause = retryDelayMs;
    }
    await rest(pause, stopping);
  }
}
