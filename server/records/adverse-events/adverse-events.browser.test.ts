import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { accessibilityFaults, launchBrowser } from '#server/testing/browser.ts';
import { aPatient } from '#server/testing/patients.ts';
import { kinds, type SignedInProfessional, signedInProfessional } from '#server/testing/professionals.ts';
import { ask, recordedInjection } from '#server/testing/record-requests.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);

let browser: Browser;
let origin: string;
let doctor: SignedInProfessional;

beforeAll(async () => {
  origin = await server.app.listen({ port: 0, host: '127.0.0.1' });
  browser = await launchBrowser();
  doctor = await signedInProfessional(server);
});
afterAll(() => browser?.close());

/** A page of the doctor's. Contexts end with the browser. */
async function pageOf(javaScriptEnabled: boolean): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 320, height: 900 },
    locale: 'fr-FR',
    reducedMotion: 'reduce',
    baseURL: origin,
    javaScriptEnabled,
  });
  const [name = '', value = ''] = doctor.cookie.split('=');
  await context.addCookies([{ name, value, url: origin }]);
  return context.newPage();
}

/** An event that a secretary declared for the doctor. */
async function declared() {
  const secretary = await signedInProfessional(server, kinds.secretary());
  await ask(server, doctor, 'POST', '/api/records/delegations', {
    delegateIdentifier: secretary.professional.nationalIdentifier,
    delegateName: 'Dominique Petit',
    scope: 'entry',
    validFrom: '2026-11-01',
  });
  const { id } = await aPatient(server.deps);
  const injectionId = await recordedInjection(server, doctor, id);
  const url = `/api/records/patients/${id}/adverse-events`;
  const answer = await ask(server, secretary, 'POST', url, {
    injectionId,
    onset: '2026-11-20T18:30:00+01:00',
    description:
      'Fièvre à 39 °C dès le soir.\nŒdème du bras, puis éruption étendue au tronc et aux deux bras.',
    serious: true,
    criteria: ['hospitalisation', 'other_medically_important'],
    hospitalisedFrom: '2026-11-21',
    outcome: 'recovering',
    performedBy: doctor.professional.nationalIdentifier,
  });
  expect(answer.statusCode, answer.body).toBe(201);
  return { file: `/dossiers/${id}`, event: `/dossiers/${id}/effets/${answer.json().id}` };
}

/** Goes on with the Tab key until the focus is there. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab');
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error('the keyboard does not get there');
}

it('is validated, corrected, set aside and taken back by keyboard alone, without a script', async () => {
  const { event } = await declared();
  const page = await pageOf(false);
  const press = async (target: Locator, key = 'Enter') => {
    await tabTo(page, target);
    await page.keyboard.press(key);
  };
  await page.goto('/dossiers/a-valider');
  const card = page.locator('article').filter({ has: page.locator(`a[href="${event}"]`) });
  await press(card.getByRole('button', { name: /Valider/ }));
  await page.waitForURL('**/a-valider?fait=validate');
  await page.goto(event);
  await press(page.getByRole('link', { name: 'Corriger' }));
  await page.waitForURL('**/corriger');
  await tabTo(page, page.locator('#reason'));
  await page.keyboard.type('Sortie');
  await press(page.getByRole('button', { name: 'Enregistrer la correction' }));
  await page.waitForURL('**fait=correct');
  expect(await page.getByRole('status').textContent()).toContain('La correction est enregistrée');
  // Without a reason the same page comes back, its summary focused and leading to the field.
  await press(page.getByRole('button', { name: 'Marquer comme saisi par erreur' }));
  await page.locator('.error-summary:focus').waitFor();
  await press(page.locator('.error-summary a'));
  await page.locator('#reason:focus').waitFor();
  await page.keyboard.type('Autre patient');
  await press(page.getByRole('button', { name: 'Marquer comme saisi par erreur' }));
  await page.waitForURL('**fait=enter_in_error');
  await tabTo(page, page.locator('#reason'));
  await page.keyboard.type('Le bon patient');
  await press(page.getByRole('button', { name: 'Rétablir cet effet' }));
  await page.waitForURL('**fait=restore');
  expect(await page.locator('#history ~ article').count()).toBe(4);
});

