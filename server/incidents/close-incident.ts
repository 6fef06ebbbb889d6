import type { Database } from '../database/client.ts';
import { Problem } from '../problem.ts';
import { changeIncident, type IncidentAgent } from './change-incident.ts';
import type { IncidentRecord } from './open-incidents.ts';

/**
 * Says that an incident is over: from then on nobody is told of it, and everybody who waited for its end is written to.
 * @throws Problem as `changeIncident`; 409 `incident-over` when it is closed already: of two at once, one is told so.
 */
export async function closeIncident(
  db: Database,
  given: { readonly agent: IncidentAgent; readonly id: number; readonly version?: number | undefined },
  now: Date,
): Promise<IncidentRecord> {
  return changeIncident(db, given, now, (record) => {
    if (record.closedAt !== null) throw new Problem(409, 'incident-over');
    return {
      kind: 'closed',
      set: { closedAt: now, closedBy: given.agent.id },
      jobs: [{ job: 'plan-incident-notices' }],
    };
  });
}
