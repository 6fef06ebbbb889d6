import { asc, eq } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { caseEvents, cases } from '../cases/cases.table.ts';
import { claimCase } from '../cases/claim-case.ts';
import { mergeCases } from '../cases/merge-cases.ts';
import { queueCounts } from '../cases/queue-counts.ts';
import { rankOf } from '../cases/queue-order.ts';
import { reopenCase } from '../cases/reopen-case.ts';
import { resolveCase } from '../cases/resolve-case.ts';
import { setPriority } from '../cases/set-priority.ts';
import { transferCase } from '../cases/transfer-case.ts';
import { outbox } from '../database/outbox.table.ts';
import { followUps } from '../follow-ups/follow-ups.table.ts';
import { findHotline } from '../routing/configuration.ts';
import { versionOf } from '../routing/configuration-history.ts';
import { documentOf } from '../routing/hotline-document.ts';
import { loadConfiguration } from '../routing/load-configuration.ts';
import { saveHotline } from '../routing/save-hotline.ts';
import { aCase, anAgent } from '../testing/builders.ts';
import { testDependencies } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';
import { bookCallback } from './book-callback.ts';
import { callbacks } from './callbacks.table.ts';
import { cancelCallback } from './cancel-callback.ts';
import { listCallbacksOfDay } from './list-callbacks.ts';
import { raiseDueCallback } from './raise-due.ts';
import { recordCall } from './record-call.ts';
import { reviewCallbacks } from './review-callbacks.ts';
import { sweepCallbacks } from './sweep-callbacks.ts';

const database = testDatabase();
const now = new Date('2026-11-23T10:00:00+01:00');
const terms = { slotMinutes: 20, places: 1, noticeMinutes: 30, days: 7 };
const at = (time: string, day = 23) => new Date(`2026-11-${day}T${time}:00+01:00`);
const rules = async () => ({ configuration: await loadConfiguration(database.db), terms });

beforeEach(async () => {
  await database.db.delete(followUps);
  await database.db.delete(outbox);
  await database.db.delete(callbacks);
});

/** A case whose practitioner is called at that time. */
async function called(startsAt: Date, overrides: Partial<typeof cases.$inferInsert> = {}) {
  const record = await aCase(database.db, { contactPhone: '+33612345678', ...overrides });
  await bookCallback(database.db, { token: record.trackingToken, startsAt }, await rules(), now);
  const [callback] = await database.db.select().from(callbacks).where(eq(callbacks.caseId, record.id));
  if (!callback) throw new Error('nothing was booked');
  return { ...record, callbackId: callback.id };
}

async function about({ id }: { readonly id: number }) {
  const [record] = await database.db.select().from(cases).where(eq(cases.id, id));
  const own = await database.db
    .select()
    .from(callbacks)
    .where(eq(callbacks.caseId, id))
    .orderBy(asc(callbacks.id));
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
  return {
    record,
    states: own.map(({ state, startsAt }) => [state, startsAt.getTime()]),
    events: events.map(({ kind }) => kind).slice(1),
    mails: mails.map(({ kind }) => kind),
  };
}

describe('a callback that is due in five minutes', () => {
  test('makes its case urgent and tells the desk, once, and until it has ended', async () => {
    const record = await called(at('14:20'));
    const [job] = await database.db.select().from(outbox).where(eq(outbox.job, 'callback-due'));
    expect(job).toMatchObject({ payload: { callbackId: record.callbackId }, notBefore: at('14:15') });
    expect(await raiseDueCallback(database.db, { ...record, now: at('14:14') })).toBe(false);
    const raised = await Promise.all(
      Array.from({ length: 6 }, () => raiseDueCallback(database.db, { ...record, now: at('14:15') })),
    );
    expect(raised.filter(Boolean)).toHaveLength(1);
    expect((await about(record)).record?.priorityRank).toBe(0);
    expect((await about(record)).events).toEqual(['callback_booked', 'callback_due']);
    await cancelCallback(database.db, record.trackingToken, at('14:16'));
    expect((await about(record)).record?.priorityRank).toBe(2);
  });

  test('that was cancelled raises nothing; a lost job is made up for by the sweep', async () => {
    const cancelled = await called(at('14:20'));
    await cancelCallback(database.db, cancelled.trackingToken, now);
    const lost = await called(at('14:40'));
    expect(await raiseDueCallback(database.db, { ...cancelled, now: at('14:20') })).toBe(false);
    expect(await sweepCallbacks(database.db, terms, at('14:36'))).toEqual({
      raised: 1,
      moved: 0,
      withdrawn: 0,
    });
    expect(await sweepCallbacks(database.db, terms, at('14:37'))).toEqual({
      raised: 0,
      moved: 0,
      withdrawn: 0,
    });
    expect((await about(lost)).record?.priorityRank).toBe(0);
  });
});

