import { and, desc, eq } from 'drizzle-orm';
import { caseEvents, cases } from '../cases/cases.table.ts';
import type { Database } from '../database/client.ts';
import { findHotline, type RoutingConfiguration } from '../routing/configuration.ts';
import { followUps } from './follow-ups.table.ts';
import { planQuestionAgain } from './plan.ts';
import { storePlanned } from './store-planned.ts';

/**
 * Plans the next "did it work?" of a case that an agent resolved after the practitioner came back. A question still
 * to be sent is not doubled, and planning again changes nothing.
 * @returns how many mails are newly planned: 0 or 1.
 * @throws Error when the case's hotline is not configured: tried again later.
 */
export async function planCaseQuestionAgain(
  db: Database,
  options: { readonly caseId: number; readonly configuration: RoutingConfiguration; readonly now: Date },
): Promise<number> {
  const { caseId, configuration, now } = options;
  const [resolved] = await db
    .select({ hotlineId: cases.hotlineId, state: cases.state, resolvedAt: cases.resolvedAt })
    .from(cases)
    .where(eq(cases.id, caseId));
  // Reopened meanwhile: it will be resolved again.
  if (resolved?.state !== 'resolved' || !resolved.resolvedAt) return 0;
  const hotline = findHotline(configuration, resolved.hotlineId);
  if (!hotline) throw new Error(`no hotline "${resolved.hotlineId}"`);

  const [last] = await db
    .select({ round: followUps.round, sentAt: followUps.sentAt })
    .from(followUps)
    .where(and(eq(followUps.caseId, caseId), eq(followUps.kind, 'did_it_work')))
    .orderBy(desc(followUps.round))
    .limit(1);
  const [returned] = await db
    .select({ at: caseEvents.at })
    .from(caseEvents)
    .where(and(eq(caseEvents.caseId, caseId), eq(caseEvents.kind, 'practitioner_returned')))
    .orderBy(desc(caseEvents.id))
    .limit(1);
  const question = planQuestionAgain({
    lastAsked: last?.sentAt ? { round: last.round, sentAt: last.sentAt } : undefined,
    returnedAt: returned?.at,
    resolvedAt: resolved.resolvedAt,
    calendar: hotline.schedule,
  });
  return question ? storePlanned(db, { caseId, mails: [question], now }) : 0;
}
