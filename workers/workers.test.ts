import { expect, test, vi } from 'vitest';
import { followUps } from '#server/follow-ups/follow-ups.table.ts';
import { eventually } from '#server/testing/eventually.ts';
import type { JobQueue } from './backend.ts';
import { periodicJobs, queueNames } from './queues.ts';
import { onEachEngine } from './testing/stage.ts';

onEachEngine('workers', (stage) => {
  test('an opened case gets its mail, and the next one waits in the queue for its day', async () => {
    const { id, contactEmail, number } = await stage.opened();
    stage.start();
    await stage.noted(id);
    expect(stage.smtp.accepted.map(({ deliveredTo, subject }) => [deliveredTo, subject])).toEqual([
      [contactEmail, expect.stringContaining(number)],
    ]);
    expect((await stage.mailsOf(id)).map(({ kind, state }) => [kind, state])).toEqual([
      ['case_opened', 'sent'],
      ['did_it_work', 'planned'],
    ]);
    await stage.relayed();
    const counts = await stage.withQueue('mail', (queue) => queue.getJobCounts('delayed', 'failed'));
    expect(counts).toEqual({ delayed: 1, failed: 0 });
  });

  test('a ring is enough: nobody waits for the next look', async () => {
    const deps = stage.dependencies();
    stage.start(deps, { pollMs: 600_000 });
    for (const { id } of [await stage.opened(), await stage.opened()]) {
      deps.doorbell.ring();
      await stage.noted(id);
    }
  });

  test('with several relays and workers at once, each case gets one mail', async () => {
    stage.start();
    stage.start();
    const cases = await Promise.all(Array.from({ length: 25 }, () => stage.opened()));
    await Promise.all(cases.map(({ id }) => stage.noted(id)));
    expect(stage.smtp.accepted.map(({ deliveredTo }) => deliveredTo).toSorted()).toEqual(
      cases.map(({ contactEmail }) => contactEmail).toSorted(),
    );
  });

  test('the same job run many times at once is one mail', async () => {
    const { id } = await stage.opened();
    stage.start();
    await stage.noted(id);
    const followUpId = (await stage.mailsOf(id))[0]?.id ?? 0;
    await stage.db.update(followUps).set({ state: 'planned', attempts: 0 });
    stage.smtp.forget();
    await stage.withQueue('mail', async (queue) => {
      await queue.addBulk(
        Array.from({ length: 6 }, (_, index) => ({
          name: 'send-follow-up',
          data: { followUpId },
          opts: { jobId: `again-${index}` },
        })),
      );
      await vi.waitFor(async () => {
        expect(await queue.getJobCounts('waiting', 'active')).toEqual({ waiting: 0, active: 0 });
      }, eventually);
    });
    await stage.noted(id);
    expect(stage.smtp.accepted).toHaveLength(1);
  });

  test('a job does not run before its time', async () => {
    const { id } = await stage.opened();
    stage.start();
    await stage.noted(id);
    stage.smtp.forget();
    const notBefore = new Date(Date.now() + 1500);
    const [mail] = await stage.db
      .insert(followUps)
      .values({ caseId: id, kind: 'case_opened', round: 2, dueAt: notBefore })
      .returning();
    const followUpId = mail?.id ?? 0;
    await stage.put('send-follow-up', { followUpId }, notBefore);
    let arrived = 0;
    stage.smtp.onAccepted(() => {
      arrived = Date.now();
    });
    await stage.smtp.received(1);
    expect(arrived).toBeGreaterThanOrEqual(notBefore.getTime());
  });

  test('the queue knows identifiers, and nothing about anybody', async () => {
    const { id } = await stage.opened();
    stage.start();
    await stage.noted(id);
    for (const name of queueNames) {
      const kept = await stage.withQueue(name, (queue) => queue.getJobs());
      const own = kept.filter((job) => job.id?.startsWith('outbox-'));
      expect(own.length).toBeGreaterThan(0);
      for (const [field, value] of own.flatMap(({ data }) => Object.entries(data))) {
        expect(field).toMatch(/Id$/);
        expect(value).toBeTypeOf('number');
      }
    }
  });

  test('a mail refused for now is sent by the queue’s next try', async () => {
    stage.smtp.refuse(
      { at: 'recipient', status: 450, words: '4.2.1 try later' },
      { at: 'message', status: 451, words: '4.3.0 try later' },
    );
    const { id } = await stage.opened();
    stage.start();
    await stage.noted(id);
    expect(stage.smtp.accepted).toHaveLength(1);
  });

  test('a job that fails is told without naming anybody, is counted, and is kept', async () => {
    const refusal = {
      at: 'recipient',
      status: 450,
      words: '4.2.1 <very.private@exemple.test> later',
    } as const;
    stage.smtp.refuse(...Array(5).fill(refusal));
    const failed = async (queue: JobQueue) => (await queue.getMetrics('failed')).meta.count;
    const earlier = await stage.withQueue('mail', failed);
    const { id } = await stage.opened('very.private@exemple.test');
    stage.start();
    await vi.waitFor(async () => {
      expect((await stage.withQueue('mail', failed)) - earlier).toBe(1);
    }, eventually);
    expect((await stage.mailsOf(id))[0]).toMatchObject({ state: 'planned', attempts: 0 });
    const failures = () => stage.logged.filter((line) => line.includes('a job failed'));
    // The queue knows of the last one before whoever tells it.
    await vi.waitFor(() => expect(failures().length).toBeGreaterThanOrEqual(5), eventually);
    const told = failures();
    expect(told).toHaveLength(5);
    expect(told.at(-1)).toContain('450 4.2.1');
    const kept = await stage.withQueue('mail', (queue) => queue.getJobs('failed'));
    expect(kept.map(({ failedReason }) => failedReason)).toContainEqual(expect.stringContaining('450 4.2.1'));
    for (const words of [stage.logged.join(), JSON.stringify(kept)]) {
      expect(words).not.toMatch(/very\.private|Camille/);
    }
  });

  test('a payload that is none of the job’s fails at once', async () => {
    stage.start();
    await stage.put('send-follow-up', { followUpId: 1, email: 'camille@exemple.test' });
    await vi.waitFor(
      () => expect(stage.logged.join()).toContain('not a payload of send-follow-up'),
      eventually,
    );
    expect(stage.logged.filter((line) => line.includes('a job failed'))).toHaveLength(1);
    expect(stage.logged.join()).not.toContain('camille@');
  });

  test('a job that this version does not know waits for the version that does', async () => {
    await stage.put('of-tomorrow', {});
    const { id } = await stage.opened();
    stage.start();
    await stage.noted(id);
    expect(await stage.unrelayed()).toEqual(['of-tomorrow']);
  });

  test('every periodic job is scheduled, once however many processes start', async () => {
    stage.start();
    stage.start();
    await vi.waitFor(async () => {
      const waiting = await Promise.all(
        queueNames.map((name) => stage.withQueue(name, (queue) => queue.getJobs('delayed'))),
      );
      const scheduled = waiting.flat().map(({ name }) => name);
      const periodic = scheduled.filter((name) => periodicJobs.some((each) => each === name));
      expect(periodic.toSorted()).toEqual(periodicJobs.toSorted());
    }, eventually);
  });
});