it('is given coded terms by keyboard, without a script', async () => {
  const { event } = await declared();
  const page = await pageOf(false);
  await page.goto(`${event}/corriger`);
  await page.locator('#terms-0-code').fill('R50.9');
  await tabTo(page, page.getByRole('button', { name: 'Ajouter un terme' }));
  await page.keyboard.press('Enter');
  // The new row has the focus, and what was typed is there.
  await page.locator('#terms-1-system:focus').waitFor();
  expect(await page.locator('#terms-0-code').inputValue()).toBe('R50.9');
  await tabTo(page, page.locator('#terms-1-code'));
  await page.keyboard.type('R68.8');
  // In a field, the Enter key sends the form; it adds no row.
  await page.keyboard.press('Enter');
  await page.locator('.error-summary:focus').waitFor();
  expect(await page.locator('.error-summary a').allTextContents()).toHaveLength(2);
  expect(await page.locator('fieldset.term').count()).toBe(2);
  await page.locator('#terms-0-display').fill('Fièvre, sans précision');
  await page.locator('#terms-1-display').fill('Autres symptômes généraux précisés');
  await page.locator('#reason').fill('Codes ajoutés');
  await page.locator('#reason').press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForURL('**fait=correct');
  expect(await page.locator('main').textContent()).toContain('Autres symptômes généraux précisés (R68.8,');
});

it('finds no fault on its pages', async () => {
  const { file, event } = await declared();
  const page = await pageOf(true);
  const found: string[] = [];
  /** What is wrong with the page in both colour schemes and at both widths. */
  const look = async (name: string) => {
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
  };
  await page.goto('/espace');
  await look('home-waiting');
  await tabTo(page, page.getByRole('link', { name: /^\d+ actes? à valider$/ }));
  await page.keyboard.press('Enter');
  await page.waitForURL('**/dossiers/a-valider');
  await look('event-waiting');
  await page.goto(`${file}/actes`);
  await look('event-list');
  await page.goto(`${file}/injection`);
  await look('event-recalled');
  await page.goto(event);
  await page.getByRole('button', { name: 'Valider' }).click();
  await page.waitForURL('**fait=validate');
  await page.goto(`${event}/corriger`);
  const [patientPath = '', id = ''] = event.replace('/dossiers/', '').split('/effets/');
  const one = `/api/records/patients/${patientPath}/adverse-events/${id}`;
  const patch = { reason: 'Appel de la famille', outcome: 'not_recovered', lotSuspected: true };
  expect((await ask(server, doctor, 'PATCH', one, patch, { 'if-match': '"2"' })).statusCode).toBe(200);
  await page.locator('#reason').fill('Compte rendu reçu');
  await page.getByRole('button', { name: 'Enregistrer la correction' }).click();
  await page.getByText('Cet acte a changé entre-temps').waitFor();
  await look('event-conflict');
  await page.locator('#hospitalisedFrom').fill('');
  await page.getByRole('button', { name: 'Enregistrer la correction' }).click();
  await page.locator('#hospitalisedFrom-error').waitFor();
  await look('event-errors');
  await page.goto(event);
  await page.getByRole('button', { name: 'Je l’ai envoyée' }).click();
  await page.waitForURL('**fait=sent');
  await look('event-sent');
  await page.locator('#reason').fill('Autre patient');
  await page.getByRole('button', { name: 'Marquer comme saisi par erreur' }).click();
  await page.waitForURL('**fait=enter_in_error');
  await look('event-aside');
  await page.goto(event.replace(/effets.*/, 'actes'));
  await page.locator('article a[href*="/injections/"]').first().click();
  await page.getByRole('link', { name: 'Déclarer un effet indésirable' }).click();
  await page.getByRole('button', { name: 'Enregistrer la déclaration' }).click();
  await page.locator('.error-summary').waitFor();
  await page.locator('#terms-0-display').fill('Fièvre');
  await page.getByRole('button', { name: 'Ajouter un terme' }).click();
  await page.locator('#terms-1-system').waitFor();
  await page.locator('#terms-1-code').fill('R68.8');
  await page.getByRole('button', { name: 'Enregistrer la déclaration' }).click();
  await page.locator('#terms-1-display-error').waitFor();
  await look('event-declare');
  expect(found).toEqual([]);
});
