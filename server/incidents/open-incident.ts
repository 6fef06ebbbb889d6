import type { Database } from '../database/client.ts';
import { type IncidentAgent, linkingJobs, noteIncidentChange, requireSupervisor } from './change-incident.ts';
import type { IncidentFields } from './check-incident.ts';
import { incidents } from './incidents.table.ts';
import type { IncidentRecord } from './open-incidents.ts';

/** Opens an incident; several may be open at once. @throws Problem 403 `supervisors-only`. */
export async function openIncident(
  db: Database,
  { agent, fields }: { readonly agent: IncidentAgent; readonly fields: IncidentFields },
  now: Date,
): Promise<IncidentRecord> {
  requireSupervisor(agent);
  return db.transaction(async (tx) => {
    const [record] = await tx
      .insert(incidents)
      .values({ ...fields, openedAt: now, openedBy: agent.id })
      .returning();
    if (!record) throw new Error('the incident was not stored');
    await noteIncidentChange(tx, { agent, record, change: { kind: 'opened', jobs: linkingJobs(now) } }, now);
    return record;
  });
}
