import { purgeOld } from '#server/database/purge.ts';
import { eraseAddresses } from '#server/incidents/erase-addresses.ts';
import type { JobContext } from './job-context.ts';

/** Deletes what has served its time. */
export async function purge({ config, db, clock, log }: JobContext): Promise<void> {
  log.info(await purgeOld(db, clock.now()), 'purged');
  const erased = await eraseAddresses(db, { days: config.incidentAddressDays, now: clock.now() });
  log.info(erased, 'erased of incidents');
}
