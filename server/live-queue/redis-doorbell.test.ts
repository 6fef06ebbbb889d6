import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { eventually } from '#server/testing/eventually.ts';
import { redisMissing, startRedis, type TestRedis } from '#workers/testing/redis.ts';
import type { Doorbell } from './doorbell.ts';
import { redisDoorbell } from './redis-doorbell.ts';

const missing = redisMissing();

describe.skipIf(missing)(`a doorbell over Redis${missing ? `, skipped: ${missing}` : ''}`, () => {
  let redis: TestRedis;
  const bells: Doorbell[] = [];
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterEach(async () => {
    await Promise.all(bells.splice(0).map((bell) => bell.close()));
  });
  afterAll(() => redis.remove());

  /** A doorbell as of one more process, and how often it was heard there. */
  function aBell() {
    const errors: Error[] = [];
    const bell = redisDoorbell(redis.url, { onError: (error) => errors.push(error), longestRetryMs: 100 });
    const heard = vi.fn();
    bell.onRing(heard);
    bells.push(bell);
    return { bell, heard, errors };
  }

  /** Two processes, both listening: each is rung once when it begins to. */
  async function two() {
    const [here, there] = [aBell(), aBell()];
    for (const { heard } of [here, there]) {
      await vi.waitFor(() => expect(heard).toHaveBeenCalled(), eventually);
      heard.mockClear();
    }
    return { here, there };
  }

  test('is heard here at once, and in the other processes', async () => {
    const { here, there } = await two();
    here.bell.ring();
    expect(here.heard).toHaveBeenCalledTimes(1);
    await vi.waitFor(() => expect(there.heard).toHaveBeenCalledTimes(1), eventually);
    there.bell.ring();
    await vi.waitFor(() => expect(here.heard).toHaveBeenCalledTimes(2), eventually);
    expect(there.heard).toHaveBeenCalledTimes(2);
  });

  test('rung before it is connected, it is heard elsewhere once it is', async () => {
    const { there } = await two();
    aBell().bell.ring();
    await vi.waitFor(() => expect(there.heard).toHaveBeenCalledTimes(1), eventually);
  });

  test('merges rings that come faster than they can be sent, and loses not the last', async () => {
    const { here, there } = await two();
    for (let rings = 0; rings < 500; rings += 1) here.bell.ring();
    await vi.waitFor(() => expect(there.heard).toHaveBeenCalled(), eventually);
    expect(there.heard.mock.calls.length).toBeLessThan(500);
  });

  test('without Redis rings here only; when Redis is back everybody is rung', async () => {
    const { here, there } = await two();
    await redis.kill();
    await vi.waitFor(() => expect(here.errors.length).toBeGreaterThan(0), eventually);
    expect(() => here.bell.ring()).not.toThrow();
    expect(here.heard).toHaveBeenCalledTimes(1);
    expect(there.heard).not.toHaveBeenCalled();
    await redis.start();
    await vi.waitFor(() => expect(there.heard).toHaveBeenCalled(), eventually);
    await vi.waitFor(() => expect(here.heard.mock.calls.length).toBeGreaterThan(1), eventually);
    there.heard.mockClear();
    here.bell.ring();
    await vi.waitFor(() => expect(there.heard).toHaveBeenCalled(), eventually);
  });

  test('opened while Redis is away, it is heard once Redis is there', async () => {
    await redis.kill();
    const { bell, heard, errors } = aBell();
    bell.ring();
    expect(heard).toHaveBeenCalledTimes(1);
    await vi.waitFor(() => expect(errors.length).toBeGreaterThan(0), eventually);
    await redis.start();
    await vi.waitFor(() => expect(heard.mock.calls.length).toBeGreaterThan(1), eventually);
  });

  test('closed, it rings no more, and closing while Redis is away works too', async () => {
    const { here, there } = await two();
    await there.bell.close();
    here.bell.ring();
    await redis.kill();
    await here.bell.close();
    expect(there.heard).not.toHaveBeenCalled();
    await redis.start();
  });
});
