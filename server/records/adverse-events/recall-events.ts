import type { Database } from '../../database/client.ts';
import { logAccess } from '../access-log/log-access.ts';
import type { Entry } from '../acts/act-entry.ts';
import { type AdverseEvent, listAdverseEvents } from './find-adverse-events.ts';

/**
 * What followed a patient's earlier doses and stands, the latest first: recalled before the next dose, and logged as
 * read.
 * @throws Problem 503 `access-not-logged`.
 */
export async function recallEvents(
  db: Database,
  entry: Entry,
  patientId: string,
  now: Date,
): Promise<readonly AdverseEvent[]> {
  return db.transaction(async (tx) => {
    const found = await listAdverseEvents(tx, patientId);
    await logAccess(tx, { ...entry, patientId, action: 'adverse_event.list' }, now);
    return found.filter(({ state }) => state === 'recorded');
  });
}
