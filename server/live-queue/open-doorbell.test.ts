import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { testDatabase } from '../testing/test-database.ts';
import { openDoorbell } from './open-doorbell.ts';

const database = testDatabase();
const log = pino({ level: 'silent' });

test('without Redis, processes hear each other through the database', async () => {
  const config = { redisUrl: undefined, databaseUrl: database.url };
  const [here, there] = await Promise.all([openDoorbell(config, log), openDoorbell(config, log)]);
  const heard = vi.fn();
  there.onRing(heard);
  here.ring();
  await vi.waitFor(() => expect(heard).toHaveBeenCalled(), eventually);
  await Promise.all([here.close(), there.close()]);
});

test('with Redis, Redis is what is asked, and the database is left alone', async () => {
  const warn = vi.fn();
  const config = { redisUrl: 'redis://127.0.0.1:1', databaseUrl: 'postgres://127.0.0.1:1/none' };
  const bell = await openDoorbell(config, { ...log, warn });
  await vi.waitFor(() => expect(warn).toHaveBeenCalled(), eventually);
  expect(warn.mock.calls[0]?.[0].err).toMatchObject({ code: 'ECONNREFUSED', port: 1 });
  bell.ring();
  await bell.close();
});

test('with neither, it says so', async () => {
  await expect(openDoorbell({ redisUrl: undefined, databaseUrl: undefined }, log)).rejects.toThrow('neither');
});
