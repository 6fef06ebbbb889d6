import type { Database } from '../../database/client.ts';
import { outbox } from '../../database/outbox.table.ts';

/**
 * Has the documents of changed records looked at once the caller's transaction has committed: those that no longer say
 * what the record says are withdrawn, and issued anew. Whether there are any is asked then: one may be issued right now.
 * @param changedBy `professionals.id` of whoever made the change: the log of accesses names them.
 */
export async function askForRenewal(
  tx: Pick<Database, 'insert'>,
  patientIds: readonly string[],
  changedBy: string,
  now: Date,
): Promise<void> {
  const rows = [...new Set(patientIds)].map((patientId) => ({
    job: 'renew-documents',
    payload: { patientId, changedBy },
    notBefore: now,
    createdAt: now,
  }));
  await tx.insert(outbox).values(rows);
}
