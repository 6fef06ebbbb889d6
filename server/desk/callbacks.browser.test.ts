import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bookCallback } from '../callbacks/book-callback.ts';
import { cancelCallback } from '../callbacks/cancel-callback.ts';
import { recordCall } from '../callbacks/record-call.ts';
import { launchBrowser, wordsIn } from '../testing/browser.ts';
import { aCase, anAgent, signedIn, type TestAgent } from '../testing/builders.ts';
import { testApp } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);
let browser: Browser;
let origin: string;

beforeAll(async () => {
  origin = await server.app.listen({ port: 0, host: '127.0.0.1' });
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

const rules = async () => ({
  configuration: await server.deps.routing.current(),
  terms: server.deps.config.callbacks,
});

/** A callback is booked by somebody else while pages are open. */
async function called(iso: string) {
  const record = await aCase(database.db, { contactPhone: '+33612345678' });
  const booking = { token: record.trackingToken, startsAt: new Date(iso) };
  await bookCallback(database.db, booking, await rules(), server.clock.now());
  server.deps.doorbell.ring();
  return record;
}

async function deskOf(agent: Pick<TestAgent, 'id'>, path: string, javaScriptEnabled = true): Promise<Page> {
  const context = await browser.newContext({ locale: 'fr-FR', baseURL: origin, javaScriptEnabled });
  const [name = '', value = ''] = (await signedIn(server, agent)).split('=');
  await context.addCookies([{ name, value, url: origin }]);
  const page = await context.newPage();
  await page.goto(path);
  if (javaScriptEnabled) await page.waitForSelector('.live.is-on');
  return page;
}

test('the figure of the queue and the list of the day follow what is booked, made and cancelled', async () => {
  const agent = await anAgent(database.db);
  const [queue, list] = await Promise.all([deskOf(agent, '/desk'), deskOf(agent, '/desk/rappels')]);
  const figure = (count: number) =>
    queue.waitForSelector(`strong[data-count="callbacks"]:text-is("${count}")`);
  const listed = (part: string, number: string) =>
    list.waitForSelector(`[data-part="${part}"] [data-number="${number}"]`);
  const [first, second] = [
    await called('2026-11-23T14:20:00+01:00'),
    await called('2026-11-23T15:00:00+01:00'),
  ];
  await Promise.all([figure(2), listed('toMake', first.number), listed('toMake', second.number)]);

  await list.focus(`a[href="/desk/dossiers/${second.number}"]`);
  const given = { agent, number: first.number, outcome: 'reached' } as const;
  await recordCall(database.db, given, await rules(), server.clock.now());
  server.deps.doorbell.ring();
  await Promise.all([figure(1), listed('made', first.number)]);
  expect(await list.textContent('#toMake .count')).toBe('1');
  expect(await list.evaluate(() => document.activeElement?.textContent)).toBe(second.number);

  await cancelCallback(database.db, second.trackingToken, server.clock.now());
  server.deps.doorbell.ring();
  await figure(0);
  await list.waitForSelector(`[data-number="${second.number}"]`, { state: 'detached' });
  expect(await list.evaluate(() => document.activeElement?.id)).toBe('toMake');
});

test('the list says when what it shows may be old, and without scripts how to look again', async () => {
  const agent = await anAgent(database.db);
  const list = await deskOf(agent, '/desk/rappels');
  const banner = await wordsIn(list, '[data-banner]');
  for (const client of server.app.websocketServer.clients) client.terminate();
  expect(await banner()).toMatch(/connexion/i);
  const missed = await called('2026-11-23T16:00:00+01:00');
  await list.waitForSelector(`[data-part="toMake"] [data-number="${missed.number}"]`);
  const plain = await deskOf(agent, '/desk/rappels', false);
  expect(await plain.getAttribute('noscript a, .notice a', 'href')).toBe('/desk/rappels');
});
