import { UnrecoverableError } from 'bullmq';
import { Value } from 'typebox/value';
import { safeError } from '#server/safe-error.ts';
import type { JobProcessor } from './backend.ts';
import { callbackDue } from './callback-due.ts';
import { caseOpened } from './case-opened.ts';
import { caseResolved } from './case-resolved.ts';
import { importInjections } from './import-injections.ts';
import type { JobContext } from './job-context.ts';
import { keepRecords } from './keep-records.ts';
import { linkIncidentCases } from './link-incident-cases.ts';
import { makeSummaries } from './make-summaries.ts';
import { messageSent } from './message-sent.ts';
import { planIncidentNotices } from './plan-incident-notices.ts';
import { purge } from './purge.ts';
import { isJobName, type JobName, jobs, type Payload } from './queues.ts';
import { renewPatientDocuments } from './renew-documents.ts';
import { reviewBookedCallbacks } from './review-callbacks.ts';
import { sendPlannedFollowUp } from './send-follow-up.ts';
import { sendIncidentNotices } from './send-incident-notices.ts';
import { sweep } from './sweep.ts';

type Handlers = {
  readonly [Name in JobName]: (payload: Payload<Name>, context: JobContext) => Promise<void>;
};

const handlers: Handlers = {
  'case-opened': caseOpened,
  'case-resolved': caseResolved,
  'message-sent': messageSent,
  'callback-due': callbackDue,
  'review-callbacks': (_which, context) => reviewBookedCallbacks(context),
  'link-incident-cases': linkIncidentCases,
  'plan-incident-notices': planIncidentNotices,
  'send-incident-notices': sendIncidentNotices,
  'send-follow-up': sendPlannedFollowUp,
  'import-injections': importInjections,
  'make-summaries': makeSummaries,
  'renew-documents': renewPatientDocuments,
  sweep: (_nothing, context) => sweep(context),
  purge: (_nothing, context) => purge(context),
  'keep-records': (_nothing, context) => keepRecords(context),
};

/**
 * Runs one job.
 * @throws UnrecoverableError when its payload is not what the job takes: no other try would help. A name that this
 * version does not know is worth another try, by a worker of the version that does.
 */
export async function runJob(name: string, data: unknown, context: JobContext): Promise<void> {
  if (!isJobName(name)) throw new Error('no job of that name in this version');
  await handle(name, data, context);
}

async function handle<Name extends JobName>(name: Name, data: unknown, context: JobContext): Promise<void> {
  if (!Value.Check(jobs[name].payload, data)) throw new UnrecoverableError(`not a payload of ${name}`);
  // Just checked against this job's own schema.
  await handlers[name](data as Payload<Name>, context);
}

/** What a worker does with a job. A failure is told, to the log and to the queue that keeps it, naming nobody. */
export function processor(context: JobContext): JobProcessor {
  return async (job) => {
    try {
      await runJob(job.name, job.data, context);
    } catch (error) {
      const err = safeError(error);
      const attempt = { job: job.name, id: job.id, attempt: job.attemptsMade + 1, of: job.opts.attempts };
      context.log.error({ ...attempt, err }, 'a job failed');
      throw error instanceof UnrecoverableError ? error : err;
    }
  };
}
