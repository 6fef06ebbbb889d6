import { afterEach, expect, test, vi } from 'vitest';
import { localDoorbell, postgresDoorbell } from '../live-queue/doorbell.ts';
import { anAgent } from '../testing/builders.ts';
import { eventually } from '../testing/eventually.ts';
import { testClock } from '../testing/test-clock.ts';
import { testDatabase } from '../testing/test-database.ts';
import { findHotline } from './configuration.ts';
import { documentOf } from './hotline-document.ts';
import { configurationCache, loadConfiguration } from './load-configuration.ts';
import { saveHotline } from './save-hotline.ts';
import { watchConfiguration } from './watch-configuration.ts';

const database = testDatabase();
const silent = { error: () => {} };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

let version = 0;
async function rename(phone: string): Promise<void> {
  const agent = await anAgent(database.db, { role: 'supervisor' });
  const line = findHotline(await loadConfiguration(database.db), 'liberaux');
  if (!line) throw new Error('no line');
  const document = { ...documentOf(line), phone };
  version = await saveHotline(database.db, { agent, id: 'liberaux', version, document }, new Date(0));
}

/** A process of its own, as far as its memory goes: it would keep what it read for a day. */
function aProcess(onRing: (listener: () => void) => () => void, everyMs = 86_400_000) {
  let loads = 0;
  const routing = configurationCache({
    db: database.db,
    clock: testClock(),
    maxAgeMs: 86_400_000,
    log: silent,
    load: (db) => {
      loads += 1;
      return loadConfiguration(db);
    },
  });
  closing.push(watchConfiguration({ db: database.db, routing, onRing, log: silent, everyMs, restMs: 1 }));
  const phone = async () => findHotline(await routing.current(), 'liberaux')?.phone;
  return { phone, loads: () => loads };
}

async function aBell() {
  const bell = await postgresDoorbell(database.url, { onError: () => {} });
  closing.push(() => bell.close());
  return bell;
}

test('what one process saves, another that listens has in memory', async () => {
  const [mine, theirs] = [await aBell(), await aBell()];
  const [here, there] = [aProcess(mine.onRing), aProcess(theirs.onRing)];
  expect([await here.phone(), await there.phone()]).toEqual(['3608', '3608']);
  await rename('3609');
  mine.ring();
  await vi.waitFor(
    async () => expect([await here.phone(), await there.phone()]).toEqual(['3609', '3609']),
    eventually,
  );
});

test('rings that are about something else read nothing again', async () => {
  const bell = localDoorbell();
  const { phone, loads } = aProcess(bell.onRing);
  const changeTo = async (number: string) => {
    await rename(number);
    bell.ring();
    await vi.waitFor(async () => expect(await phone()).toBe(number), eventually);
  };
  // What it begins with is read: a change during that reading would be read once more.
  await vi.waitFor(() => expect(loads()).toBe(1), eventually);
  await phone();
  await changeTo('3610');
  const before = loads();
  for (let ring = 0; ring < 20; ring++) bell.ring();
  await changeTo('3612');
  expect(loads()).toBe(before + 1);
});

test('a ring that was lost is made up for by looking now and then', async () => {
  const { phone } = aProcess(() => () => {}, 20);
  await phone();
  await rename('3611');
  await vi.waitFor(async () => expect(await phone()).toBe('3611'), eventually);
});
