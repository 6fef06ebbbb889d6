import { linkCases } from '#server/incidents/link-cases.ts';
import type { JobContext } from './job-context.ts';
import type { Payload } from './queues.ts';

/** Links the waiting cases that match an incident, and shows it to the agents. */
export async function linkIncidentCases(
  { incidentId }: Payload<'link-incident-cases'>,
  { db, clock, doorbell }: JobContext,
): Promise<void> {
  if ((await linkCases(db, incidentId, clock.now())) > 0) doorbell.ring();
}
