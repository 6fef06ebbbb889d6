import { raiseDueCallback } from '#server/callbacks/raise-due.ts';
import type { JobContext } from './job-context.ts';
import type { Payload } from './queues.ts';

/** Brings a case to the front whose practitioner is to be called in a few minutes. */
export async function callbackDue(
  { callbackId }: Payload<'callback-due'>,
  context: JobContext,
): Promise<void> {
  const { db, clock, doorbell } = context;
  if (await raiseDueCallback(db, { callbackId, now: clock.now() })) doorbell.ring();
}
