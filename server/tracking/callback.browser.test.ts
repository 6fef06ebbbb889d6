import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bookCallback } from '../callbacks/book-callback.ts';
import type { cases } from '../cases/cases.table.ts';
import { accessibilityFaults, launchBrowser } from '../testing/browser.ts';
import { aCase, anAgent, signedIn } from '../testing/builders.ts';
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

const aCallable = (overrides: Partial<typeof cases.$inferInsert> = {}) =>
  aCase(database.db, { contactPhone: '+33612345678', ...overrides });

const ways = [320, 1280].flatMap((width) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })),
);

test.each(ways)('the pages of a callback hold at $width pixels in $colorScheme', async (way) => {
  const record = await aCallable();
  const agent = await anAgent(database.db);
  const { configuration, terms } = {
    configuration: await server.deps.routing.current(),
    terms: server.deps.config.callbacks,
  };
  const booked = await aCallable();
  const startsAt = new Date('2026-11-23T10:20:00+01:00');
  await bookCallback(
    database.db,
    {
      token: booked.trackingToken,
      startsAt: new Date(startsAt.getTime() + (way.width === 320 ? 0 : 1_200_000)),
    },
    { configuration, terms },
    server.clock.now(),
  );
  const context = await browser.newContext({
    locale: 'fr-FR',
    timezoneId: 'Europe/Paris',
    reducedMotion: 'reduce',
    bypassCSP: true,
    colorScheme: way.colorScheme,
    viewport: { width: way.width, height: 900 },
    baseURL: origin,
  });
  const [name = '', value = ''] = (await signedIn(server, agent)).split('=');
  await context.addCookies([{ name, value, url: origin }]);
  const page = await context.newPage();
  for (const path of [
    `/suivi/${record.trackingToken}/rappel`,
    `/suivi/${booked.trackingToken}`,
    `/suivi/${booked.trackingToken}/rappel`,
    '/desk',
    '/desk/rappels',
    `/desk/dossiers/${booked.number}`,
  ]) {
    await page.goto(path);
    await look(path);
  }
  await page.goto(`/suivi/${record.trackingToken}/rappel`);
  await page.selectOption('#fuseau-voulu', 'Pacific/Noumea');
  await page.getByRole('button', { name: 'Afficher', exact: true }).click();
  await page.waitForURL(/fuseau$/);
  await look('other hours');
  await context.close();

  async function look(what: string) {
    expect([what, await accessibilityFaults(page)]).toEqual([what, []]);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect([what, wider]).toEqual([what, false]);
  }
});

test.each([true, false])(
  'a callback is booked by the keyboard alone, scripts: %s',
  async (javaScriptEnabled) => {
    const record = await aCallable();
    const context = await browser.newContext({ locale: 'fr-FR', baseURL: origin, javaScriptEnabled });
    const page = await context.newPage();
    await page.goto(`/suivi/${record.trackingToken}/rappel`);
    await page.locator('details[open] input[name="creneau"]').nth(5).focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    await page.locator('#telephone').focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/fait=callback/);
    expect(await page.locator('[role="status"]').textContent()).toContain('Votre rappel est noté');
    await context.close();
  },
);

test.each([true, false])(
  'other hours are shown without losing what was typed, scripts: %s',
  async (scripts) => {
    const record = await aCallable({ contactPhone: null });
    const context = await browser.newContext({
      locale: 'fr-FR',
      baseURL: origin,
      javaScriptEnabled: scripts,
    });
    const page = await context.newPage();
    await page.goto(`/suivi/${record.trackingToken}/rappel`);
    const chosen = page.locator('details[open] .callback-slot').nth(3);
    const value = await chosen.locator('input').inputValue();
    await chosen.click();
    await page.fill('#telephone', '06 12 34 56 78');
    await page.selectOption('#fuseau-voulu', 'Indian/Reunion');
    await page.locator('#fuseau-voulu').press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(/fuseau$/);
    // Whoever asked is where they were.
    await page.locator('#fuseau-voulu:focus').waitFor();
    expect(await page.inputValue('#telephone')).toBe('06 12 34 56 78');
    expect(await page.locator('input[name="creneau"]:checked').inputValue()).toBe(value);
    // What was typed is sent by the Enter key, and books.
    await page.locator('#telephone').press('Enter');
    await page.waitForURL(/fait=callback/);
    expect(await page.locator('main').textContent()).toContain('La Réunion');
    await context.close();
  },
);
