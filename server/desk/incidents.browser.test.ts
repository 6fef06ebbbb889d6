import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anIncident, aSupervisor, aWish } from '../incidents/testing/builders.ts';
import { accessibilityFaults, launchBrowser } from '../testing/browser.ts';
import { aCase, anAgent, signedIn, type TestAgent } from '../testing/builders.ts';
import { testApp } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';
import { towardPerson, walkedSession } from '../testing/walked-session.ts';

const database = testDatabase();
const server = testApp(database);
let browser: Browser;
let origin: string;

beforeAll(async () => {
  origin = await server.app.listen({ port: 0, host: '127.0.0.1' });
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

async function visit(path: string, options: BrowserContextOptions = {}, agent?: TestAgent): Promise<Page> {
  const context = await browser.newContext({
    locale: 'fr-FR',
    reducedMotion: 'reduce',
    baseURL: origin,
    ...options,
  });
  if (agent) {
    const [name = '', value = ''] = (await signedIn(server, agent)).split('=');
    await context.addCookies([{ name, value, url: origin }]);
  }
  const page = await context.newPage();
  await page.goto(path);
  return page;
}

test('the supervisor declares, a practitioner without scripts asks to be told, the agents see the counts grow', async () => {
  const { db } = database;
  const [supervisor, agent] = await Promise.all([aSupervisor(db), anAgent(db)]);
  const desk = await visit('/desk/incidents/nouveau', {}, supervisor);
  await desk.fill('#titleFr', 'Les SMS n’arrivent plus');
  await desk.fill('#messageFr', 'Notre opérateur est en panne.');
  await desk.check('#symptom-code_sms');
  await desk.click('main form.incident-edit button[type="submit"]');
  await desk.waitForSelector('[data-incident]');

  const queue = await visit('/desk', {}, agent);
  await queue.waitForSelector('.live.is-on');
  const band = () => queue.textContent('[data-incidents]');
  expect(await band()).toContain('0 dossier relié');

  const { session } = await walkedSession(db, towardPerson.slice(0, 3));
  const practitioner = await visit(`/diagnostic/${session.id}/sms_not_received`, {
    javaScriptEnabled: false,
  });
  await practitioner.fill('input[type="email"]', 'anne@exemple.fr');
  await practitioner.click('.incident-form button');
  await practitioner.waitForSelector('.incident-noted');
  // The clock stands still: counts are not taken twice in the same moment.
  server.clock.advance(1000);
  server.deps.doorbell.ring();
  await queue.waitForFunction(() =>
    document.querySelector('[data-incidents]')?.textContent?.includes('1 personne à prévenir'),
  );
  await Promise.all([desk.context().close(), queue.context().close(), practitioner.context().close()]);
});

test('nothing in the way of anybody: light and dark, wide and narrow', async () => {
  const { db } = database;
  const supervisor = await aSupervisor(db);
  const { id } = await anIncident(db, {
    agent: supervisor,
    ways: ['ecps'],
    expectedEnd: new Date('2026-11-23T18:00:00+01:00'),
  });
  await aWish(db, id, 'a@exemple.test');
  await aCase(db, { incidentId: id });
  const { session } = await walkedSession(db, towardPerson.slice(0, 3));
  const pages: readonly [string, TestAgent?][] = [
    ['/'],
    [`/diagnostic/${session.id}/sms_not_received`],
    ['/desk', supervisor],
    ['/desk/incidents', supervisor],
    ['/desk/incidents/nouveau', supervisor],
    [`/desk/incidents/${id}`, supervisor],
  ];
  const found: string[] = [];
  for (const [path, agent] of pages) {
    for (const [colorScheme, width] of [
      ['light', 320],
      ['dark', 1280],
    ] as const) {
      const page = await visit(path, { colorScheme, viewport: { width, height: 800 } }, agent);
      for (const fault of await accessibilityFaults(page)) {
        found.push(`${path} ${colorScheme} ${width}: ${fault.rule} ${fault.where.join(' ')}`);
      }
      const tooWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      if (tooWide) found.push(`${path} ${width}: scrolls sideways`);
      await page.context().close();
    }
  }
  expect(found).toEqual([]);
});
