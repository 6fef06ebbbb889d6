import { once } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { and, eq, ne, sql } from 'drizzle-orm';
import { expect, test, vi } from 'vitest';
import { bookCallback } from '#server/callbacks/book-callback.ts';
import { callbacks } from '#server/callbacks/callbacks.table.ts';
import { type Callback, findLiveCallback } from '#server/callbacks/find-callback.ts';
import { offerCallbacks } from '#server/callbacks/offer-callbacks.ts';
import { sweepCallbacks } from '#server/callbacks/sweep-callbacks.ts';
import { caseEvents, cases } from '#server/cases/cases.table.ts';
import type { CaseRecord } from '#server/cases/change-case.ts';
import { outbox } from '#server/database/outbox.table.ts';
import { followUps } from '#server/follow-ups/follow-ups.table.ts';
import { sweepFollowUps } from '#server/follow-ups/sweep-follow-ups.ts';
import { aCase } from '#server/testing/builders.ts';
import { eventually } from '#server/testing/eventually.ts';
import { onEachEngine, type Stage } from './testing/stage.ts';

const minute = 60_000;

/** A case whose practitioner booked, as the page does: not before the day after, so that its reminder is far away. */
async function called(stage: Stage): Promise<{ readonly record: CaseRecord; readonly live: Callback }> {
  const { config, routing } = stage.dependencies();
  const now = new Date();
  await stage.db.delete(callbacks);
  const record = await aCase(stage.db, { contactPhone: '+33612345678', openedAt: now });
  const rules = { configuration: await routing.current(), terms: config.callbacks };
  const { slots } = await offerCallbacks(stage.db, record.hotlineId, rules, now);
  const startsAt = slots.find((slot) => slot.startsAt.getTime() > now.getTime() + 24 * 60 * minute)?.startsAt;
  if (!startsAt) throw new Error('the line has no slot tomorrow');
  await bookCallback(stage.db, { token: record.trackingToken, startsAt }, rules, now);
  const live = await findLiveCallback(stage.db, record.id);
  if (!live) throw new Error('nothing was booked');
  return { record, live };
}

/** As if the first mail had left when it was booked: what follows is about the reminder alone. */
async function announced(stage: Stage) {
  const booked = await called(stage);
  await stage.db
    .update(followUps)
    .set({ state: 'sent', sentAt: new Date(), attempts: 1 })
    .where(eq(followUps.kind, 'callback_booked'));
  const remindAt = booked.live.startsAt.getTime() - 30 * minute;
  return { ...booked, remindAt };
}

const reminderOf = async (stage: Stage, { id }: { readonly id: number }) =>
  (await stage.mailsOf(id)).find(({ kind }) => kind === 'callback_reminder');

async function eventsOf(stage: Stage, { id }: { readonly id: number }): Promise<readonly string[]> {
  const events = await stage.db
    .select()
    .from(caseEvents)
    .where(and(eq(caseEvents.caseId, id), ne(caseEvents.kind, 'opened')))
    .orderBy(caseEvents.id);
  return events.map(({ kind }) => kind);
}

/** Workers whose clock stands at that instant, once what was lost is found. */
async function later(stage: Stage, at: number): Promise<void> {
  const clock = { now: () => new Date(at) };
  await sweepFollowUps(stage.db, clock.now());
  stage.start({ ...stage.dependencies(), clock });
}

