import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { professionalRights } from './rights.table.ts';
import type { RightRule } from './rights.ts';

export interface RightsCache {
  /**
   * The rules, at most `maxAgeMs` old, or the last ones that could be loaded.
   * @throws whatever the database threw, as long as nothing was ever loaded: nobody may do anything then.
   */
  current(): Promise<readonly RightRule[]>;
  /** The rules of the last load, none before the first: to choose what a menu shows, never to let anybody through. */
  atHand(): readonly RightRule[];
  /** The next `current()` loads again: call after a commit that changed them. */
  invalidate(): void;
}

/** Keeps the rules at hand, so that a request makes no query for them. However many ask at once, one load runs. */
export function rightsCache(options: {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: { error(data: object, message: string): void };
  readonly maxAgeMs: number;
}): RightsCache {
  const { db, clock, log, maxAgeMs } = options;
  let last: readonly RightRule[] | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let running: Promise<readonly RightRule[]> | undefined;
  /** Grows with each invalidation: a load begun before one may have read what was there before the change. */
  let generation = 0;

  async function reload(): Promise<readonly RightRule[]> {
    const begunIn = generation;
    const begunAt = clock.now().getTime();
    const settle = () => {
      if (begunIn !== generation) return false;
      running = undefined;
      triedAt = begunAt;
      return true;
    };
    try {
      const loaded = await db.select().from(professionalRights);
      if (settle()) last = loaded;
      return loaded;
    } catch (error) {
      settle();
      if (!last) throw error;
      log.error({ err: error }, 'rights not reloaded, the last ones keep holding');
      return last;
    }
  }

  return {
    async current() {
      if (last && clock.now().getTime() - triedAt < maxAgeMs) return last;
      running ??= reload();
      return running;
    },
    atHand: () => last ?? [],
    invalidate() {
      generation += 1;
      triedAt = Number.NEGATIVE_INFINITY;
      running = undefined;
    },
  };
}
