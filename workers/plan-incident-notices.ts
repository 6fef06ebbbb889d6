import { planNotices } from '#server/incidents/plan-notices.ts';
import type { JobContext } from './job-context.ts';
import type { Payload } from './queues.ts';

/** Plans the mails that say that an incident is over. */
export async function planIncidentNotices(
  { incidentId }: Payload<'plan-incident-notices'>,
  { db, clock, doorbell }: JobContext,
): Promise<void> {
  if ((await planNotices(db, incidentId, clock.now())) > 0) doorbell.ring();
}
