import {
  createPostgresBackend,
  createRedisBackend,
  MetricsTime,
  type Processor,
  type Queue,
  type Worker,
  withBackend,
} from 'bullmq';
import { concurrency, type JobName, type QueueName } from './queues.ts';

/** A queue to put jobs in, whatever engine carries it. */
export type JobQueue = Pick<
  Queue<object, unknown, JobName>,
  'addBulk' | 'upsertJobScheduler' | 'getMetrics' | 'getJobCounts' | 'getJobs' | 'waitUntilReady' | 'close'
> &
  ReportsErrors;

/** What runs the jobs of one queue; it does nothing until `run()`. */
export type JobWorker = Pick<
  Worker<object, unknown, JobName>,
  'waitUntilReady' | 'run' | 'close' | 'disconnect'
> &
  ReportsErrors;

interface ReportsErrors {
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export type JobProcessor = Processor<object, unknown, JobName>;

/** The engine that carries the jobs. Everything else works the same on either. */
export interface Backend {
  readonly engine: 'redis' | 'postgres';
  openQueue(name: QueueName): JobQueue;
  openWorker(name: QueueName, process: JobProcessor): JobWorker;
}

/** Redis when `redisUrl` is given, otherwise the schema `bullmq` of the PostgreSQL at `databaseUrl`. */
export function chooseBackend({
  redisUrl,
  databaseUrl,
}: {
  readonly redisUrl: string | undefined;
  readonly databaseUrl: string | undefined;
}): Backend {
  if (redisUrl !== undefined) return redisBackend(redisUrl);
  if (databaseUrl !== undefined) return postgresBackend(databaseUrl);
  throw new Error('neither a Redis nor a PostgreSQL to carry the jobs');
}

/** Kept by the engine itself, summed over all workers: how many jobs ended well and badly, minute by minute. */
const metrics = { maxDataPoints: MetricsTime.ONE_WEEK };

function redisBackend(url: string): Backend {
  const { Queue, Worker } = withBackend(createRedisBackend);
  const connection = { url, retryStrategy: (times: number) => Math.min(100 * 2 ** times, 5000) };
  // Braces: in a Redis Cluster, all keys of our queues then live in one slot, which BullMQ's scripts need.
  const prefix = '{aiguillage}';
  return {
    engine: 'redis',
    // Whoever adds a job holds rows of the outbox meanwhile: told at once that Redis is away, it lets go of them.
    openQueue: (name) =>
      new Queue(name, {
        prefix,
        connection: { ...connection, maxRetriesPerRequest: 1, commandTimeout: 5000 },
      }),
    openWorker: (name, process) =>
      new Worker(name, process, {
        prefix,
        connection: { ...connection, maxRetriesPerRequest: null },
        concurrency: concurrency[name],
        autorun: false,
        metrics,
      }),
  };
}

function postgresBackend(connectionString: string): Backend {
  const { Queue, Worker } = withBackend(createPostgresBackend);
  // A worker also keeps one connection of its own to be woken by.
  const connection = { connectionString, schema: 'bullmq', migrate: true, max: 2, keepAlive: true };
  return {
    engine: 'postgres',
    openQueue: (name) => new Queue(name, { connection: { ...connection, query_timeout: 10_000 } }),
    openWorker: (name, process) =>
      new Worker(name, process, { connection, concurrency: concurrency[name], autorun: false, metrics }),
  };
}
