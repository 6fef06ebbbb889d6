import { eq } from 'drizzle-orm';
import { cases, type TrailEntry } from '../cases/cases.table.ts';
import type { Database } from '../database/client.ts';
import { findHotline, type RoutingConfiguration } from '../routing/configuration.ts';
import { followUps } from './follow-ups.table.ts';
import { isMailedEnough } from './mailed-lately.ts';
import { planFollowUps } from './plan.ts';
import { storePlanned } from './store-planned.ts';

/**
 * Plans the mails of a case that was opened; none when five others opened within a day already write to its address.
 * Planning again changes nothing.
 * @returns how many mails are newly planned.
 * @throws Error when the case's hotline is not configured: tried again later.
 */
export async function planCaseFollowUps(
  db: Database,
  options: {
    readonly caseId: number;
    readonly configuration: RoutingConfiguration;
    /** After how many working days somebody who waits for a correction is asked about it. */
    readonly updateDays: number;
    readonly now: Date;
  },
): Promise<number> {
  const { caseId, configuration, updateDays, now } = options;
  const [opened] = await db
    .select({
      openedAt: cases.openedAt,
      email: cases.contactEmail,
      consent: cases.followUps,
      hotlineId: cases.hotlineId,
      trail: cases.trail,
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
    updateDays: waitsForUpdate(opened.trail) ? updateDays : undefined,
  });
  const { email, openedAt } = opened;
  if (mails.length > 0 && email !== null && (await isMailedEnough(db, { caseId, email, openedAt }))) {
    // Noted, so that nobody takes the mails for lost and plans them again.
    const dropped = mails.map(({ kind, round, dueAt }) => ({
      caseId,
      kind,
      round,
      dueAt,
      state: 'cancelled' as const,
    }));
    await db.insert(followUps).values(dropped).onConflictDoNothing();
    return 0;
  }
  return storePlanned(db, { caseId, mails, now });
}

/** Whether the answers say that the registration authority is correcting the contact details it holds. */
export function waitsForUpdate(trail: readonly Pick<TrailEntry, 'node' | 'answer'>[]): boolean {
  return trail.some(({ node, answer }) => node === 'contacts' && answer === 'waiting');
}
