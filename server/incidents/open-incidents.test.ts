import { expect, test } from 'vitest';
import { localDoorbell } from '../live-queue/doorbell.ts';
import { testClock } from '../testing/test-clock.ts';
import { testDatabase } from '../testing/test-database.ts';
import { openIncidents } from './open-incidents.ts';
import { anIncident, aSupervisor } from './testing/builders.ts';

const database = testDatabase();

test('what is open is read once in two seconds; sooner after a ring, and at once when this process changed it', async () => {
  const { db } = database;
  const agent = await aSupervisor(db);
  const clock = testClock();
  const doorbell = localDoorbell();
  const failures: object[] = [];
  const log = { error: (data: object) => failures.push(data) };
  const cache = openIncidents({ db, clock, doorbell, log, maxAgeMs: 2000 });
  const known = async () => (await cache.current()).open.length;

  const [one, two] = await Promise.all([cache.current(), cache.current()]);
  expect(one).toBe(two);
  await anIncident(db, { agent });
  clock.advance(1999);
  expect(await cache.current()).toBe(one);
  clock.advance(1);
  expect(await known()).toBe(1);

  await anIncident(db, { agent });
  doorbell.ring();
  expect(await known()).toBe(1);
  clock.advance(500);
  expect(await known()).toBe(2);

  await anIncident(db, { agent });
  cache.forget();
  expect(await known()).toBe(3);

  cache.close();
  await database.connection.pool.query('alter table incidents rename to incidents_away');
  clock.advance(2000);
  expect(await known()).toBe(3);
  expect(failures).toHaveLength(1);
  await database.connection.pool.query('alter table incidents_away rename to incidents');
});
