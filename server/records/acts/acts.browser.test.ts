import { eq } from 'drizzle-orm';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aPatient, firstDose, recordsCaller } from '#server/testing/acts.ts';
import { accessibilityFaults, launchBrowser } from '#server/testing/browser.ts';
import { kinds, type SignedInProfessional, signedInProfessional } from '#server/testing/professionals.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { injections } from './acts.table.ts';

const database = testDatabase();
const server = testApp(database);

let browser: Browser;
let origin: string;
let nurse: SignedInProfessional;

beforeAll(async () => {
  origin = await server.app.listen({ port: 0, host: '127.0.0.1' });
  browser = await launchBrowser();
  nurse = await signedInProfessional(server, kinds.hospitalNurse());
});
afterAll(() => browser?.close());

/** A page of the nurse's. Contexts end with the browser. */
async function pageOf(options: { readonly javaScriptEnabled?: boolean; readonly width?: number } = {}) {
  const { javaScriptEnabled = true, width = 320 } = options;
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    locale: 'fr-FR',
    reducedMotion: 'reduce',
    baseURL: origin,
    javaScriptEnabled,
  });
  const [name = '', value = ''] = nurse.cookie.split('=');
  await context.addCookies([{ name, value, url: origin }]);
  return context.newPage();
}

/** What is wrong with the page in both colour schemes and at both widths. */
async function faults(page: Page, name: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const width of [320, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const { rule, where } of await accessibilityFaults(page)) {
        found.push(`${name} ${width} ${colorScheme}: ${rule} at ${where.join(', ')}`);
      }
      const folder = process.env.PICTURES_FOLDER;
      if (folder)
        await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png`, fullPage: true });
    }
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (wider > 0) found.push(`${name}: ${wider} pixels too wide at ${width}`);
  }
  return found;
}

async function comingBack(): Promise<string> {
  const { id } = await aPatient(database.db, nurse.professional);
  await recordsCaller(server, nurse)('POST', `patients/${id}/injections`, {
    ...firstDose,
    place: { kind: 'establishment', finess: '750000011' },
    occurredAt: '2026-11-16T09:00:00+01:00',
  });
  return id;
}

/** The page of an injection that was set aside, of which the rules would warn now. */
async function setAside(patientId: string): Promise<string> {
  const call = recordsCaller(server, nurse);
  const given = await call('POST', `patients/${patientId}/injections`, {
    ...firstDose,
    place: { kind: 'establishment', finess: '750000011' },
    occurredAt: '2026-11-18T09:00:00+01:00',
    overrideReason: 'Essai',
  });
  const path = `patients/${patientId}/injections/${given.body.id}`;
  const corrected = { reason: 'Autre patient' };
  await call('DELETE', path, corrected, { 'if-match': '"1"' });
  await database.db
    .update(injections)
    .set({ overrideReason: null })
    .where(eq(injections.id, String(given.body.id)));
  return `/dossiers/${patientId}/injections/${given.body.id}`;
}

it('records a second dose with a keyboard scanner and no script', async () => {
  const patientId = await comingBack();
  server.clock.set('2026-12-10T10:00:00+01:00');
  nurse = await signedInProfessional(server, kinds.hospitalNurse());
  const page = await pageOf({ javaScriptEnabled: false });
  await page.goto(`/dossiers/${patientId}/injection`);
  await page.locator('#scan:focus').waitFor();
  // As it types: the separator replaced, and Enter at the end.
  await page.keyboard.type(']d2010340093000012017270930' + '10SCAN77|21XY');
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/dossiers/${patientId}/injection`);
  await page.getByText('SCAN77').waitFor();
  await page.getByRole('button', { name: 'Confirmer et enregistrer' }).click();
  await page.waitForURL('**/injections/**');
  expect(await page.getByRole('status').textContent()).toContain('enregistré');
  expect(await page.locator('h1').textContent()).toContain('2/2');
});

