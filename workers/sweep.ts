import { sendAbsentAway } from '#server/agents/presence.ts';
import { sweepFollowUps } from '#server/follow-ups/sweep-follow-ups.ts';
import type { JobContext } from './job-context.ts';

/** Hands over again what the queue lost, gives up what is hopeless, and notes who left without signing out. */
export async function sweep({ db, clock, doorbell, log }: JobContext): Promise<void> {
  const left = await sendAbsentAway(db, clock.now());
  if (left > 0) {
    doorbell.ring();
    log.info({ left }, 'agents had left without signing out');
  }
  const swept = await sweepFollowUps(db, clock.now());
  if (swept.requeued === 0 && swept.failed === 0) return;
  doorbell.ring();
  log.warn(swept, 'follow-ups were found that should have been sent');
}
