import { sendNotices } from '#server/incidents/send-notices.ts';
import type { JobContext } from './job-context.ts';
import type { Payload } from './queues.ts';

/** Sends some of the mails that say that an incident is over, as many as the shared pace allows now. */
export async function sendIncidentNotices(
  { incidentId }: Payload<'send-incident-notices'>,
  context: JobContext,
): Promise<void> {
  const { config, clock, doorbell } = context;
  const turn = await sendNotices(
    { ...context, publicUrl: config.publicUrl, from: config.mailFrom },
    { incidentId, perMinute: config.incidentMailsPerMinute, now: () => clock.now() },
  );
  // The next turn is in the outbox, and the agents see how far it is.
  if (turn.begun > 0 || turn.goesOn) doorbell.ring();
}
