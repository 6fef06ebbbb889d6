import { sendAbsentAway } from '#server/agents/presence.ts';
import { sweepCallbacks } from '#server/callbacks/sweep-callbacks.ts';
import { sweepFollowUps } from '#server/follow-ups/sweep-follow-ups.ts';
import { countSymptoms } from '#server/incidents/count-symptoms.ts';
import { suggestIncidents } from '#server/incidents/suggest-incidents.ts';
import { sweepIncidents } from '#server/incidents/sweep-incidents.ts';
import { sweepBatches } from '#server/records/documents/sweep-batches.ts';
import { sweepImports } from '#server/records/imports/sweep-imports.ts';
import { eraseKeptForms } from '#server/records/kept-forms/erase-kept-forms.ts';
import type { JobContext } from './job-context.ts';

/**
 * Hands over again what the queue lost, gives up what is hopeless, notes who left without signing out, and erases what
 * was kept for a moment.
 * @throws what went wrong first, once every part was tried: one that fails must not keep the others from their work.
 */
export async function sweep(context: JobContext): Promise<void> {
  const failures: unknown[] = [];
  for (const part of [
    noteWhoLeft,
    lookAtFollowUps,
    lookAtCallbacks,
    lookAtIncidents,
    lookForRises,
    forgetForms,
    takeUpBatches,
    lookAtImports,
  ]) {
    await part(context).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}

/** Summaries of an establishment whose job was lost half-way. */
async function takeUpBatches({ db, clock, doorbell, log }: JobContext): Promise<void> {
  const batches = await sweepBatches(db, clock.now());
  if (batches === 0) return;
  doorbell.ring();
  log.warn({ batches }, 'batches of summaries had come to a halt');
}

async function noteWhoLeft({ db, clock, doorbell, log }: JobContext): Promise<void> {
  const left = await sendAbsentAway(db, clock.now());
  if (left === 0) return;
  doorbell.ring();
  log.info({ left }, 'agents had left without signing out');
}

async function lookAtFollowUps({ db, clock, doorbell, log }: JobContext): Promise<void> {
  const swept = await sweepFollowUps(db, clock.now());
  if (swept.requeued === 0 && swept.failed === 0) return;
  doorbell.ring();
  log.warn(swept, 'follow-ups were found that should have been sent');
}

/** What the queue lost of callbacks, and those that their line cannot make any more. */
async function lookAtCallbacks({ config, db, clock, doorbell, log }: JobContext): Promise<void> {
  const swept = await sweepCallbacks(db, config.callbacks, clock.now());
  if (!Object.values(swept).some((count) => count > 0)) return;
  doorbell.ring();
  log.warn(swept, 'of callbacks, there was something left to do');
}

/** What the queue lost of incidents. */
async function lookAtIncidents({ db, clock, doorbell, log }: JobContext): Promise<void> {
  const swept = await sweepIncidents(db, clock.now());
  if (!Object.values(swept).some((count) => count > 0)) return;
  doorbell.ring();
  log.warn(swept, 'of incidents, there was something left to do');
}

/** Whether something rises that nobody declared yet. */
async function lookForRises({ db, clock, doorbell }: JobContext): Promise<void> {
  await countSymptoms(db, clock.now());
  if (await suggestIncidents(db, clock.now())) doorbell.ring();
}

/** What was typed after a session had ended, and nobody came back for. */
async function forgetForms({ db, clock, log }: JobContext): Promise<void> {
  const erased = await eraseKeptForms(db, clock.now());
  if (erased > 0) log.info({ erased }, 'forms kept for nobody who came back are erased');
}

/** Files of centres whose recording came to a halt. */
async function lookAtImports({ db, clock, doorbell, log }: JobContext): Promise<void> {
  const requeued = await sweepImports(db, clock.now());
  if (requeued === 0) return;
  doorbell.ring();
  log.warn({ requeued }, 'imports were found that nobody went on with');
}
