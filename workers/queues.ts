/**
 * Purpose: everything deferred, as BullMQ jobs that the outbox feeds.
 * Entry points: start-workers.ts; main.ts is the process; one file per job beside them.
 * May import: server/<domain>, BullMQ (backend.ts chooses its engine).
 */
import type { DefaultJobOptions } from 'bullmq';
import { type Static, type TSchema, Type } from 'typebox';

const Id = Type.Integer({ minimum: 1 });
const Uuid = Type.String({ pattern: '^[0-9a-f-]{36}$' });

/** A payload says which row to look at, never what is in it: nobody's data lies in the broker. */
function ids<const Fields extends Record<string, TSchema>>(fields: Fields) {
  return Type.Object(fields, { additionalProperties: false });
}

/**
 * Every job by name: the queue that carries it and its payload. What waits for a mail server has a queue of its
 * own, so that nothing else waits behind it.
 */
export const jobs = {
  'case-opened': { queue: 'desk', payload: ids({ caseId: Id }) },
  'case-resolved': { queue: 'desk', payload: ids({ caseId: Id }) },
  'message-sent': { queue: 'desk', payload: ids({ messageId: Id, caseId: Type.Optional(Id) }) },
  'callback-due': { queue: 'desk', payload: ids({ callbackId: Id }) },
  'review-callbacks': { queue: 'desk', payload: ids({ caseId: Type.Optional(Id) }) },
  'link-incident-cases': { queue: 'desk', payload: ids({ incidentId: Id }) },
  'plan-incident-notices': { queue: 'desk', payload: ids({ incidentId: Id }) },
  'send-incident-notices': { queue: 'mail', payload: ids({ incidentId: Id }) },
  'send-follow-up': { queue: 'mail', payload: ids({ followUpId: Id }) },
  'import-injections': { queue: 'desk', payload: ids({ importId: Uuid }) },
  'make-summaries': { queue: 'desk', payload: ids({ batchId: Uuid }) },
  'renew-documents': { queue: 'desk', payload: ids({ patientId: Uuid, changedBy: Uuid }) },
  sweep: { queue: 'desk', payload: ids({}) },
  purge: { queue: 'desk', payload: ids({}) },
  'keep-records': { queue: 'desk', payload: ids({}) },
} as const satisfies Record<string, { readonly queue: string; readonly payload: TSchema }>;

export type JobName = keyof typeof jobs;
export type Payload<Name extends JobName> = Static<(typeof jobs)[Name]['payload']>;

// The keys of a literal object are exactly its type's.
export const jobNames = Object.keys(jobs) as readonly JobName[];

export const queueNames = ['desk', 'mail'] as const;
export type QueueName = (typeof queueNames)[number];

/** How many jobs of a queue one process runs at once. */
export const concurrency: Readonly<Record<QueueName, number>> = { desk: 4, mail: 3 };

/** Whether the name is one of our jobs. */
export function isJobName(name: string): name is JobName {
  return Object.hasOwn(jobs, name);
}

/** The queue's own id of an outbox row's job: handed over twice, it is one job. */
export function jobIdOf(outboxId: number): string {
  return `outbox-${outboxId}`;
}

const day = 24 * 60 * 60;

/**
 * Tried five times within about three minutes; what still fails then is found by the sweep. Finished jobs are kept,
 * by age alone, for as long as a row might be handed over again.
 */
export function jobOptions(retryDelayMs = 10_000): DefaultJobOptions {
  return {
    attempts: 5,
    backoff: { type: 'exponential', delay: retryDelayMs, jitter: 0.3 },
    removeOnComplete: { age: 7 * day },
    removeOnFail: { age: 14 * day },
    stackTraceLimit: 1,
  };
}

/** Jobs that the queue itself makes again and again. */
export const schedules = {
  sweep: { every: 5 * 60_000 },
  purge: { pattern: '20 3 * * *', tz: 'Europe/Paris' },
  'keep-records': { pattern: '50 * * * *', tz: 'Europe/Paris' },
} as const satisfies Partial<Record<JobName, object>>;

// The keys of a literal object are exactly its type's.
export const periodicJobs = Object.keys(schedules) as readonly (keyof typeof schedules)[];
