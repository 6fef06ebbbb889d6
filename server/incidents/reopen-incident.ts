import { and, eq } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { Problem } from '../problem.ts';
import { changeIncident, type IncidentAgent, linkingJobs } from './change-incident.ts';
import { incidentNotices } from './incident-notices.table.ts';
import type { IncidentRecord } from './open-incidents.ts';

/** A mistake is seen within this long; later it is another incident. */
export const reopenableMs = 60 * 60_000;

/**
 * Takes back a closing by mistake. Mails that have not left stay here, and are planned again by the next closing; who
 * has had one gets no other.
 * @throws Problem as `changeIncident`; 409 `incident-not-over`, 409 `incident-reopen-late`.
 */
export async function reopenIncident(
  db: Database,
  given: { readonly agent: IncidentAgent; readonly id: number; readonly version?: number | undefined },
  now: Date,
): Promise<IncidentRecord> {
  return changeIncident(db, given, now, async (record, tx) => {
    if (record.closedAt === null) throw new Problem(409, 'incident-not-over');
    if (now.getTime() - record.closedAt.getTime() > reopenableMs) {
      throw new Problem(409, 'incident-reopen-late');
    }
    await tx
      .delete(incidentNotices)
      .where(and(eq(incidentNotices.incidentId, record.id), eq(incidentNotices.state, 'planned')));
    return { kind: 'reopened', set: { closedAt: null, closedBy: null }, jobs: linkingJobs(now) };
  });
}
