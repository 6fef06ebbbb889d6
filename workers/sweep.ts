import { sweepFollowUps } from '#server/follow-ups/sweep-follow-ups.ts';
import type { JobContext } from './job-context.ts';

/** Hands over again what the queue lost, and gives up what is hopeless. */
export async function sweep({ db, clock, doorbell, log }: JobContext): Promise<void> {
  const swept = await sweepFollowUps(db, clock.now());
  if (swept.requeued === 0 && swept.failed === 0) return;
  doorbell.ring();
  log.warn(swept, 'follow-ups were found that should have been sent');
}
