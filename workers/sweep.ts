import { sendAbsentAway } from '#server/agents/presence.ts';
import { sweepFollowUps } from '#server/follow-ups/sweep-follow-ups.ts';
import { countSymptoms } from '#server/incidents/count-symptoms.ts';
import { suggestIncidents } from '#server/incidents/suggest-incidents.ts';
import { sweepIncidents } from '#server/incidents/sweep-incidents.ts';
import type { JobContext } from './job-context.ts';

/** Hands over again what the queue lost, gives up what is hopeless, and notes who left without signing out. */
export async function sweep(context: JobContext): Promise<void> {
  const { db, clock, doorbell, log } = context;
  const left = await sendAbsentAway(db, clock.now());
  if (left > 0) {
    doorbell.ring();
    log.info({ left }, 'agents had left without signing out');
  }
  await lookAtIncidents(context);
  const swept = await sweepFollowUps(db, clock.now());
  if (swept.requeued === 0 && swept.failed === 0) return;
  doorbell.ring();
  log.warn(swept, 'follow-ups were found that should have been sent');
}

/** What the queue lost of incidents, and whether something rises that nobody declared yet. */
async function lookAtIncidents({ db, clock, doorbell, log }: JobContext): Promise<void> {
  const swept = await sweepIncidents(db, clock.now());
  if (Object.values(swept).some((count) => count > 0)) {
    doorbell.ring();
    log.warn(swept, 'of incidents, there was something left to do');
  }
  await countSymptoms(db, clock.now());
  if (await suggestIncidents(db, clock.now())) doorbell.ring();
}
