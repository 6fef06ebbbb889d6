/**
 * `npm run pictures [-- URL]`: takes the README's pictures of a product that `npm start` has running with fresh
 * demo data (http://localhost:3000 by default), into docs/pictures.
 */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launchBrowser } from '#server/testing/browser.ts';
import { demoPassword } from './demo/demo-agents.ts';
import { demoPatients } from './demo/demo-records.ts';
import { signInAtWallet } from './journeys/at-the-wallet.ts';

const [origin = 'http://localhost:3000'] = process.argv.slice(2);
const folder = join(import.meta.dirname, '../docs/pictures');
const browser = await launchBrowser();

async function open(width: number, height: number, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    baseURL: origin,
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

const doctor = await open(1280, 1100);
await signInAtWallet(doctor, 'doctor', '/dossiers');
/** A call of the records' API. @returns its answer. */
async function call(path: string, data: object) {
  const response = await doctor.request.post(`/api/records/patients/${path}`, { data });
  if (!response.ok()) throw new Error(`${path}: ${response.status()} ${await response.text()}`);
  return response.json();
}
const day = 24 * 60 * 60 * 1000;
const [shown] = demoPatients;
if (!shown) throw new Error('the demo has no patients');
const { family, given, born: birthDate } = shown;
const found = await call('search', { family, given, birthDate });
const patient: string = found.patients[0].id;
const acts = await doctor.request.get(`/api/records/patients/${patient}/injections`);
const [dose] = (await acts.json()).items;
await call(`${patient}/consultations`, {
  occurredAt: dose.occurredAt,
  place: { kind: 'practice', name: dose.place.name },
  questionnaire: { pastInfection: false, fever: false },
  consent: 'patient',
  decision: 'fit',
});
await call(`${patient}/adverse-events`, {
  injectionId: dose.id,
  onset: new Date(Date.parse(dose.occurredAt) + 20 * 60 * 1000).toISOString(),
  description: 'Malaise avec sueurs, sans perte de connaissance.',
  serious: false,
  outcome: 'recovered',
});
await doctor.goto(`/dossiers/${patient}`);
await take(doctor, 'patient-file');
await doctor.goto(`/dossiers/${patient}/injection`);
await doctor.locator('#lot').fill('FK1301');
await doctor.locator('#lotExpiry').fill(new Date(Date.now() + 300 * day).toISOString().slice(0, 10));
await doctor.getByRole('button', { name: 'Vérifier avant d’enregistrer' }).click();
await doctor.getByRole('button', { name: 'Confirmer et enregistrer' }).waitFor();
await take(doctor, 'injection-confirm');

const summary = await call(`${patient}/summaries`, {});
const pdf = await (await doctor.request.get(summary.pdf)).body();
const passer = await open(390, 844);
await passer.goto('/verifier');
await passer.locator('#file').setInputFiles({ name: 'bilan.pdf', mimeType: 'application/pdf', buffer: pdf });
await passer.locator('form:has(#file) button[type=submit]').click();
await passer.locator('#verdict').waitFor();
await take(passer, 'verifier-phone');
await browser.close();
