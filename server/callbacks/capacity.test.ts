import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { theNotice } from '../routing/builders.ts';
import { aCase } from '../testing/builders.ts';
import { testDatabase } from '../testing/test-database.ts';
import { bookCallback } from './book-callback.ts';
import { callbacks } from './callbacks.table.ts';
import { offerCallbacks } from './offer-callbacks.ts';
import { freePlace, type TakenPlace } from './slots.ts';

const database = testDatabase();
const configuration = theNotice();
const now = new Date('2026-11-23T10:00:00+01:00');
const at = (time: string) => new Date(`2026-11-24T${time}:00+01:00`);
const slotsOf = (slotMinutes: number, places = 1) => ({
  configuration,
  terms: { slotMinutes, places, noticeMinutes: 30, days: 7 },
});

beforeEach(async () => {
  await database.db.delete(callbacks);
});

async function book(time: string, rules: ReturnType<typeof slotsOf>) {
  const { trackingToken: token } = await aCase(database.db, { contactPhone: '+33612345678' });
  return bookCallback(database.db, { token, startsAt: at(time) }, rules, now);
}

/** How many people would be called at each minute of the day, at most. */
async function mostAtOnce(): Promise<number> {
  const booked = await database.db.select().from(callbacks).where(eq(callbacks.state, 'booked'));
  const minutes = Array.from({ length: 11 * 60 }, (_, minute) => at('09:00').getTime() + minute * 60_000);
  return Math.max(
    ...minutes.map(
      (minute) =>
        booked.filter(({ startsAt, endsAt }) => startsAt.getTime() <= minute && minute < endsAt.getTime())
          .length,
    ),
  );
}

describe('slots whose length was changed', () => {
  test.each([
    { before: 20, booked: '14:20', after: 30, full: ['14:00', '14:30'], free: ['13:30', '15:00'] },
    { before: 30, booked: '14:00', after: 20, full: ['14:00', '14:20'], free: ['13:40', '14:40'] },
    { before: 60, booked: '14:00', after: 15, full: ['14:00', '14:45'], free: ['13:45', '15:00'] },
  ])('from $before to $after minutes count what was booked for as long as it lasts', async (each) => {
    await book(each.booked, slotsOf(each.before));
    const rules = slotsOf(each.after);
    const { slots } = await offerCallbacks(database.db, 'etablissements', rules, now);
    const offered = slots.map(({ startsAt }) => startsAt.getTime());
    for (const time of each.full) {
      expect(offered).not.toContain(at(time).getTime());
      await expect(book(time, rules)).rejects.toMatchObject({ code: 'callback-taken' });
    }
    for (const time of each.free) {
      expect(offered).toContain(at(time).getTime());
      await book(time, rules);
    }
    expect(await mostAtOnce()).toBe(1);
  });

  test('are never booked beyond the places there are, by servers of both lengths at once', async () => {
    const tries = ['14:00', '14:20', '14:40'].map((time) => book(time, slotsOf(20, 2)));
    const others = ['14:00', '14:30', '14:00', '14:30'].map((time) => book(time, slotsOf(30, 2)));
    const outcomes = await Promise.allSettled([...tries, ...others]);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'callback-taken' });
    }
    expect(await mostAtOnce()).toBe(2);
  });
});

test('where there are fewer places than before, those taken still count', async () => {
  for (let count = 0; count < 3; count += 1) await book('15:00', slotsOf(20, 3));
  const [first] = await database.db.select().from(callbacks).where(eq(callbacks.place, 1));
  await database.db
    .update(callbacks)
    .set({ state: 'cancelled', endedAt: now })
    .where(eq(callbacks.id, first?.id ?? 0));
  await expect(book('15:00', slotsOf(20, 2))).rejects.toMatchObject({ code: 'callback-taken' });
  await book('15:00', slotsOf(20, 3));
});

test('a place that is given is one that nothing overlapping holds, and there is one whenever fewer are held', () => {
  const slot = fc
    .tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 6 }))
    .map(([from, length]) => ({ startsAt: new Date(from), endsAt: new Date(from + length) }));
  const taken = fc.record({ slot, place: fc.integer({ min: 1, max: 4 }) });
  fc.assert(
    fc.property(slot, fc.array(taken), fc.integer({ min: 1, max: 4 }), (asked, all, places) => {
      const held: readonly TakenPlace[] = all.map(({ slot, place }) => ({ ...slot, place }));
      const beside = held.filter((each) => each.startsAt < asked.endsAt && asked.startsAt < each.endsAt);
      const given = freePlace(asked, held, places);
      const heldNow = new Set(beside.map(({ place }) => place));
      expect(given !== undefined).toBe(heldNow.size < places);
      if (given === undefined) return;
      expect(heldNow.has(given)).toBe(false);
      expect(given).toBeLessThanOrEqual(places);
    }),
  );
});
