import { planCaseQuestionAgain } from '#server/follow-ups/plan-question-again.ts';
import type { JobContext } from './job-context.ts';
import type { Payload } from './queues.ts';

/** Plans to ask a practitioner who came back once more, now that an agent resolved the case again. */
export async function caseResolved({ caseId }: Payload<'case-resolved'>, context: JobContext): Promise<void> {
  const { db, clock, routing, doorbell } = context;
  const configuration = await routing.current();
  const planned = await planCaseQuestionAgain(db, { caseId, configuration, now: clock.now() });
  if (planned > 0) doorbell.ring();
}
