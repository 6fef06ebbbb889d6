import { asc, eq } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { caseEvents, cases } from '../cases/cases.table.ts';
import { transferCase } from '../cases/transfer-case.ts';
import { followUps } from '../follow-ups/follow-ups.table.ts';
import { loadConfiguration } from '../routing/load-configuration.ts';
import { aCase, anAgent } from '../testing/builders.ts';
import { testDatabase } from '../testing/test-database.ts';
import { bookCallback } from './book-callback.ts';
import { callbacks } from './callbacks.table.ts';
import { findLiveCallback, findUnkept } from './find-callback.ts';
import { listCallbacksOfDay } from './list-callbacks.ts';
import { recordCall } from './record-call.ts';
import { reviewCallbacks } from './review-callbacks.ts';
import { sweepCallbacks } from './sweep-callbacks.ts';

const database = testDatabase();
const now = new Date('2026-11-23T10:00:00+01:00');
const later = (minutes: number) => new Date(now.getTime() + minutes * 60_000);
const startsAt = new Date('2026-11-25T14:20:00+01:00');
const terms = { slotMinutes: 20, places: 1, noticeMinutes: 30, days: 7 };
const rules = async () => ({ configuration: await loadConfiguration(database.db), terms });

beforeEach(async () => {
  await database.db.delete(followUps);
  await database.db.delete(callbacks);
});

const supervisor = () =>
  anAgent(database.db, { role: 'supervisor', hotlines: ['etablissements', 'liberaux'] });

/** Booked, and then given to a line whose hours nobody knows: no other time can be promised. */
async function unkept(overrides: Partial<typeof cases.$inferInsert>) {
  const { db } = database;
  const record = await aCase(db, { contactPhone: '+33612345678', ...overrides });
  const booking = { token: record.trackingToken, startsAt: new Date(startsAt) };
  await bookCallback(db, booking, { ...(await rules()), terms: { ...terms, places: 9 } }, now);
  await transferCase(db, { agent: await supervisor(), number: record.number, hotline: 'liberaux' }, now);
  return record;
}

async function about({ id }: { readonly id: number }) {
  const [record] = await database.db.select().from(cases).where(eq(cases.id, id));
  const mails = await database.db.select().from(followUps).where(eq(followUps.caseId, id));
  const events = await database.db
    .select()
    .from(caseEvents)
    .where(eq(caseEvents.caseId, id))
    .orderBy(asc(caseEvents.id));
  return { record, mails: mails.map(({ kind }) => kind), events };
}

describe('a call that a line cannot make, of somebody who', () => {
  test.each([
    ['has no address', { contactEmail: null }],
    ['wants no mail', { followUps: false }],
  ])('%s, is to be made at once: on the list, at the front of the queue, once', async (_, overrides) => {
    const [one, other] = [await unkept(overrides), await unkept(overrides)];
    expect(await reviewCallbacks(database.db, terms, now)).toEqual({ moved: 0, withdrawn: 2 });
    expect(await reviewCallbacks(database.db, terms, later(1))).toEqual({ moved: 0, withdrawn: 0 });
    const listed = await listCallbacksOfDay(database.db, ['liberaux'], later(1));
    expect(listed.map(({ number, state, unkept }) => [number, state, unkept])).toEqual(
      [one, other].map(({ number }) => [number, 'booked', startsAt]),
    );
    expect((await sweepCallbacks(database.db, terms, later(1))).raised).toBe(2);
    const { record, mails, events } = await about(one);
    expect(record).toMatchObject({ callbackAt: now, priorityRank: 0 });
    expect(mails).toEqual([]);
    expect(events.map(({ kind, data }) => [kind, data]).slice(-2)).toEqual([
      ['callback_withdrawn', { at: startsAt.toISOString(), atOnce: true }],
      ['callback_due', { at: now.toISOString() }],
    ]);
    const live = await findLiveCallback(database.db, one.id);
    expect(live && (await findUnkept(database.db, live))?.startsAt).toEqual(startsAt);

    const given = { agent: await supervisor(), number: one.number, outcome: 'reached' } as const;
    const called = await recordCall(database.db, given, await rules(), later(2));
    expect(called).toMatchObject({ callbackAt: null, priorityRank: one.priorityRank });
  });

  test('reads mails, is told by one, and left to choose', async () => {
    const record = await unkept({});
    expect(await reviewCallbacks(database.db, terms, now)).toEqual({ moved: 0, withdrawn: 1 });
    expect(await findLiveCallback(database.db, record.id)).toBeUndefined();
    expect(await listCallbacksOfDay(database.db, ['liberaux'], later(1))).toEqual([]);
    const { record: after, mails, events } = await about(record);
    expect(after).toMatchObject({ callbackAt: null, priorityRank: record.priorityRank });
    expect(mails).toContain('callback_withdrawn');
    expect(events.at(-1)).toMatchObject({ kind: 'callback_withdrawn', data: { atOnce: false } });
  });
});
