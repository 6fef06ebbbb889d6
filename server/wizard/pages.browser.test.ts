import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { accessibilityFaults, launchBrowser } from '#server/testing/browser.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);

let browser: Browser;
let origin: string;

beforeAll(async () => {
  origin = await server.app.listen({ port: 0, host: '127.0.0.1' });
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

/** A page of a French visitor on the smallest telephone. Contexts end with the browser: it does not survive their end. */
async function visitor(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 320, height: 640 },
    locale: 'fr-FR',
    // Colours must not be measured on their way from one scheme to the other.
    reducedMotion: 'reduce',
    baseURL: origin,
    ...options,
  });
  return context.newPage();
}

/** What is wrong with the page as it stands, in both colour schemes. */
async function faults(page: Page): Promise<readonly string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const fault of await accessibilityFaults(page)) {
      found.push(`${colorScheme}: ${fault.rule} at ${fault.where.join(', ')}`);
    }
  }
  const { wider, small } = await page.evaluate(() => ({
    wider: document.documentElement.scrollWidth - window.innerWidth,
    small: [...document.querySelectorAll('button, summary, .button, .trail-change, nav a, .back')]
      .filter((each) => {
        const { width, height } = each.getBoundingClientRect();
        return width > 0 && (width < 43.5 || height < 43.5);
      })
      .map((each) => each.textContent?.trim() ?? ''),
  }));
  if (wider > 0) found.push(`${wider} pixels too wide`);
  return [...found, ...small.map((each) => `too small to touch: ${each}`)];
}

it('walks the wizard without scripts, back and forth, and finds no fault on its pages', async () => {
  const page = await visitor({ javaScriptEnabled: false });
  // Faults are looked for by a script, so on the same addresses in a page that runs some.
  const examined = await visitor();
  const look = async (heading: string) => {
    expect((await page.locator('h1').textContent())?.replace(/\s/g, ' ')).toBe(heading);
    await examined.goto(page.url());
    expect(await faults(examined)).toEqual([]);
  };
  const press = (name: string) => page.getByRole('button', { name }).first().click();

  await page.goto('/');
  await look('Vous n’arrivez pas à vous connecter à Vaccin Covid ?');
  await press('Commencer');
  await look('Comment entrez-vous dans Vaccin Covid ?');
  await press('L’e-CPS');
  await press('Un code ou un e-mail n’arrive pas');
  await press('Le code par SMS');
  await look('Le code par SMS n’arrive pas');

  await page.goBack();
  await look('Lequel n’arrive pas ?');
  expect(await page.locator('[aria-current="true"]').textContent()).toContain('Le code par SMS');
  await page.getByRole('link', { name: 'Reprendre' }).click();
  await press('Ça ne marche toujours pas');
  await press('English');
  await look('What is your profession?');
  await press('Doctor');
  await look('Check your mobile and your e-mail');
  await press('Talk to someone');
  await press('A vaccination centre');
  await look('Someone will help you');
  await page.getByRole('link', { name: /^Change.*“How do you get into/ }).click();
  await press('It works now');
  await look('All fixed');
}, 60_000);

it('finds no fault on the other pages', async () => {
  const page = await visitor();
  for (const url of ['/aide', '/a-propos', '/nowhere', '/diagnostic/unknown']) {
    await page.goto(url);
    expect([url, await faults(page)]).toEqual([url, []]);
  }
});

it.each([
  ['Indian/Reunion', [' (chez vous\u00a0: 23:00)']],
  ['Pacific/Noumea', [' (chez vous\u00a0: mardi 06:00)']],
  ['Europe/Brussels', []],
])('adds to the closing time what clocks in %s then show, if it differs', async (timezoneId, notes) => {
  // A browser of its own: npm's Chromium keeps one time zone for all its contexts.
  const elsewhere = await launchBrowser();
  try {
    const page = await elsewhere.newPage({ timezoneId, locale: 'fr-FR' });
    await page.goto(`${origin}/aide`);
    expect(await page.locator('time').count()).toBe(1);
    expect(await page.locator('.local-time').allTextContents()).toEqual(notes);
  } finally {
    await elsewhere.close();
  }
});