describe('a case that was raised for its callback, then finished', () => {
  test.each([
    ['has its own priority when it is opened again', 'normal', undefined, 'normal'],
    ['keeps the one that an agent gave it since', 'normal', 'high', 'high'],
    ['keeps an urgency of its own', 'urgent', undefined, 'urgent'],
  ] as const)('%s', async (_, first, since, last) => {
    const agent = await anAgent(database.db);
    const record = await called(at('14:20'), { priorityRank: rankOf(first) });
    const given = { agent, number: record.number };
    await raiseDueCallback(database.db, { ...record, now: at('14:16') });
    expect((await about(record)).record?.priorityRank).toBe(rankOf('urgent'));
    await claimCase(database.db, given, at('14:17'));
    if (since) await setPriority(database.db, { ...given, priority: since }, at('14:18'));
    await resolveCase(database.db, given, at('14:25'));
    expect((await about(record)).states).toEqual([['settled', at('14:20').getTime()]]);
    await reopenCase(database.db, given, at('15:00'));
    expect((await about(record)).record).toMatchObject({
      priorityRank: rankOf(last),
      callbackAt: null,
      state: 'waiting',
    });
  });
});

describe('the agent who called', () => {
  test('reached the practitioner', async () => {
    const agent = await anAgent(database.db);
    const record = await called(at('14:20'));
    await recordCall(
      database.db,
      { agent, number: record.number, outcome: 'reached' },
      await rules(),
      at('14:22'),
    );
    expect(await about(record)).toMatchObject({
      record: { callbackAt: null },
      states: [['reached', at('14:20').getTime()]],
      events: ['callback_booked', 'callback_reached'],
    });
    const again = { agent, number: record.number, outcome: 'missed' } as const;
    await expect(recordCall(database.db, again, await rules(), at('14:23'))).rejects.toMatchObject({
      code: 'no-callback',
    });
  });

  test('did not: the practitioner is told, or called again', async () => {
    const agent = await anAgent(database.db);
    const [one, other] = [await called(at('14:20')), await called(at('14:40'))];
    const missed = { agent, outcome: 'missed' } as const;
    await recordCall(database.db, { ...missed, number: one.number }, await rules(), at('14:22'));
    expect((await about(one)).mails).toContain('callback_missed');
    expect((await about(one)).record?.callbackAt).toBeNull();
    const given = { ...missed, number: other.number, again: at('16:00') };
    await recordCall(database.db, given, await rules(), at('14:42'));
    expect(await about(other)).toMatchObject({
      record: { callbackAt: at('16:00') },
      states: [
        ['missed', at('14:40').getTime()],
        ['booked', at('16:00').getTime()],
      ],
      mails: ['callback_booked', 'callback_reminder', 'callback_missed', 'callback_reminder'],
    });
  });

  test('of another line may not say so, and nothing changes', async () => {
    const agent = await anAgent(database.db, { hotlines: ['liberaux'] });
    const record = await called(at('14:20'));
    const given = { agent, number: record.number, outcome: 'reached' } as const;
    await expect(recordCall(database.db, given, await rules(), at('14:22'))).rejects.toMatchObject({
      code: 'foreign-hotline',
    });
    expect((await about(record)).states).toEqual([['booked', at('14:20').getTime()]]);
  });
});

describe('the list of today', () => {
  test('has the calls to make on the agent’s lines, late ones too, and those that were made', async () => {
    const agent = await anAgent(database.db);
    const [made, toMake] = [await called(at('11:00')), await called(at('14:20'))];
    await called(at('11:00', 24));
    await recordCall(
      database.db,
      { agent, number: made.number, outcome: 'reached' },
      await rules(),
      at('11:02'),
    );
    const list = await listCallbacksOfDay(database.db, ['etablissements'], at('15:00'));
    expect(list.map(({ number, state }) => [number, state])).toEqual([
      [made.number, 'reached'],
      [toMake.number, 'booked'],
    ]);
    expect(await listCallbacksOfDay(database.db, ['liberaux'], at('15:00'))).toEqual([]);
    // Nobody said what became of it: it is still to be made on the next day.
    const tomorrow = await listCallbacksOfDay(database.db, ['etablissements'], at('09:00', 24));
    expect(tomorrow.map(({ number }) => number)).toContain(toMake.number);
  });
});