onEachEngine('callbacks', (stage) => {
  test('one booked while the engine is away is told once it is back, and its reminder waits in the queue, once', async () => {
    const before = await stage.opened();
    stage.start();
    await stage.noted(before.id);
    await stage.relayed();
    await stage.broker.down();
    const { record, live } = await called(stage);
    await vi.waitFor(() => expect(stage.logged.join()).toContain('the outbox is not relayed'), eventually);
    expect((await stage.unrelayed()).toSorted()).toEqual([
      'callback-due',
      'send-follow-up',
      'send-follow-up',
    ]);
    await stage.broker.up();
    await stage.relayed();
    await vi.waitFor(async () => {
      const [told] = await stage.mailsOf(record.id);
      expect(told).toMatchObject({ kind: 'callback_booked', state: 'sent', attempts: 1 });
    }, eventually);
    const reminder = await reminderOf(stage, record);
    expect(reminder).toMatchObject({ state: 'planned', attempts: 0 });
    for (const [queue, name, data] of [
      ['mail', 'send-follow-up', { followUpId: reminder?.id }],
      ['desk', 'callback-due', { callbackId: live.id }],
    ] as const) {
      const waiting = await stage.withQueue(queue, (each) => each.getJobs('delayed'));
      const own = waiting.filter((job) => job.name === name);
      expect(own.filter((job) => isDeepStrictEqual(job.data, data))).toHaveLength(1);
    }
    expect(stage.smtp.accepted).toHaveLength(2);
  });

  test.each([
    ['before the call: once more, the same to a mail system', 11, 'sent'],
    ['when the call has begun: nothing more, it would be late', 31, 'cancelled'],
  ] as const)(
    'a worker killed between a reminder’s acceptance and noting it, found %s',
    async (_, minutes, state) => {
      const { record, remindAt } = await announced(stage);
      const worker = stage.spawned('main.ts', { TEST_NOW: new Date(remindAt + 1_000).toISOString() });
      await new Promise<void>((resolve) => {
        stage.smtp.onAccepted(async () => {
          stage.smtp.onAccepted(undefined);
          worker.kill('SIGKILL');
          await once(worker, 'exit');
          resolve();
        });
      });
      expect(await reminderOf(stage, record)).toMatchObject({ state: 'sending', attempts: 1 });
      await later(stage, remindAt + minutes * minute);
      await vi.waitFor(
        async () => expect(await reminderOf(stage, record)).toMatchObject({ state }),
        eventually,
      );
      const sent = `<follow-up-${(await reminderOf(stage, record))?.id}@help.test>`;
      const ids = stage.smtp.accepted.map(({ messageId }) => messageId);
      expect(ids).toEqual(state === 'sent' ? [sent, sent] : [sent]);
    },
  );

  test('a worker killed between taking a reminder and handing it over: one mail, by another', async () => {
    const { record, remindAt } = await announced(stage);
    const worker = stage.spawned('testing/die-before-sending.ts', {
      TEST_NOW: new Date(remindAt + 1_000).toISOString(),
    });
    expect(await once(worker, 'exit')).toEqual([null, 'SIGKILL']);
    expect(await reminderOf(stage, record)).toMatchObject({ state: 'sending', attempts: 1 });
    expect(stage.smtp.accepted).toEqual([]);
    await later(stage, remindAt + 11 * minute);
    await vi.waitFor(
      async () => expect(await reminderOf(stage, record)).toMatchObject({ state: 'sent' }),
      eventually,
    );
    expect(stage.smtp.accepted).toHaveLength(1);
  });

  test('a worker killed between raising a case and telling the desk leaves it as it was, and the sweep does both', async () => {
    const { record, live } = await announced(stage);
    await stage.db.delete(outbox).where(ne(outbox.job, 'callback-due'));
    await stage.db.update(followUps).set({ state: 'sent', sentAt: new Date() });
    const dueAt = live.startsAt.getTime() - 4 * minute;
    const until = await holdingEvents(stage);
    const worker = stage.spawned('main.ts', { TEST_NOW: new Date(dueAt).toISOString() });
    await until.held();
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    await until.release();
    const asBefore = { priorityRank: record.priorityRank, callbackAt: live.startsAt };
    const [still] = await stage.db.select().from(cases).where(eq(cases.id, record.id));
    expect(still).toMatchObject(asBefore);
    expect(await findLiveCallback(stage.db, record.id)).toMatchObject({ raisedFrom: null });
    expect(await eventsOf(stage, record)).toEqual(['callback_booked']);

    const { config } = stage.dependencies();
    for (const raised of [1, 0]) {
      const swept = await sweepCallbacks(stage.db, config.callbacks, new Date(dueAt));
      expect(swept).toEqual({ raised, moved: 0, withdrawn: 0 });
    }
    expect(await eventsOf(stage, record)).toEqual(['callback_booked', 'callback_due']);
  });
});

/** Lets nobody write an event for a while: whoever raises a case has marked the callback by then. */
async function holdingEvents({ db }: Stage) {
  const [locked, free] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const holding = db.transaction(async (tx) => {
    await tx.execute(sql`lock table ${caseEvents} in share mode`);
    locked.resolve();
    await free.promise;
  });
  await locked.promise;
  const waiting = async () => {
    const found = await db.execute(
      sql`select from pg_locks where relation = ${'case_events'}::regclass and not granted`,
    );
    return found.rowCount ?? 0;
  };
  return {
    /** Resolves once somebody waits to write one. */
    held: () => vi.waitFor(async () => expect(await waiting()).toBe(1), eventually),
    /** Resolves once nobody holds or waits. */
    async release() {
      free.resolve();
      await holding;
      await vi.waitFor(async () => expect(await waiting()).toBe(0), eventually);
    },
  };
}
