import type { Database } from '../../database/client.ts';
import { outbox } from '../../database/outbox.table.ts';
import { lockPersons } from './lock-person.ts';

/**
 * Has the documents of changed records looked at once the caller's transaction has committed: those that no longer say
 * what the record says are withdrawn, and issued anew. Whether there are any is asked then: one may be issued right now,
 * and is waited for. Call it before the access is logged.
 * @param changedBy `professionals.id` of whoever made the change: the log of accesses names them.
 */
export async function askForRenewal(
  tx: Pick<Database, 'insert' | 'execute'>,
  patientIds: readonly string[],
  changedBy: string,
  now: Date,
): Promise<void> {
  await lockPersons(tx, patientIds, 'to change');
  const rows = [...new Set(patientIds)].map((patientId) => ({
    job: 'renew-documents',
    payload: { patientId, changedBy },
    notBefore: now,
    createdAt: now,
  }));
  await tx.insert(outbox).values(rows);
}
