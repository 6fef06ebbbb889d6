import { planCaseFollowUps } from '#server/follow-ups/plan-follow-ups.ts';
import type { JobContext } from './job-context.ts';
import type { Payload } from './queues.ts';

/** Plans the mails of a case that was opened. */
export async function caseOpened({ caseId }: Payload<'case-opened'>, context: JobContext): Promise<void> {
  const { config, db, clock, routing, doorbell } = context;
  const planned = await planCaseFollowUps(db, {
    caseId,
    configuration: await routing.current(),
    updateDays: config.authorityUpdateDays,
    now: clock.now(),
  });
  if (planned > 0) doorbell.ring();
}
