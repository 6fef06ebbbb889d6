import type { Database } from '../database/client.ts';
import { Problem } from '../problem.ts';
import { changeIncident, type IncidentAgent, linkingJobs } from './change-incident.ts';
import { changedFields, type IncidentFields } from './check-incident.ts';
import type { IncidentRecord } from './open-incidents.ts';

/**
 * Changes an open incident's words, scope or expected end. Cases that wait and now match are linked; those already
 * linked stay. Saved without a change, nothing is noted.
 * @throws Problem as `changeIncident`; 409 `incident-over` for a closed one.
 */
export async function editIncident(
  db: Database,
  given: {
    readonly agent: IncidentAgent;
    readonly id: number;
    readonly version?: number | undefined;
    readonly fields: IncidentFields;
  },
  now: Date,
): Promise<IncidentRecord> {
  return changeIncident(db, given, now, (record) => {
    if (record.closedAt !== null) throw new Problem(409, 'incident-over');
    const fields = changedFields(record, given.fields);
    if (Object.keys(fields).length === 0) return undefined;
    const rescoped = 'ways' in fields || 'symptoms' in fields;
    return { kind: 'edited', set: given.fields, fields, ...(rescoped && { jobs: linkingJobs(now) }) };
  });
}
