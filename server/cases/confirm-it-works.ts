import { and, desc, eq, inArray } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { caseEvents, cases } from './cases.table.ts';
import { type CaseRecord, changeCase } from './change-case.ts';
import { changeOwnCase, type OwnCaseOutcome } from './own-case.ts';

/**
 * The practitioner says that it works: the case is resolved, wherever it was. Said of a case that an agent resolved, it
 * is noted; said twice, it changes nothing.
 * @throws Problem as `changeOwnCase`.
 */
export async function confirmItWorks(db: Database, token: string, now: Date): Promise<OwnCaseOutcome> {
  return changeOwnCase(db, token, now, (tx, record) => applyConfirmation(tx, record, now));
}

/** The same for a case already locked. */
export async function applyConfirmation(
  tx: Database,
  record: CaseRecord,
  now: Date,
): Promise<CaseRecord | undefined> {
  const resolved = record.state === 'resolved';
  if (resolved && (await lastWord(tx, record.id)) === 'practitioner_confirmed') return undefined;
  return changeCase(tx, {
    where: [eq(cases.id, record.id)],
    set: {
      state: 'resolved',
      resolvedAt: resolved ? record.resolvedAt : now,
      returnedAt: null,
      assigneeSlot: null,
    },
    at: now,
    by: { kind: 'practitioner' },
    events: [{ kind: 'practitioner_confirmed' }],
  });
}

/** What the practitioner said last: that it works, or that it does not. */
async function lastWord(tx: Database, caseId: number) {
  const [event] = await tx
    .select({ kind: caseEvents.kind })
    .from(caseEvents)
    .where(
      and(
        eq(caseEvents.caseId, caseId),
        inArray(caseEvents.kind, ['practitioner_confirmed', 'practitioner_returned']),
      ),
    )
    .orderBy(desc(caseEvents.id))
    .limit(1);
  return event?.kind;
}
