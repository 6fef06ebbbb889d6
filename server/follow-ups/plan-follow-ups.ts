import { eq } from 'drizzle-orm';
import { cases } from '../cases/cases.table.ts';
import type { Database } from '../database/client.ts';
import { findHotline, type RoutingConfiguration } from '../routing/configuration.ts';
import { planFollowUps } from './plan.ts';
import { storePlanned } from './store-planned.ts';

/**
 * Plans the mails of a case that was opened. Planning again changes nothing.
 * @returns how many mails are newly planned.
 * @throws Error when the case's hotline is not configured: tried again later.
 */
export async function planCaseFollowUps(
  db: Database,
  options: { readonly caseId: number; readonly configuration: RoutingConfiguration; readonly now: Date },
): Promise<number> {
  const { caseId, configuration, now } = options;
  const [opened] = await db
    .select({
      openedAt: cases.openedAt,
      email: cases.contactEmail,
      consent: cases.followUps,
      hotlineId: cases.hotlineId,
    })
    .from(cases)
    .where(eq(cases.id, caseId));
  if (!opened) return 0;
  const hotline = findHotline(configuration, opened.hotlineId);
  if (!hotline) throw new Error(`no hotline "${opened.hotlineId}"`);
  const mails = planFollowUps({
    openedAt: opened.openedAt,
    hasEmail: opened.email !== null,
    consent: opened.consent,
    calendar: hotline.schedule,
  });
  return storePlanned(db, { caseId, mails, now });
}
