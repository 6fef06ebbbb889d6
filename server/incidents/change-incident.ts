import { eq } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { outbox } from '../database/outbox.table.ts';
import { Problem } from '../problem.ts';
import { type IncidentChangeKind, incidentChanges, incidents } from './incidents.table.ts';
import type { IncidentRecord } from './open-incidents.ts';

/** Who may do this: whoever is signed in as a supervisor. */
export interface IncidentAgent {
  readonly id: string;
  readonly role: 'agent' | 'supervisor';
}

/** @throws Problem 403 `supervisors-only`. */
export function requireSupervisor({ role }: Pick<IncidentAgent, 'role'>): void {
  if (role !== 'supervisor') throw new Problem(403, 'supervisors-only');
}

/** What a command wants of an incident that it holds locked. */
export interface IncidentChange {
  readonly kind: IncidentChangeKind;
  readonly set: Partial<Omit<IncidentRecord, 'id' | 'version'>>;
  readonly fields?: Readonly<Record<string, readonly [unknown, unknown]>>;
  /** Jobs to hand over after the commit, with `{ incidentId }`. */
  readonly jobs?: readonly { readonly job: string; readonly notBefore?: Date }[];
}

/**
 * Changes an incident with its history and its jobs, in one transaction. Two supervisors at once are one after the
 * other: the second finds what the first did, and is told.
 * @param given.version the version that the supervisor saw; absent, whatever there is.
 * @param decide gives the change, or undefined when there is nothing to change.
 * @throws Problem 403 `supervisors-only`; 404 `no-such-incident`; 409 `incident-changed`; whatever `decide` throws.
 */
export async function changeIncident(
  db: Database,
  given: { readonly agent: IncidentAgent; readonly id: number; readonly version?: number | undefined },
  now: Date,
  decide: (
    record: IncidentRecord,
    tx: Database,
  ) => IncidentChange | undefined | Promise<IncidentChange | undefined>,
): Promise<IncidentRecord> {
  const { agent, id, version } = given;
  requireSupervisor(agent);
  return db.transaction(async (tx) => {
    const [record] = await tx.select().from(incidents).where(eq(incidents.id, id)).for('update');
    if (!record) throw new Problem(404, 'no-such-incident');
    const change = await decide(record, tx);
    if (!change) return record;
    if (version !== undefined && version !== record.version) {
      throw new Problem(409, 'incident-changed', { extensions: { version: record.version } });
    }
    const [changed] = await tx
      .update(incidents)
      .set({ ...change.set, version: record.version + 1 })
      .where(eq(incidents.id, id))
      .returning();
    if (!changed) throw new Error('a locked incident is gone');
    await noteIncidentChange(tx, { agent, record: changed, change }, now);
    return changed;
  });
}

/** The change's place in the history, and its jobs. */
export async function noteIncidentChange(
  tx: Database,
  given: {
    readonly agent: IncidentAgent;
    readonly record: IncidentRecord;
    readonly change: Pick<IncidentChange, 'kind' | 'fields' | 'jobs'>;
  },
  now: Date,
): Promise<void> {
  const { agent, record, change } = given;
  await tx.insert(incidentChanges).values({
    incidentId: record.id,
    kind: change.kind,
    version: record.version,
    at: now,
    agentId: agent.id,
    fields: change.fields ?? {},
  });
  for (const { job, notBefore = now } of change.jobs ?? []) {
    await tx.insert(outbox).values({ job, payload: { incidentId: record.id }, notBefore, createdAt: now });
  }
}

/** A server process may open a case this long after an incident opened without having heard of it. */
const unheardMs = 15_000;

/** Links the cases that wait: at once, and again when every process has heard of the incident. */
export function linkingJobs(now: Date): NonNullable<IncidentChange['jobs']> {
  const job = 'link-incident-cases';
  return [{ job }, { job, notBefore: new Date(now.getTime() + unheardMs) }];
}
