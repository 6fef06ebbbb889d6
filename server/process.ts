/**
 * Purpose: the life of a process: starts what it runs, stops it when told to, within a bounded time.
 * Entry points: `orExit`, `runUntilStopped`, `CannotStart`.
 * May import: nothing of the project.
 */
import type { Logger } from 'pino';

/** What runs until it is closed. */
export interface Running {
  /** Finishes what is under way, then lets go of everything. */
  close(): Promise<void>;
}

/** A reason not to start that whoever started us can put right: told in words, without a stack. */
export class CannotStart extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CannotStart';
  }
}

/** What `read` gives; an error that it throws is told in words, and ends the process with code 1. */
export async function orExit<T>(read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

export interface ProcessOptions {
  readonly log: Pick<Logger, 'info' | 'fatal'>;
  /** How long closing may take before the process ends regardless; 15 seconds unless told. */
  readonly closeWithinMs?: number;
}

/**
 * npm passes a Ctrl-C on to a process that the terminal has already told: the same keypress twice, a few
 * milliseconds apart. Only a later signal is a second wish.
 */
const sameWishMs = 500;

/**
 * Starts, and ends the process with code 0 once it was told to stop (SIGTERM, SIGINT, SIGHUP) and everything is
 * closed. An error that nobody caught closes what can be closed and ends it with code 1, and so does a start
 * that fails, closing that takes too long, or a second signal.
 */
export async function runUntilStopped(start: () => Promise<Running>, options: ProcessOptions): Promise<void> {
  const { log, closeWithinMs = 15_000 } = options;
  let toldAt: number | undefined;
  let failed = false;
  let closing = false;
  let running: Running | undefined;

  async function close(): Promise<void> {
    // Told while still starting: closed as soon as there is something to close.
    if (closing || !running) return;
    closing = true;
    const overdue = setTimeout(() => {
      log.fatal(`not closed after ${closeWithinMs / 1000} seconds: ending regardless`);
      process.exit(1);
    }, closeWithinMs);
    try {
      await running.close();
    } catch (error) {
      failed = true;
      log.fatal({ err: error }, 'closing failed');
    }
    clearTimeout(overdue);
    process.exit(failed ? 1 : 0);
  }

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      const now = performance.now();
      if (toldAt === undefined) {
        toldAt = now;
        log.info(`${signal}: stopping`);
        void close();
      } else if (now - toldAt > sameWishMs) {
        log.fatal(`${signal} again: ending at once`);
        process.exit(1);
      }
    });
  }
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log.fatal({ err: error }, 'an error that nobody caught');
      failed = true;
      if (!running || closing) process.exit(1);
      void close();
    });
  }

  try {
    running = await start();
  } catch (error) {
    if (error instanceof CannotStart) log.fatal(error.message);
    else log.fatal({ err: error }, 'the start failed');
    process.exit(1);
  }
  if (toldAt !== undefined || failed) await close();
}
