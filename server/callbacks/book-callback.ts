import { eq, sql } from 'drizzle-orm';
import { caseSearch, cases } from '../cases/cases.table.ts';
import { type CaseRecord, changeCase } from '../cases/change-case.ts';
import { checkPhone } from '../cases/contact.ts';
import { changeOwnCase, type OwnCaseOutcome } from '../cases/own-case.ts';
import { openStates } from '../cases/status.ts';
import type { Database } from '../database/client.ts';
import { Problem } from '../problem.ts';
import { findHotline } from '../routing/configuration.ts';
import { callbacks } from './callbacks.table.ts';
import { findLiveCallback } from './find-callback.ts';
import { type CallbackRules, type Offer, offerCallbacks } from './offer-callbacks.ts';
import { endCallback, placeCallback } from './place-callback.ts';
import { planMailsOf } from './plan-mails.ts';
import { type Slot, slotAt } from './slots.ts';
import { zoneOf } from './zones.ts';

/** What a practitioner asks for. */
export interface Booking {
  readonly token: string;
  /** When the slot begins. */
  readonly startsAt: Date;
  /** As typed; the case's own number when absent or empty. */
  readonly phone?: string | undefined;
  /** In which times are told; by default that of the telephone number. */
  readonly zone?: string | undefined;
}

/**
 * Books a callback, or changes the one there is: a case has one at most, and the old one stays unless the new one is had.
 * The same again changes nothing.
 * @throws Problem 422 `invalid` for a telephone number that is missing or wrong (`/phone`); 409 `callback-not-open` for a
 *   case that is resolved, `callback-not-offered` for an instant at which the line has no slot, `callback-taken` when its
 *   last place was just taken: `next` is the first one left; as `changeOwnCase`.
 */
export async function bookCallback(
  db: Database,
  booking: Booking,
  rules: CallbackRules,
  now: Date,
): Promise<OwnCaseOutcome> {
  return changeOwnCase(db, booking.token, now, async (tx, record) => {
    if (!openStates.some((state) => state === record.state)) throw new Problem(409, 'callback-not-open');
    const slot = slotFor(record, booking, rules, now);
    const phone = phoneFor(record, booking);
    const live = await findLiveCallback(tx, record.id);
    const samePhone = phone === record.contactPhone;
    if (live?.startsAt.getTime() === slot.startsAt.getTime() && samePhone) {
      // It is the same call, told in other hours from now on.
      if (booking.zone !== undefined) {
        await tx.update(callbacks).set({ zone: booking.zone }).where(eq(callbacks.id, live.id));
      }
      return undefined;
    }

    const ended = live && (await endCallback(tx, live, 'changed', now));
    const placed = await placeCallback(tx, {
      ...slot,
      caseId: record.id,
      hotlineId: record.hotlineId,
      zone: booking.zone ?? zoneOf(phone),
      replaces: live?.id ?? null,
      places: rules.terms.places,
      now,
    });
    if (!placed) {
      throw taken(await offerCallbacks(tx, record.hotlineId, rules, now), slot);
    }
    const at = slot.startsAt.toISOString();
    const changed = await changeCase(tx, {
      where: [eq(cases.id, record.id)],
      set: { ...ended, callbackAt: slot.startsAt, contactPhone: phone },
      at: now,
      by: { kind: 'practitioner' },
      events: [
        live
          ? { kind: 'callback_changed', data: { at, from: live.startsAt.toISOString() } }
          : { kind: 'callback_booked', data: { at } },
      ],
    });
    if (!samePhone) await findableBy(tx, record, phone);
    await planMailsOf(tx, record, placed, 'callback_booked', now);
    return changed;
  });
}

function slotFor({ hotlineId }: CaseRecord, { startsAt }: Booking, rules: CallbackRules, now: Date): Slot {
  const hotline = findHotline(rules.configuration, hotlineId);
  const slot = hotline && slotAt(hotline.schedule, rules.terms, startsAt, now);
  if (!slot) throw new Problem(409, 'callback-not-offered');
  return slot;
}

function phoneFor({ contactPhone }: CaseRecord, { phone }: Booking): string {
  if (!phone?.trim()) {
    if (contactPhone !== null) return contactPhone;
    throw new Problem(422, 'invalid', {
      errors: [{ path: '/phone', key: 'callbacks.errors.phone_missing' }],
    });
  }
  const checked = checkPhone(phone);
  if ('value' in checked) return checked.value;
  throw new Problem(422, 'invalid', { errors: [{ path: '/phone', key: checked.problem }] });
}

/** The place was taken in this instant: the next one at that time or later, else the first of all. */
function taken({ slots }: Offer, { startsAt }: Slot): Problem {
  const next = slots.find((slot) => slot.startsAt >= startsAt) ?? slots[0];
  return new Problem(409, 'callback-taken', {
    extensions: next ? { next: next.startsAt.toISOString() } : {},
  });
}

/** Cases are searched by telephone number too. */
async function findableBy(
  tx: Database,
  { id, number, contactName, contactEmail, rpps }: CaseRecord,
  phone: string,
): Promise<void> {
  const terms = sql`case_terms(${number}::text, ${contactName}::text, ${contactEmail}::text, ${phone}::text, ${rpps}::text)`;
  await tx.update(caseSearch).set({ terms }).where(eq(caseSearch.caseId, id));
}
