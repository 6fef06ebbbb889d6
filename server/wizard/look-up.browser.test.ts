import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sampleExtract } from '#ops/directory/sample-extract.ts';
import { samplePeople } from '#ops/directory/sample-people.ts';
import { importDirectory } from '#server/directory/import-directory.ts';
import { testFolder } from '#server/directory/testing/an-extract.ts';
import { accessibilityFaults, launchBrowser } from '#server/testing/browser.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();
const folder = testFolder();
const server = testApp(database);

let browser: Browser;
let origin: string;

beforeAll(async () => {
  const file = folder.write('annuaire.txt', [...sampleExtract({ rows: 100 })].join(''));
  await importDirectory(database.url, { file, force: false, clock: server.clock });
  origin = await server.app.listen({ port: 0, host: '127.0.0.1' });
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

/** A page at the question for the profession, on the smallest telephone. */
async function atProfession(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 320, height: 640 },
    locale: 'fr-FR',
    reducedMotion: 'reduce',
    baseURL: origin,
    ...options,
  });
  const page = await context.newPage();
  await page.goto('/');
  await page.getByRole('button', { name: 'Commencer le diagnostic' }).click();
  await page.getByRole('button', { name: /L’e-CPS/ }).click();
  await page.getByRole('button', { name: /Autre chose/ }).click();
  return page;
}

it('is done by keyboard and without scripts, from the number to the filled form', async () => {
  const page = await atProfession({ javaScriptEnabled: false });
  const number = page.getByLabel('Numéro RPPS ou ADELI');
  await number.fill('10999999993');
  await number.press('Enter');
  expect(await page.getByRole('alert').textContent()).toContain('ne connaît pas ce numéro');
  expect(await number.inputValue()).toBe('10999999993');

  const { number: rpps, familyName } = samplePeople.nurseWithBoth;
  await number.fill(`8${rpps}`);
  await number.press('Enter');
  expect(await page.locator('.lead').textContent()).toContain(familyName);
  await page.getByRole('button', { name: /^C’est moi Nous/ }).click();
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain(
    'votre mobile et votre e-mail',
  );
  await page.getByRole('button', { name: 'Parler à quelqu’un' }).click();
  // Both activities: the place alone is asked, since the directory knows which of them is in a practice.
  await page.getByRole('button', { name: /Un cabinet/ }).click();
  await page.getByRole('link', { name: 'Faire ma demande' }).click();
  expect(await page.getByLabel(/RPPS/).inputValue()).toBe(rpps);
});

it('can be used with any assistive technology, light and dark, at 320 pixels', async () => {
  const page = await atProfession({ bypassCSP: true });
  const faults = async () => {
    const found: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const { rule, where } of await accessibilityFaults(page))
        found.push(`${colorScheme}: ${rule} ${where}`);
    }
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    return wider > 0 ? [...found, `${wider} pixels too wide`] : found;
  };
  expect(await faults()).toEqual([]);
  await page.getByLabel('Numéro RPPS ou ADELI').press('Enter');
  await page.getByRole('alert').waitFor();
  expect(await faults()).toEqual([]);
  await page.getByLabel('Numéro RPPS ou ADELI').fill(samplePeople.medicalStudent.number);
  await page.getByLabel('Numéro RPPS ou ADELI').press('Enter');
  await page.getByRole('heading', { name: 'Est-ce bien vous' }).waitFor();
  expect(await page.locator('.lead').textContent()).toContain('en formation');
  expect(await faults()).toEqual([]);
});
