import { and, eq, gt } from 'drizzle-orm';
import { cases } from '../cases/cases.table.ts';
import { type CaseRecord, changeCase } from '../cases/change-case.ts';
import type { CallbackTerms } from '../config.ts';
import type { Database } from '../database/client.ts';
import { findHotline } from '../routing/configuration.ts';
import { loadConfiguration } from '../routing/load-configuration.ts';
import { callbacks } from './callbacks.table.ts';
import { type Callback, findLiveCallback } from './find-callback.ts';
import { type CallbackRules, offerCallbacks } from './offer-callbacks.ts';
import { endCallback, placeCallback } from './place-callback.ts';
import { isMailed, planMailsOf } from './plan-mails.ts';
import { isStillOpen } from './slots.ts';

/** What became of the callbacks that could not stay as they were. */
export interface Reviewed {
  readonly moved: number;
  readonly withdrawn: number;
}

/**
 * Finds the callbacks to come that their case's line cannot make any more, because its hours changed or the case went to
 * another line: each moves to the first free slot from then on, or is withdrawn when there is none; its practitioner is
 * told either way. Whoever cannot be told by mail that nobody will call is called at once: that is for the agents to do.
 * Doing it again changes nothing more.
 */
export async function reviewCallbacks(db: Database, terms: CallbackTerms, now: Date): Promise<Reviewed> {
  // Read anew: what was just saved is why this runs.
  const rules = { configuration: await loadConfiguration(db), terms };
  const booked = await db
    .select({ callback: callbacks, hotlineId: cases.hotlineId })
    .from(callbacks)
    .innerJoin(cases, eq(cases.id, callbacks.caseId))
    .where(and(eq(callbacks.state, 'booked'), gt(callbacks.startsAt, now)))
    .orderBy(callbacks.startsAt, callbacks.id);
  const outcomes = { moved: 0, withdrawn: 0 };
  for (const { callback, hotlineId } of booked) {
    if (holds(callback, hotlineId, rules)) continue;
    const outcome = await settle(db, callback.caseId, rules, now);
    if (outcome) outcomes[outcome] += 1;
  }
  return outcomes;
}

/** Whether the line that has the case now is the one that calls, and open then. */
function holds(callback: Callback, hotlineId: string, { configuration }: CallbackRules): boolean {
  const hotline = findHotline(configuration, hotlineId);
  return hotline !== undefined && callback.hotlineId === hotlineId && isStillOpen(hotline.schedule, callback);
}

async function settle(
  db: Database,
  caseId: number,
  rules: CallbackRules,
  now: Date,
): Promise<keyof Reviewed | undefined> {
  return db.transaction(async (tx) => {
    const [record] = await tx.select().from(cases).where(eq(cases.id, caseId)).for('update');
    const live = record && (await findLiveCallback(tx, caseId));
    // Somebody was faster: changed or cancelled meanwhile.
    if (!record || !live || live.startsAt <= now || holds(live, record.hotlineId, rules)) return undefined;
    const from = live.startsAt.toISOString();
    const moved = await move(tx, record, live, rules, now);
    const ended = moved?.ended ?? (await endCallback(tx, live, 'withdrawn', now));
    const atOnce = moved || isMailed(record) ? undefined : await callAtOnce(tx, record, live, rules, now);
    await changeCase(tx, {
      where: [eq(cases.id, caseId)],
      set: { ...ended, callbackAt: (moved?.placed ?? atOnce)?.startsAt ?? null },
      at: now,
      by: { kind: 'system' },
      events: [
        moved
          ? { kind: 'callback_moved', data: { at: moved.placed.startsAt.toISOString(), from } }
          : { kind: 'callback_withdrawn', data: { at: from, atOnce: atOnce !== undefined } },
      ],
    });
    await planMailsOf(
      tx,
      record,
      moved?.placed ?? live,
      moved ? 'callback_moved' : 'callback_withdrawn',
      now,
    );
    return moved ? 'moved' : 'withdrawn';
  });
}

/** Takes the first place there is, at that time or later. */
async function move(tx: Database, record: CaseRecord, live: Callback, rules: CallbackRules, now: Date) {
  const { slots } = await offerCallbacks(tx, record.hotlineId, rules, now);
  const later = slots.filter(({ startsAt }) => startsAt >= live.startsAt);
  if (later.length === 0) return undefined;
  const ended = await endCallback(tx, live, 'moved', now);
  for (const slot of later) {
    const placed = await placeCallback(tx, {
      ...slot,
      caseId: record.id,
      hotlineId: record.hotlineId,
      zone: live.zone,
      replaces: live.id,
      places: rules.terms.places,
      now,
    });
    if (placed) return { placed, ended };
  }
  return undefined;
}

/** As many as the table can tell apart: nobody is left out because the slot is full. */
const anyPlace = 32_767;

/** A call to be made as soon as somebody can, instead of one at an hour that will not be kept. */
async function callAtOnce(
  tx: Database,
  record: CaseRecord,
  live: Callback,
  { terms }: CallbackRules,
  now: Date,
) {
  return placeCallback(tx, {
    startsAt: now,
    endsAt: new Date(now.getTime() + terms.slotMinutes * 60_000),
    caseId: record.id,
    hotlineId: record.hotlineId,
    zone: live.zone,
    replaces: live.id,
    places: anyPlace,
    now,
  });
}
