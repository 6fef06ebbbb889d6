import type { DefaultJobOptions } from 'bullmq';
import type { JobQueue } from './backend.ts';
import { jobs, type QueueName, queueNames } from './queues.ts';
import type { AddJobs } from './relay-outbox.ts';

export type Queues = Readonly<Record<QueueName, JobQueue>>;

/** Puts jobs in the queues that carry them, each queue at one go. */
export function jobAdder(queues: Queues, defaults: DefaultJobOptions): AddJobs {
  return async (added) => {
    for (const queueName of queueNames) {
      const mine = added.filter(({ name }) => jobs[name].queue === queueName);
      if (mine.length === 0) continue;
      await queues[queueName].addBulk(
        mine.map(({ name, payload, jobId, delay }) => ({
          name,
          data: payload,
          opts: { ...defaults, jobId, delay },
        })),
      );
    }
  };
}
