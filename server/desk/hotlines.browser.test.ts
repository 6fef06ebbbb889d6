import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

async function supervisorAt(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const agent = await anAgent(database.db, { role: 'supervisor', name: 'Sophie' });
  const context = await browser.newContext({
    locale: 'fr-FR',
    // Colours must not be measured on their way.
    reducedMotion: 'reduce',
    viewport: { width: 1280, height: 900 },
    baseURL: origin,
    ...options,
  });
  const [name = '', value = ''] = (await signedIn(server, agent)).split('=');
  await context.addCookies([{ name, value, url: origin }]);
  const page = await context.newPage();
  await page.goto(path);
  return page;
}

test('without scripts, a supervisor sees the effect of hours, corrects them, and saves', async () => {
  const page = await supervisorAt('/desk', { javaScriptEnabled: false });
  await page.click('.desk-nav a[href="/desk/hotlines"]');
  await page.click('.lines a[href="/desk/hotlines/liberaux"]');
  await page.click('a[href$="/timetables/new"]');
  await page.fill('#validFrom', '2026-11-25');
  await page.fill('#day-3', '9:00-12:00, 11:00-14:00');
  await page.check('#holidays-1');
  await page.click('button[value="preview"]');
  expect(await page.textContent('.error-summary')).toContain('mercredi');
  expect(await page.inputValue('#day-3')).toBe('9:00-12:00, 11:00-14:00');
  await page.fill('#day-3', '9:00-12:00, 14:00-24:00');
  await page.click('button[value="preview"]');
  expect(await page.textContent('tr:has(time[datetime="2026-11-25"])')).toContain('09:00–12:00, 14:00–24:00');
  expect(await page.textContent('tr:has(time[datetime="2026-11-24"])')).toContain('non communiqués');
  expect(await page.inputValue('#validFrom')).toBe('2026-11-25');
  await page.click('button[value="save"]');
  expect(await page.textContent('.flash')).not.toBe('');
  expect(await page.textContent('.changes')).toContain('Sophie');
});

test('without scripts, rules are saved once their effect was read', async () => {
  const { number } = await aCase(database.db, { setting: 'other', mode: 'B' });
  const page = await supervisorAt('/desk/routing-rules', { javaScriptEnabled: false });
  expect(await page.locator('button[value="save"]').count()).toBe(0);
  await page.check('#rule-4-remove');
  await page.click('button[value="preview"]');
  expect(await page.textContent('.holes')).toContain('Bénévole');
  await page.uncheck('#rule-4-remove');
  await page.selectOption('#rule-4-hotline', 'liberaux');
  await page.click('button[value="preview"]');
  expect(await page.textContent('.rules-effect')).toContain(number);
  await page.click('button[value="save"]');
  expect(await page.inputValue('#rule-4-hotline')).toBe('liberaux');
  expect(await page.textContent('.changes')).toContain('Sophie');
});

test.each([320, 1280])(
  'at %i pixels no page has an accessibility fault, or scrolls sideways',
  async (width) => {
    const page = await supervisorAt('/desk/hotlines', { viewport: { width, height: 900 } });
    const faults: string[] = [];
    const look = async (what: string) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        for (const { rule, where } of await accessibilityFaults(page)) {
          faults.push(`${what}, ${colorScheme}: ${rule} at ${where.join(', ')}`);
        }
      }
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (wider > 0) faults.push(`${what}: ${wider} pixels too wide`);
    };
    await look('the lines');
    for (const path of ['liberaux', 'etablissements', 'new/details', 'etablissements/details']) {
      await page.goto(`/desk/hotlines/${path}`);
      await look(path);
    }
    await page.goto('/desk/hotlines/etablissements/timetables/always');
    await page.fill('#day-1', '10:00-16:00');
    await page.click('button[value="preview"]');
    await look('hours with their effect');
    await page.fill('#day-1', 'matin');
    await page.click('button[value="save"]');
    await look('hours refused');
    await page.goto('/desk/hotlines/etablissements/exceptions/new');
    await page.fill('#day', '2026-12-25');
    await page.check('#kind-1');
    await page.click('button[value="preview"]');
    await look('a strike with its effect');
    await page.goto('/desk/routing-rules');
    await look('the rules');
    await page.selectOption('#rule-3-hotline', 'etablissements');
    await page.click('button[value="preview"]');
    await look('the rules with their effect');
    expect(faults).toEqual([]);
  },
);
