import { and, inArray, isNull } from 'drizzle-orm';
import type { Clock } from '#server/clock.ts';
import type { Database } from '#server/database/client.ts';
import { outbox } from '#server/database/outbox.table.ts';
import type { Doorbell } from '#server/live-queue/doorbell.ts';
import type { Log } from '#server/logging.ts';
import { safeError } from '#server/safe-error.ts';
import { isJobName, type JobName, jobIdOf, jobNames } from './queues.ts';
import { rest } from './rest.ts';

/** A row of the outbox on its way to the queue. */
export interface OutboxJob {
  readonly name: JobName;
  readonly payload: object;
  readonly jobId: string;
  /** Milliseconds to wait before it may run; 0 or more. */
  readonly delay: number;
}

/** Adds jobs to their queues; a job whose id is known already is not added again. */
export type AddJobs = (jobs: readonly OutboxJob[]) => Promise<void>;

export interface RelayOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly add: AddJobs;
  /** Rows handed over at once. */
  readonly batchSize?: number;
}

/**
 * Hands over one batch of the outbox. The rows stay locked, out of other relays' sight, until they are marked; a
 * relay that dies between handing over and marking leaves them to be handed over again under the same ids.
 * @returns how many rows were handed over.
 * @throws whatever `add` or the database threw: nothing is marked then.
 */
export async function relayBatch({ db, clock, add, batchSize = 200 }: RelayOptions): Promise<number> {
  return db.transaction(async (tx) => {
    const rows = await tx
      .select({ id: outbox.id, job: outbox.job, payload: outbox.payload, notBefore: outbox.notBefore })
      .from(outbox)
      // A job that this version does not know waits for the workers of the version that wrote it.
      .where(and(isNull(outbox.relayedAt), inArray(outbox.job, [...jobNames])))
      .orderBy(outbox.id)
      .limit(batchSize)
      .for('update', { skipLocked: true });
    if (rows.length === 0) return 0;
    const now = clock.now();
    await add(
      rows.flatMap(({ id, job, payload, notBefore }) =>
        isJobName(job)
          ? {
              name: job,
              payload,
              jobId: jobIdOf(id),
              delay: Math.max(0, notBefore.getTime() - now.getTime()),
            }
          : [],
      ),
    );
    await tx
      .update(outbox)
      .set({ relayedAt: now })
      .where(
        inArray(
          outbox.id,
          rows.map(({ id }) => id),
        ),
      );
    return rows.length;
  });
}

export interface RunningRelay {
  /** Ends after the batch under way. */
  close(): Promise<void>;
}

/** How long to wait after the first failure in a row; doubled with each further one. */
const firstPauseMs = 500;
const longestPauseMs = 30_000;

/**
 * Keeps the outbox empty: a batch at every ring, at least one every `pollMs`, and at once the next while there is
 * more. While the queue or the database is away the rows wait, and tries come less and less often. Any number of
 * relays may run.
 */
export function startRelay(
  options: RelayOptions & {
    readonly doorbell: Pick<Doorbell, 'onRing'>;
    readonly log: Pick<Log, 'error' | 'info'>;
    readonly pollMs?: number;
  },
): RunningRelay {
  const { doorbell, log, pollMs = 2000, batchSize = 200 } = options;
  const stopping = new AbortController();
  let rung = false;
  let wake: (() => void) | undefined;
  const stopListening = doorbell.onRing(() => {
    rung = true;
    wake?.();
  });

  async function untilRungOr(milliseconds: number): Promise<void> {
    const woken = new AbortController();
    wake = () => woken.abort();
    await rest(milliseconds, AbortSignal.any([stopping.signal, woken.signal]));
    wake = undefined;
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!stopping.signal.aborted) {
      rung = false;
      try {
        const relayed = await relayBatch({ ...options, batchSize });
        if (failures > 0) log.info({ failures }, 'the outbox is being relayed again');
        failures = 0;
        if (relayed < batchSize && !rung) await untilRungOr(pollMs);
      } catch (error) {
        failures += 1;
        log.error({ err: safeError(error), failures }, 'the outbox is not relayed, its rows wait');
        await rest(Math.min(firstPauseMs * 2 ** (failures - 1), longestPauseMs), stopping.signal);
      }
    }
  }

  const running = run();
  return {
    async close() {
      stopListening();
      stopping.abort();
      await running;
    },
  };
}
