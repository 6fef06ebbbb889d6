import { asc, eq } from 'drizzle-orm';
import { pino } from 'pino';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { outbox } from '#server/database/outbox.table.ts';
import { localDoorbell } from '#server/live-queue/doorbell.ts';
import { eventually } from '#server/testing/eventually.ts';
import { testClock } from '#server/testing/test-clock.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { type AddJobs, type OutboxJob, relayBatch, startRelay } from './relay-outbox.ts';

const database = testDatabase();
const clock = testClock();
const log = pino({ level: 'silent' });

beforeEach(async () => {
  await database.db.delete(outbox);
});

/** Puts jobs in the outbox; their ids, in order. */
async function put(count: number, columns: Partial<typeof outbox.$inferInsert> = {}): Promise<number[]> {
  const now = clock.now();
  const rows = await database.db
    .insert(outbox)
    .values(
      Array.from({ length: count }, (_, index) => ({
        job: 'send-follow-up',
        payload: { followUpId: index + 1 },
        notBefore: now,
        createdAt: now,
        ...columns,
      })),
    )
    .returning();
  return rows.map(({ id }) => id);
}

async function unmarked(): Promise<number[]> {
  const rows = await database.db.select().from(outbox).orderBy(asc(outbox.id));
  return rows.filter(({ relayedAt }) => relayedAt === null).map(({ id }) => id);
}

/** A queue that only remembers. */
function memory() {
  const taken: OutboxJob[] = [];
  const add: AddJobs = async (jobs) => {
    taken.push(...jobs);
  };
  return { taken, add };
}

const relay = (add: AddJobs, batchSize?: number) =>
  relayBatch({ db: database.db, clock, add, ...(batchSize !== undefined && { batchSize }) });

describe('a batch', () => {
  test('goes over in order, under ids that say the row, and is marked', async () => {
    const ids = await put(3);
    const { taken, add } = memory();
    expect(await relay(add, 2)).toBe(2);
    expect(await unmarked()).toEqual(ids.slice(2));
    expect(await relay(add, 2)).toBe(1);
    expect(await relay(add, 2)).toBe(0);
    expect(taken).toEqual(
      ids.map((id, index) => ({
        name: 'send-follow-up',
        payload: { followUpId: index + 1 },
        jobId: `outbox-${id}`,
        delay: 0,
      })),
    );
    const [row] = await database.db
      .select()
      .from(outbox)
      .where(eq(outbox.id, ids[0] ?? 0));
    expect(row?.relayedAt).toEqual(clock.now());
  });

  test('waits as long as the row says, and not at all for what is past', async () => {
    await put(1, { notBefore: new Date(clock.now().getTime() + 90_000) });
    await put(1, { notBefore: new Date(clock.now().getTime() - 90_000) });
    const { taken, add } = memory();
    await relay(add);
    expect(taken.map(({ delay }) => delay)).toEqual([90_000, 0]);
  });

  test('that the queue does not take stays as it was', async () => {
    const ids = await put(2);
    await expect(relay(() => Promise.reject(new Error('no queue')))).rejects.toThrow('no queue');
    expect(await unmarked()).toEqual(ids);
  });

  test('in one relay’s hands is out of the others’ sight', async () => {
    const ids = await put(4);
    const { taken, add } = memory();
    let second = Number.NaN;
    await relay(async (jobs) => {
      second = await relay(add, 2);
      await add(jobs);
    }, 2);
    expect(second).toBe(2);
    expect(taken.map(({ jobId }) => jobId).toSorted()).toEqual(ids.map((id) => `outbox-${id}`).toSorted());
    expect(await unmarked()).toEqual([]);
  });

  test('leaves what this version does not know', async () => {
    const [unknown] = await put(1, { job: 'of-tomorrow' });
    await put(1);
    const { add } = memory();
    expect(await relay(add)).toBe(1);
    expect(await unmarked()).toEqual([unknown]);
  });
});

describe('a running relay', () => {
  const running = (add: AddJobs, options: { pollMs?: number; batchSize?: number } = {}) => {
    const doorbell = localDoorbell();
    const { close } = startRelay({ db: database.db, clock, add, doorbell, log, ...options });
    return { doorbell, close };
  };

  test('empties the outbox batch after batch without being told again', async () => {
    await put(25);
    const { taken, add } = memory();
    const { close } = running(add, { pollMs: 600_000, batchSize: 10 });
    await vi.waitFor(() => expect(taken).toHaveLength(25), eventually);
    await close();
    expect(await unmarked()).toEqual([]);
  });

  test('hears the doorbell, also while a batch is under way', async () => {
    const { taken, add } = memory();
    let reached: () => void = () => {};
    let go: () => void = () => {};
    const inBatch = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    await put(1);
    const { doorbell, close } = running(
      async (jobs) => {
        reached();
        await gate;
        await add(jobs);
      },
      { pollMs: 600_000 },
    );
    await inBatch;
    await put(1);
    doorbell.ring();
    go();
    await vi.waitFor(() => expect(taken).toHaveLength(2), eventually);
    await put(1);
    doorbell.ring();
    await vi.waitFor(() => expect(taken).toHaveLength(3), eventually);
    await close();
  });

  test('looks by itself when nobody rings', async () => {
    const { taken, add } = memory();
    const { close } = running(add, { pollMs: 20 });
    await put(1);
    await vi.waitFor(() => expect(taken).toHaveLength(1), eventually);
    await close();
  });

  test('goes on when the queue is back, and loses nothing meanwhile', async () => {
    const ids = await put(3);
    const { taken, add } = memory();
    let failures = 0;
    const { close } = running(async (jobs) => {
      failures += 1;
      if (failures <= 2) throw new Error('no queue');
      await add(jobs);
    });
    await vi.waitFor(() => expect(taken).toHaveLength(3), eventually);
    await close();
    expect(failures).toBe(3);
    expect(taken.map(({ jobId }) => jobId)).toEqual(ids.map((id) => `outbox-${id}`));
  });
});
