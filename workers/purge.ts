import { purgeOld } from '#server/database/purge.ts';
import type { JobContext } from './job-context.ts';

/** Deletes what has served its time. */
export async function purge({ db, clock, log }: JobContext): Promise<void> {
  log.info(await purgeOld(db, clock.now()), 'purged');
}