describe('a line that cannot call any more', () => {
  const closeOn = async (day: string, intervals: { opensAt: string; closesAt: string }[]) => {
    const { db } = database;
    const agent = await anAgent(db, { role: 'supervisor' });
    const hotline = findHotline(await loadConfiguration(db), 'etablissements');
    if (!hotline) throw new Error('the line is gone');
    const document = documentOf(hotline);
    const exceptions = [
      ...document.exceptions.filter((each) => each.day !== day),
      { day, intervals, note: { fr: 'Grève', en: 'Strike' } },
    ];
    const version = await versionOf(db, 'hotline:etablissements');
    await saveHotline(
      db,
      { agent, id: 'etablissements', version, document: { ...document, exceptions } },
      now,
    );
  };

  test('moves the call to the next free place, and tells the practitioner, once', async () => {
    const [first, second] = [await called(at('14:20', 25)), await called(at('14:40', 25))];
    const untouched = await called(at('14:20', 26));
    await database.db.delete(outbox);
    await closeOn('2026-11-25', [{ opensAt: '16:00', closesAt: '20:00' }]);
    const jobs = await database.db.select().from(outbox);
    expect(jobs.map(({ job, payload }) => [job, payload])).toEqual([['review-callbacks', {}]]);
    const reviews = await Promise.all([
      reviewCallbacks(database.db, terms, now),
      reviewCallbacks(database.db, terms, now),
    ]);
    expect(reviews.reduce((sum, { moved }) => sum + moved, 0)).toBe(2);
    expect(await reviewCallbacks(database.db, terms, now)).toEqual({ moved: 0, withdrawn: 0 });
    expect(await about(first)).toMatchObject({
      record: { callbackAt: at('16:00', 25) },
      states: [
        ['moved', at('14:20', 25).getTime()],
        ['booked', at('16:00', 25).getTime()],
      ],
      events: ['callback_booked', 'callback_moved'],
    });
    expect((await about(first)).mails).toEqual([
      'callback_booked',
      'callback_reminder',
      'callback_moved',
      'callback_reminder',
    ]);
    expect((await about(second)).record?.callbackAt).toEqual(at('16:20', 25));
    expect((await about(untouched)).events).toEqual(['callback_booked']);
  });

  test('as the case is another’s now: the figure of each line says what its list says', async () => {
    const supervisor = await anAgent(database.db, {
      role: 'supervisor',
      hotlines: ['etablissements', 'liberaux'],
    });
    const record = await called(at('14:20'));
    await transferCase(database.db, { agent: supervisor, number: record.number, hotline: 'liberaux' }, now);
    const counts = queueCounts(testDependencies(database));
    for (const hotline of ['etablissements', 'liberaux']) {
      const listed = await listCallbacksOfDay(database.db, [hotline], now);
      expect([hotline, (await counts.of([hotline])).callbacks]).toEqual([hotline, listed.length]);
    }
    expect((await counts.of(['liberaux'])).callbacks).toBe(1);
  });

  test('withdraws it when there is no other time: a case that went to a line of unknown hours', async () => {
    const supervisor = await anAgent(database.db, {
      role: 'supervisor',
      hotlines: ['etablissements', 'liberaux'],
    });
    const record = await called(at('14:20', 26));
    await database.db.delete(outbox);
    await transferCase(database.db, { agent: supervisor, number: record.number, hotline: 'liberaux' }, now);
    const jobs = await database.db.select().from(outbox);
    expect(jobs.map(({ job, payload }) => [job, payload])).toEqual([
      ['review-callbacks', { caseId: record.id }],
    ]);
    expect(await sweepCallbacks(database.db, terms, now)).toEqual({ raised: 0, moved: 0, withdrawn: 1 });
    expect(await about(record)).toMatchObject({
      record: { callbackAt: null },
      states: [['withdrawn', at('14:20', 26).getTime()]],
      mails: ['callback_booked', 'callback_reminder', 'callback_withdrawn'],
    });
  });
});

describe('merging', () => {
  test('never loses a call: the case that has one is kept', async () => {
    const agent = await anAgent(database.db, { role: 'supervisor' });
    const duplicate = await called(at('15:00'));
    const other = await aCase(database.db, { contactPhone: '+33612345678' });
    const merge = (number: string, into: string) => mergeCases(database.db, { agent, number, into }, now);
    await expect(merge(duplicate.number, other.number)).rejects.toMatchObject({
      statusCode: 409,
      code: 'merge-loses-callback',
    });
    expect((await about(duplicate)).states).toEqual([['booked', at('15:00').getTime()]]);
    await merge(other.number, duplicate.number);
    expect((await about(duplicate)).states).toEqual([['booked', at('15:00').getTime()]]);
    const twice = await called(at('15:20'));
    await merge(twice.number, duplicate.number);
    expect((await about(twice)).states).toEqual([['settled', at('15:20').getTime()]]);
    expect((await about(duplicate)).states).toEqual([['booked', at('15:00').getTime()]]);
  });
});
