/**
 * `npm run pictures [-- URL]`: takes the README's pictures of a product that `npm start` has running with fresh
 * demo data (http://localhost:3000 by default), into docs/pictures.
 */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launchBrowser } from '#server/testing/browser.ts';
import { demoPassword } from './demo/demo-agents.ts';

const [origin = 'http://localhost:3000'] = process.argv.slice(2);
const folder = join(import.meta.dirname, '../docs/pictures');
const browser = await launchBrowser();

async function open(width: number, height: number, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    locale: 'fr-FR',
    timezoneId: 'Europe/Paris',
    reducedMotion: 'reduce',
  });
  return context.newPage();
}

async function take(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(folder, `${name}.png`) });
  console.log(`docs/pictures/${name}.png`);
}

const phone = await open(390, 844);
const choose = (label: string) => phone.getByRole('button', { name: label }).click();
await phone.goto(origin);
for (const label of ['Commencer', 'L’e-CPS', 'Un code ou un e-mail', 'Le code par SMS']) await choose(label);
await take(phone, 'wizard-phone');

for (const label of ['Parler à quelqu’un', 'Un établissement', 'Infirmier']) await choose(label);
await phone
  .getByRole('main')
  .getByRole('link', { name: /demande/i })
  .first()
  .click();
await phone.getByLabel('Prénom et nom').fill('Léa Garnier');
await phone.getByLabel('Téléphone', { exact: true }).fill('06 12 34 56 78');
await choose('Envoyer ma demande');
await take(phone, 'case-opened');

const desk = await open(1280, 900);
await desk.goto(`${origin}/desk`);
await desk.getByLabel('Adresse e-mail').fill('agent.deux@demo.test');
await desk.getByLabel('Mot de passe').fill(demoPassword);
await desk.getByRole('button', { name: 'Se connecter' }).click();
await desk.getByRole('button', { name: 'Disponible' }).click();
await desk.getByText('En direct').waitFor();
await take(desk, 'desk-queue');
await desk.locator('[data-number]', { hasText: 'Léa Garnier' }).getByRole('link').first().click();
await desk.getByText('En direct').waitFor();
await take(desk, 'desk-case');
await browser.close();