it('takes an answer back by the keyboard, without scripts', async () => {
  const { id } = await aPatient(database.db, nurse.professional);
  const page = await pageOf({ javaScriptEnabled: false });
  await page.goto(`/dossiers/${id}/consultation`);
  const fever = page.getByRole('radiogroup', { name: 'Fièvre ce jour' });
  await fever.getByLabel('Oui').check();
  await page.keyboard.press('ArrowDown');
  expect(await fever.getByLabel('Non', { exact: true }).isChecked()).toBe(true);
  await page.keyboard.press('ArrowDown');
  expect(await fever.getByLabel('Non renseigné').isChecked()).toBe(true);
});

it('finds no fault on its pages', async () => {
  server.clock.set('2026-11-23T10:00:00+01:00');
  nurse = await signedInProfessional(server, kinds.hospitalNurse());
  const patientId = await comingBack();
  const page = await pageOf();
  const found: string[] = [];
  const look = async (name: string) => {
    found.push(...(await faults(page, name)));
  };
  await page.goto(`/dossiers/${patientId}/injection`);
  await look('injection');
  await page.locator('#lot').fill('');
  await page.getByRole('button', { name: 'Vérifier avant d’enregistrer' }).click();
  await look('injection-errors');
  await page.locator('#lot').fill('AB12');
  await page.getByRole('button', { name: 'Vérifier avant d’enregistrer' }).click();
  await page.locator('#overrideReason').waitFor();
  await look('injection-confirm');
  await page.locator('#overrideReason').fill('Départ à l’étranger');
  await page.getByRole('button', { name: 'Confirmer et enregistrer' }).click();
  await page.waitForURL('**/injections/**');
  await page.getByRole('link', { name: 'Corriger' }).click();
  await page.locator('#reason').fill('Lot mal lu');
  await page.locator('#lot').fill('AB13');
  await look('injection-correct');
  await page.getByRole('button', { name: 'Enregistrer la correction' }).click();
  await page.waitForURL('**fait=correct');
  await look('injection-file');
  const file = new URL(page.url()).pathname;
  const event = await recordsCaller(server, nurse)('POST', `patients/${patientId}/adverse-events`, {
    injectionId: file.split('/').at(-1),
    onset: '2026-11-23T10:00:00+01:00',
    description: 'Fièvre',
    serious: true,
    criteria: ['hospitalisation'],
    hospitalisedFrom: '2026-11-23',
    outcome: 'recovering',
  });
  expect(event.status).toBe(201);
  await page.goto(file);
  await page.getByRole('link', { name: /^Effet indésirable du/ }).waitFor();
  await look('injection-followed');
  await page.goto(`/dossiers/${patientId}`);
  await page.getByRole('link', { name: 'Nouvelle consultation' }).waitFor();
  await look('file');
  await page.goto(await setAside(patientId));
  await page.locator('#reason').fill('C’était bien elle');
  await page.getByRole('button', { name: 'Rétablir cet acte' }).click();
  await page.locator('#overrideReason').waitFor();
  await look('injection-restore');
  await page.locator('#overrideReason').fill('Deux doses vues au carnet');
  await page.getByRole('button', { name: 'Rétablir cet acte' }).click();
  await page.waitForURL('**fait=restore');
  await page.goto(`/dossiers/${patientId}/consultation`);
  await look('consultation');
  await page.goto(`/dossiers/${patientId}/actes`);
  await look('acts');
  await page.goto(`/dossiers/${patientId}/acces`);
  const structure = page.locator('.access-table td').filter({ hasText: 'FINESS 750000011' }).first();
  expect(await structure.textContent()).toContain('Centre hospitalier des Trois-Rivières');
  await look('accesses');
  await page.goto('/delegations');
  await look('delegations');
  await page.goto('/dossiers/a-valider');
  await look('waiting');
  expect(found).toEqual([]);
});
