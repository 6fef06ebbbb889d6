import { asc, eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { caseEvents, cases } from '../cases/cases.table.ts';
import { claimCase } from '../cases/claim-case.ts';
import { listCases } from '../cases/list-cases.ts';
import { resolveCase } from '../cases/resolve-case.ts';
import { followUps } from '../follow-ups/follow-ups.table.ts';
import { Problem } from '../problem.ts';
import { theNotice } from '../routing/builders.ts';
import { aCase, anAgent } from '../testing/builders.ts';
import { testDatabase } from '../testing/test-database.ts';
import { bookCallback } from './book-callback.ts';
import { callbacks } from './callbacks.table.ts';
import { cancelCallback } from './cancel-callback.ts';
import { offerCallbacks } from './offer-callbacks.ts';

const database = testDatabase();
const now = new Date('2026-11-23T10:00:00+01:00');
const rules = {
  configuration: theNotice(),
  terms: { slotMinutes: 20, places: 1, noticeMinutes: 30, days: 7 },
};
const phone = '+33612345678';

const aCallable = (overrides: Partial<typeof cases.$inferInsert> = {}) =>
  aCase(database.db, { contactPhone: phone, ...overrides });

function book(
  { trackingToken: token }: { readonly trackingToken: string },
  at: string,
  more: { readonly phone?: string; readonly zone?: string } = {},
  terms = rules.terms,
) {
  return bookCallback(database.db, { token, startsAt: new Date(at), ...more }, { ...rules, terms }, now);
}

const of = ({ id }: { readonly id: number }) =>
  database.db.select().from(callbacks).where(eq(callbacks.caseId, id)).orderBy(asc(callbacks.id));

async function about({ id }: { readonly id: number }) {
  const [record] = await database.db.select().from(cases).where(eq(cases.id, id));
  const events = await database.db
    .select()
    .from(caseEvents)
    .where(eq(caseEvents.caseId, id))
    .orderBy(asc(caseEvents.id));
  const mails = await database.db
    .select()
    .from(followUps)
    .where(eq(followUps.caseId, id))
    .orderBy(asc(followUps.id));
  return { record, events: events.map(({ kind }) => kind), mails: mails.map(({ kind }) => kind) };
}

/** Each test has a day of its own, so that none takes another's places. */
let day = 23;
const onItsDay = (time: string) => `2026-11-${day}T${time}:00+01:00`;

describe('booking', () => {
  test('is told on the case, to its practitioner, and half an hour before', async () => {
    const record = await aCallable();
    expect((await book(record, onItsDay('14:20'))).changed).toBe(true);
    const told = await about(record);
    expect(told.record?.callbackAt).toEqual(new Date(onItsDay('14:20')));
    expect(told.events).toEqual(['opened', 'callback_booked']);
    expect(told.mails).toEqual(['callback_booked', 'callback_reminder']);
    const [reminder] = await database.db
      .select()
      .from(followUps)
      .where(eq(followUps.kind, 'callback_reminder'));
    expect(reminder?.dueAt).toEqual(new Date(onItsDay('13:50')));
    expect(await of(record)).toMatchObject([{ state: 'booked', place: 1, zone: 'Europe/Paris' }]);
  });

  test('the same again changes nothing', async () => {
    const record = await aCallable();
    await book(record, onItsDay('15:00'));
    expect((await book(record, onItsDay('15:00'))).changed).toBe(false);
    expect(await of(record)).toHaveLength(1);
  });

  test('another time changes it, and gives its place back', async () => {
    const [one, other] = [await aCallable(), await aCallable()];
    await book(one, onItsDay('15:20'));
    await book(one, onItsDay('15:40'));
    await book(other, onItsDay('15:20'));
    expect(await of(one)).toMatchObject([{ state: 'changed' }, { state: 'booked' }]);
    expect((await of(one))[1]?.replaces).toBe((await of(one))[0]?.id);
    expect((await about(one)).events).toEqual(['opened', 'callback_booked', 'callback_changed']);
  });

  test('cancelled, then booked again', async () => {
    const record = await aCallable();
    await book(record, onItsDay('16:00'));
    await cancelCallback(database.db, record.trackingToken, now);
    expect((await cancelCallback(database.db, record.trackingToken, now)).changed).toBe(false);
    expect((await about(record)).record?.callbackAt).toBeNull();
    await book(record, onItsDay('16:00'));
    expect(await of(record)).toMatchObject([{ state: 'cancelled' }, { state: 'booked' }]);
    expect((await about(record)).mails).toEqual([
      'callback_booked',
      'callback_reminder',
      'callback_cancelled',
      'callback_booked',
      'callback_reminder',
    ]);
  });

  test('of the last place, by twenty at once, succeeds once; the others are told of the next one', async () => {
    day = 24;
    const everybody = await Promise.all(Array.from({ length: 20 }, () => aCallable()));
    const outcomes = await Promise.allSettled(everybody.map((each) => book(each, onItsDay('14:20'))));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') continue;
      expect(outcome.reason).toBeInstanceOf(Problem);
      expect(outcome.reason).toMatchObject({
        code: 'callback-taken',
        extensions: { next: new Date(onItsDay('14:40')).toISOString() },
      });
    }
    const losers = everybody.filter((_, place) => outcomes[place]?.status === 'rejected');
    for (const loser of losers) expect(await about(loser)).toMatchObject({ events: ['opened'], mails: [] });
  });

  test('of three places by ten at once gives each a place of its own', async () => {
    const terms = { ...rules.terms, places: 3 };
    const everybody = await Promise.all(Array.from({ length: 10 }, () => aCallable()));
    const outcomes = await Promise.allSettled(
      everybody.map((each) => book(each, onItsDay('17:00'), {}, terms)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    const rows = await database.db
      .select()
      .from(callbacks)
      .where(eq(callbacks.startsAt, new Date(onItsDay('17:00'))));
    expect(rows.map(({ place }) => place).toSorted()).toEqual([1, 2, 3]);
  });

  test('of one case, ten times at once, is one callback', async () => {
    const record = await aCallable();
    await Promise.all(Array.from({ length: 10 }, () => book(record, onItsDay('18:00'))));
    expect(await of(record)).toHaveLength(1);
  });

  test('who cannot have another time keeps the one they have', async () => {
    const [one, other] = [await aCallable(), await aCallable()];
    await book(one, onItsDay('18:20'));
    await book(other, onItsDay('18:40'));
    await expect(book(other, onItsDay('18:20'))).rejects.toMatchObject({ code: 'callback-taken' });
    expect(await of(other)).toMatchObject([{ state: 'booked' }]);
    expect((await about(other)).record?.callbackAt).toEqual(new Date(onItsDay('18:40')));
  });
});

describe('the telephone number', () => {
  test('is asked for when the case has none, checked, kept, and found by a search', async () => {
    day = 25;
    const record = await aCase(database.db, { contactPhone: null });
    await expect(book(record, onItsDay('09:00'))).rejects.toMatchObject({
      errors: [{ path: '/phone', key: 'callbacks.errors.phone_missing' }],
    });
    await expect(book(record, onItsDay('09:00'), { phone: '12' })).rejects.toMatchObject({
      errors: [{ path: '/phone', key: 'case.errors.phone_wrong' }],
    });
    await book(record, onItsDay('09:00'), { phone: '06 98 76 54 32' });
    expect((await about(record)).record?.contactPhone).toBe('+33698765432');
    const found = await listCases(database.db, { hotlines: ['etablissements'], q: '0698765432', limit: 5 });
    expect(found.rows.map(({ id }) => id)).toEqual([record.id]);
  });

  test('tells where times are read, unless that is said', async () => {
    const one = await aCase(database.db, { contactPhone: '+590690123456' });
    await book(one, onItsDay('09:20'));
    expect(await of(one)).toMatchObject([{ zone: 'America/Guadeloupe' }]);
    const other = await aCase(database.db, { contactPhone: '+590690123456' });
    await book(other, onItsDay('09:40'), { zone: 'Europe/Paris' });
    expect(await of(other)).toMatchObject([{ zone: 'Europe/Paris' }]);
    const again = await book(other, onItsDay('09:40'), { zone: 'Indian/Reunion' });
    expect([again.changed, await of(other)]).toMatchObject([false, [{ zone: 'Indian/Reunion' }]]);
  });
});

describe('nothing is promised', () => {
  test('by a line whose hours are unknown', async () => {
    const record = await aCallable({ hotlineId: 'liberaux' });
    expect(await offerCallbacks(database.db, 'liberaux', rules, now)).toEqual({
      slots: [],
      none: 'hours_unknown',
    });
    await expect(book(record, onItsDay('14:20'))).rejects.toMatchObject({ code: 'callback-not-offered' });
  });

  test('when every place is taken', async () => {
    const terms = { slotMinutes: 60, places: 1, noticeMinutes: 9 * 60, days: 1 } as const;
    const record = await aCallable();
    await book(record, '2026-11-23T19:00:00+01:00', {}, terms);
    expect(await offerCallbacks(database.db, 'etablissements', { ...rules, terms }, now)).toEqual({
      slots: [],
      none: 'full',
    });
  });

  test.each(['resolved', 'closed'] as const)('about a case that is %s', async (state) => {
    const agent = await anAgent(database.db);
    const record = await aCallable({ state, assigneeId: agent.id, resolvedAt: now });
    await expect(book(record, onItsDay('10:00'))).rejects.toMatchObject({
      code: state === 'closed' ? 'request-closed' : 'callback-not-open',
    });
  });

  test('once an agent resolved the case: the place is free again', async () => {
    const [record, other] = [await aCallable(), await aCallable()];
    await book(record, onItsDay('11:00'));
    const agent = await anAgent(database.db);
    await claimCase(database.db, { agent, number: record.number }, now);
    await resolveCase(database.db, { agent, number: record.number }, now);
    expect(await of(record)).toMatchObject([{ state: 'settled', endedAt: now }]);
    expect((await about(record)).record?.callbackAt).toBeNull();
    await book(other, onItsDay('11:00'));
    expect(await of(other)).toMatchObject([{ state: 'booked' }]);
  });
});
