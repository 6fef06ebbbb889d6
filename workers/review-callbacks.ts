import { reviewCallbacks } from '#server/callbacks/review-callbacks.ts';
import type { JobContext } from './job-context.ts';

/** Moves or withdraws the callbacks that a line cannot make any more, and has their practitioners told. */
export async function reviewBookedCallbacks({ config, db, clock, doorbell }: JobContext): Promise<void> {
  const { moved, withdrawn } = await reviewCallbacks(db, config.callbacks, clock.now());
  if (moved + withdrawn > 0) doorbell.ring();
}
