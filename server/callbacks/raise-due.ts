import { and, eq, isNull, lte } from 'drizzle-orm';
import { cases } from '../cases/cases.table.ts';
import { changeCase } from '../cases/change-case.ts';
import { rankOf } from '../cases/queue-order.ts';
import type { Database } from '../database/client.ts';
import { callbacks } from './callbacks.table.ts';
import { dueSoonMs } from './place-callback.ts';

/**
 * A callback is about to be due: its case becomes urgent, until the callback has ended, and the desk is told. Once, however
 * often it is asked; one that is off, or not that near, changes nothing.
 * @returns whether anything changed.
 */
export async function raiseDueCallback(
  db: Database,
  { callbackId, now }: { readonly callbackId: number; readonly now: Date },
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const [known] = await tx
      .select({ caseId: callbacks.caseId })
      .from(callbacks)
      .where(eq(callbacks.id, callbackId));
    if (!known) return false;
    // The case before the callback, as whoever books does.
    const [record] = await tx.select().from(cases).where(eq(cases.id, known.caseId)).for('update');
    if (!record) return false;
    const [raised] = await tx
      .update(callbacks)
      .set({ raisedFrom: record.priorityRank })
      .where(
        and(
          eq(callbacks.id, callbackId),
          eq(callbacks.state, 'booked'),
          isNull(callbacks.raisedFrom),
          lte(callbacks.startsAt, new Date(now.getTime() + dueSoonMs)),
        ),
      )
      .returning();
    if (!raised) return false;
    await changeCase(tx, {
      where: [eq(cases.id, record.id)],
      set: { priorityRank: rankOf('urgent') },
      at: now,
      by: { kind: 'system' },
      events: [{ kind: 'callback_due', data: { at: raised.startsAt.toISOString() } }],
    });
    return true;
  });
}
