import { sendFollowUp } from '#server/follow-ups/send-follow-up.ts';
import type { JobContext } from './job-context.ts';
import type { Payload } from './queues.ts';

/** Sends one mail, if it is still wanted, and shows the agents how it ended. */
export async function sendPlannedFollowUp(
  { followUpId }: Payload<'send-follow-up'>,
  context: JobContext,
): Promise<void> {
  const { config, routing, doorbell, clock, log } = context;
  const outcome = await sendFollowUp(
    {
      ...context,
      configuration: await routing.current(),
      publicUrl: config.publicUrl,
      from: config.mailFrom,
    },
    { followUpId, now: clock.now() },
  );
  if (outcome === 'sent' || outcome === 'failed') doorbell.ring();
  if (outcome === 'failed' || outcome === 'unknown') log.warn({ followUpId, outcome }, 'a mail was not sent');
}
