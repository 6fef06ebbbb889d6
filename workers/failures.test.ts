import { once } from 'node:events';
import { eq } from 'drizzle-orm';
import { expect, test, vi } from 'vitest';
import { caseEvents } from '#server/cases/cases.table.ts';
import { followUps } from '#server/follow-ups/follow-ups.table.ts';
import { sweepFollowUps } from '#server/follow-ups/sweep-follow-ups.ts';
import { eventually } from '#server/testing/eventually.ts';
import { queueNames } from './queues.ts';
import { onEachEngine } from './testing/stage.ts';

onEachEngine('failures', (stage) => {
  test('while the engine is away cases open all the same, and get their mails when it is back', async () => {
    const before = await stage.opened();
    stage.start();
    await stage.noted(before.id);
    await stage.relayed();
    await stage.broker.down();
    const meanwhile = await Promise.all([stage.opened(), stage.opened(), stage.opened()]);
    await vi.waitFor(() => expect(stage.logged.join()).toContain('the outbox is not relayed'), eventually);
    expect(await stage.unrelayed()).toEqual(Array(3).fill('case-opened'));
    await stage.broker.up();
    await Promise.all(meanwhile.map(({ id }) => stage.noted(id)));
    expect(stage.smtp.accepted).toHaveLength(4);
  });

  test('started while the engine is away, workers begin when it is there', async () => {
    await stage.broker.down();
    const { id } = await stage.opened();
    stage.start();
    await vi.waitFor(() => expect(stage.logged.join()).toContain('ECONNREFUSED'), eventually);
    await stage.broker.up();
    await stage.noted(id);
  });

  test('a relay killed after the queue took the jobs leaves them to the next one, as the same jobs', async () => {
    const { id } = await stage.opened();
    const relay = stage.spawned('testing/die-after-adding.ts');
    expect(await once(relay, 'exit')).toEqual([null, 'SIGKILL']);
    const taken = await stage.withQueue('desk', (queue) => queue.getJobs('waiting'));
    expect(taken.filter(({ name }) => name === 'case-opened')).toHaveLength(1);
    expect(await stage.unrelayed()).toEqual(['case-opened']);
    stage.start();
    await stage.noted(id);
    await stage.relayed();
    const done = await stage.withQueue('desk', (queue) => queue.getJobs());
    expect(done.filter(({ data }) => 'caseId' in data && data.caseId === id)).toHaveLength(1);
    expect(stage.smtp.accepted).toHaveLength(1);
  });

  test('a worker killed between a mail’s acceptance and noting it: one more, the same to a mail system', async () => {
    const { id } = await stage.opened();
    const worker = stage.spawned('main.ts');
    const killed = new Promise<void>((resolve) => {
      stage.smtp.onAccepted(async () => {
        stage.smtp.onAccepted(undefined);
        worker.kill('SIGKILL');
        await once(worker, 'exit');
        resolve();
      });
    });
    await killed;
    expect((await stage.mailsOf(id))[0]).toMatchObject({ state: 'sending', attempts: 1 });

    const clock = { now: () => new Date(Date.now() + 11 * 60_000) };
    expect(await sweepFollowUps(stage.db, clock.now())).toEqual({ requeued: 1, failed: 0 });
    stage.start({ ...stage.dependencies(), clock });
    await stage.noted(id);
    const [mail] = await stage.mailsOf(id);
    const messageId = `<follow-up-${mail?.id}@help.test>`;
    expect(stage.smtp.accepted.map((accepted) => accepted.messageId)).toEqual([messageId, messageId]);
    const events = await stage.db.select().from(caseEvents).where(eq(caseEvents.caseId, id));
    expect(events.filter(({ kind }) => kind === 'mail_sent')).toHaveLength(1);
  });

  test('told to stop, a process finishes the mail it is sending', async () => {
    const { id } = await stage.opened();
    const worker = stage.spawned('main.ts');
    stage.smtp.onAccepted(() => {
      stage.smtp.onAccepted(undefined);
      worker.kill('SIGTERM');
    });
    expect(await once(worker, 'exit')).toEqual([0, null]);
    expect((await stage.mailsOf(id))[0]).toMatchObject({ state: 'sent', attempts: 1 });
    expect(stage.smtp.accepted).toHaveLength(1);
  });

  test('an engine that lost everything gets its periodic jobs back, and they find what it lost', async () => {
    const opened = [await stage.opened(), await stage.opened()];
    let ahead = 0;
    const clock = { now: () => new Date(Date.now() + ahead) };
    stage.start({ ...stage.dependencies(), clock }, { rescheduleMs: 100 });
    await Promise.all(opened.map(({ id }) => stage.noted(id)));
    stage.smtp.forget();
    ahead = 7 * 24 * 3_600_000;
    const dueAt = new Date(clock.now().getTime() - 3_600_000);
    // Mails that leave at any hour: what asks a question would wait for the morning.
    const atAnyHour = eq(followUps.kind, 'case_opened');
    await stage.db.update(followUps).set({ state: 'planned', attempts: 0, dueAt }).where(atAnyHour);
    await stage.broker.empty();
    await stage.smtp.received(2);
  });

  test('closed, nothing of them is left', async () => {
    const { id } = await stage.opened();
    const workers = stage.start();
    await stage.noted(id);
    expect(await stage.broker.connections()).toBeGreaterThanOrEqual(queueNames.length);
    await workers.close();
    await vi.waitFor(async () => expect(await stage.broker.connections()).toBe(0), eventually);
  });

  test('closed while the engine is away, they close all the same', async () => {
    const { id } = await stage.opened();
    const workers = stage.start(stage.dependencies(), { finishWithinMs: 500 });
    await stage.noted(id);
    await stage.broker.down();
    await workers.close();
    await stage.broker.up();
    // One that was just being tried again when the engine came back says hello, then goodbye.
    await vi.waitFor(async () => expect(await stage.broker.connections()).toBe(0), eventually);
  });

  test('started and closed while the engine is away, they close all the same', async () => {
    await stage.broker.down();
    const workers = stage.start(stage.dependencies(), { finishWithinMs: 500 });
    await vi.waitFor(() => expect(stage.logged.join()).toContain('ECONNREFUSED'), eventually);
    await workers.close();
    await stage.broker.up();
    // One that was just being tried again when the engine came back says hello, then goodbye.
    await vi.waitFor(async () => expect(await stage.broker.connections()).toBe(0), eventually);
  });
});
