import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFailed, test, vi } from 'vitest';
import { eventually } from '#server/testing/eventually.ts';
import { databaseAsText, filesAsText, nirLeaks } from '#server/testing/nir-leaks.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { signInAtWallet } from './at-the-wallet.ts';
import { runningProduct } from './running-product.ts';

const database = testDatabase();
const product = runningProduct(database);
const nir = '295109912611193';
/** The same with a key that is not its own. */
const wrongNir = '295109912611199';
/** As a keyboard scanner types a box's DataMatrix, its separator replaced; Enter follows. */
const scannedBox = ']d2010340093000012017270930' + '10SCAN77|21XY';

describe('a patient, from a number nobody knows to a second dose, an adverse event and who read what', () => {
  const contexts: BrowserContext[] = [];
  const addresses: string[] = [];
  const refusals: Record<string, string> = {};
  let doctor: Page;
  let secretary: Page;
  /** The patient's pages. */
  let file: string;
  let firstDose: string;
  let secondDose: string;

  beforeAll(async () => {
    doctor = await open({ viewport: { width: 360, height: 740 }, javaScriptEnabled: false });
    secretary = await open({ viewport: { width: 1280, height: 900 } });
  });
  afterAll(async () => {
    for (const context of contexts) await context.close();
  });
  // One journey: a step begins where the one before it ended.
  let lost = false;
  beforeEach(({ skip }) => {
    skip(lost, 'an earlier step of the journey failed');
    onTestFailed(() => {
      lost = true;
    });
  });

  async function open(options: Parameters<typeof product.browser.newContext>[0]): Promise<Page> {
    const context = await product.browser.newContext({
      locale: 'fr-FR',
      timezoneId: 'Europe/Paris',
      baseURL: product.origin,
      ...options,
    });
    contexts.push(context);
    context.on('request', (request) => addresses.push(`${request.url()} ${request.headers().referer ?? ''}`));
    const page = await context.newPage();
    return page;
  }

  const button = (page: Page, name: string) => page.getByRole('button', { name });
  const main = (page: Page) => page.locator('main').innerText();

  test('a libéral doctor signs in with her e-CPS, and arrives where she wanted to go', async () => {
    await signInAtWallet(doctor, 'doctor', '/dossiers');
    expect(await doctor.locator('header').innerText()).toContain('Cabinet du docteur Lefèvre');
    expect(new URL(doctor.url()).pathname).toBe('/dossiers');
  });

  test('she finds nobody by the number, and creates the file without typing it again', async () => {
    await doctor.locator('#nir').fill('2 95 10 99 126 111 93');
    await button(doctor, 'Chercher par NIR').click();
    expect(await main(doctor)).toContain('Personne ne correspond');
    await button(doctor, 'Créer un dossier').click();
    expect((await doctor.locator('#nir').inputValue()).replace(/\s/g, '')).toBe(nir);
    await doctor.locator('#birthFamilyName').fill('Bélanger');
    await doctor.locator('#birthGivenNames').fill('Zoé Marie');
    await doctor.locator('#birthDate').fill('1995-10-12');
    await doctor.getByLabel('Femme').check();
    await button(doctor, 'Créer le dossier').click();
    await doctor.waitForURL(/\/dossiers\/[\da-f-]{36}$/);
    file = new URL(doctor.url()).pathname;
    expect(await doctor.locator('h1').innerText()).toMatch(/b[ée]langer/i);
  });

  test('she records the consultation, without JavaScript', async () => {
    await doctor.goto(`${file}/consultation`);
    await doctor
      .getByRole('radiogroup', { name: 'Fièvre ce jour' })
      .getByLabel('Non', { exact: true })
      .check();
    await doctor.getByLabel('Le patient consent').check();
    await doctor.getByLabel('Apte à la vaccination').check();
    await button(doctor, 'Enregistrer la consultation').click();
    expect(await doctor.getByRole('status').innerText()).toContain('enregistré');
  });

  test('she lets the hospital’s secretary enter on her behalf', async () => {
    await doctor.getByRole('link', { name: 'Délégations' }).click();
    await doctor.locator('#delegateName').fill('Martine Petit');
    await doctor.locator('#delegateIdentifier').fill('500000001815646/CPAT00045');
    await doctor.locator('#structure').fill('');
    await button(doctor, 'Donner cette délégation').click();
    expect(await doctor.getByRole('status').innerText()).toContain('donnée');
    expect(await main(doctor)).toContain('Martine Petit');
  });

  test('the secretary, known by a staff number alone, enters the first injection for her', async () => {
    await signInAtWallet(secretary, 'secretary', `${file}/injection`);
    expect(await main(secretary)).not.toContain(nir);
    await secretary.locator('#vaccine').selectOption('comirnaty');
    await secretary.locator('#lot').fill('FK1234');
    await secretary.locator('#lotExpiry').fill('2027-03-31');
    await secretary.locator('#doseTotal').fill('2');
    await secretary.getByLabel('Bras gauche').check();
    await secretary.locator('#placeKind').selectOption('practice');
    await secretary.locator('#finess').fill('');
    await secretary.locator('#placeName').fill('Cabinet du docteur Lefèvre');
    await button(secretary, 'Vérifier avant d’enregistrer').click();
    await button(secretary, 'Confirmer et enregistrer').click();
    await secretary.waitForURL(/\/injections\//);
    firstDose = new URL(secretary.url()).pathname;
    const text = await main(secretary);
    expect(text).toContain('En attente de validation');
    expect(text).toMatch(/Réalisé par\s+Anne Lefèvre/);
    expect(text).toMatch(/Saisi par\s+Martine Petit/);
  });

  test('the doctor sees what was entered in her name, and validates it', async () => {
    await doctor.getByRole('link', { name: 'À valider' }).click();
    expect(await main(doctor)).toMatch(/b[ée]langer/i);
    await button(doctor, 'Valider').click();
    expect(await doctor.getByRole('status').innerText()).toContain('validé');
    await doctor.goto(firstDose);
    expect(await main(doctor)).toMatch(/Validé par\s+Anne Lefèvre/);
  });

  test('four weeks later: find, scan, confirm', async () => {
    product.clock.set('2026-12-21T10:00:00+01:00');
    await signInAtWallet(doctor, 'doctor', '/dossiers');
    const pages: string[] = [];
    doctor.on('response', (response) => {
      const { pathname } = new URL(response.url());
      const isPage = response.request().resourceType() === 'document' && response.status() < 300;
      if (isPage) pages.push(pathname.replace(file, ':file').replace(/[\da-f-]{36}/, ':id'));
    });
    await doctor.locator('#nir').fill(nir);
    await button(doctor, 'Chercher par NIR').click();
    await doctor.getByRole('link', { name: 'Nouvelle injection' }).click();
    await doctor.locator('#scan:focus').waitFor();
    await doctor.keyboard.type(scannedBox);
    await doctor.keyboard.press('Enter');
    await doctor.getByText('SCAN77').waitFor();
    await button(doctor, 'Confirmer et enregistrer').click();
    await doctor.waitForURL(/\/injections\//);
    secondDose = new URL(doctor.url()).pathname;
    expect(await doctor.locator('h1').innerText()).toContain('2/2');
    expect(pages).toEqual(['/dossiers', ':file/injection', ':file/injection', ':file/injections/:id']);
  });

  test('an adverse event is declared from the injection, and its document opens', async () => {
    product.clock.advance(20 * 60_000);
    await doctor.getByRole('link', { name: 'Déclarer un effet indésirable' }).click();
    await doctor.locator('#date').fill('2026-12-21');
    await doctor.locator('#time').fill('10:15');
    await doctor.locator('#description').fill('Malaise avec sueurs, sans perte de connaissance.');
    await doctor
      .getByRole('radiogroup', { name: /grave \?/ })
      .getByLabel('non')
      .check();
    await doctor.locator('#outcome').selectOption('recovered');
    await button(doctor, 'Enregistrer la déclaration').click();
    await doctor.waitForURL(/\/effets\//);
    const href = await doctor.getByRole('link', { name: /PDF/ }).getAttribute('href');
    const document = await doctor.request.get(href ?? '');
    expect(document.headers()['content-type']).toBe('application/pdf');
    expect((await document.body()).subarray(0, 5).toString()).toBe('%PDF-');
  });

  test('the printed list names every one of these accesses, in words', async () => {
    await doctor.goto(`${file}/acces`);
    await doctor.emulateMedia({ media: 'print' });
    expect(await doctor.locator('.records-menu').isVisible()).toBe(false);
    const rows = await doctor.locator('.access-table tbody tr').allInnerTexts();
    const printed = await doctor.pdf({ format: 'A4' });
    await doctor.emulateMedia({ media: null });
    expect(printed.subarray(0, 5).toString()).toBe('%PDF-');
    const list = rows.join('\n');
    for (const words of [
      'Dossier créé',
      'Consultation enregistrée',
      'Injection enregistrée',
      'Injection validée',
      'Trouvé par une recherche',
      'Effet indésirable déclaré',
      'Déclaration d’effet indésirable imprimée',
      'Liste des accès lue',
    ]) {
      expect(list).toContain(words);
    }
    expect(rows.find((row) => row.includes('Injection enregistrée') && row.includes('Petit'))).toContain(
      'pour Anne Lefèvre',
    );
    // Codes are for programs.
    expect(list).not.toMatch(/\b[a-z]+[._][a-z]+\b/);
    expect(await doctor.getByRole('link', { name: 'Accès plus anciens' }).count()).toBe(0);
  });

  test('the signed summary is verified; a correction withdraws it for a new one, which is', async () => {
    const summaries = `/api/records${file.replace('/dossiers', '/patients')}/summaries`;
    const issued = await doctor.request.post(summaries, { data: {} });
    expect(issued.status()).toBe(201);
    const { id, pdf } = await issued.json();
    const old = await (await doctor.request.get(pdf)).body();
    expect(await verdictOn(old)).toContain('Ce document est authentique');

    await doctor.goto(`${secondDose}/corriger`);
    await doctor.locator('#lot').fill('SCAN78');
    await doctor.locator('#reason').fill('Lot mal lu');
    await button(doctor, 'Enregistrer la correction').click();
    await doctor.waitForURL(/fait=correct/);
    const replacement = await vi.waitFor(async () => {
      const { items } = await (await doctor.request.get(summaries)).json();
      expect(items).toHaveLength(2);
      expect(items[1]).toMatchObject({ id, withdrawn: { reason: 'corrected' } });
      return items[0];
    }, eventually);
    expect(await verdictOn(old)).toContain('Ce document ne peut pas être accepté');
    const renewed = await (await doctor.request.get(replacement.pdf)).body();
    expect(await verdictOn(renewed)).toContain('Ce document est authentique');
  });

  /** What anybody is told of a document at `/verifier`. */
  async function verdictOn(pdf: Buffer): Promise<string> {
    await secretary.goto('/verifier');
    const given = { name: 'bilan.pdf', mimeType: 'application/pdf', buffer: pdf };
    await secretary.locator('#file').setInputFiles(given);
    await secretary.locator('form:has(#file) button[type="submit"]').click();
    await secretary.locator('#verdict').waitFor();
    return main(secretary);
  }

  test('a wrong number is refused without being repeated', async () => {
    for (const [path, data] of [
      ['/api/records/patients/search', { nir: wrongNir }],
      ['/api/records/patients', { nir: wrongNir, birthFamilyName: 'Bélanger' }],
      [`/api/records/patients/${wrongNir}/injections`, { nir }],
    ] as const) {
      const answer = await doctor.request.post(path, { data });
      expect(answer.status()).toBeGreaterThanOrEqual(400);
      refusals[path.slice(0, 30)] = await answer.text();
    }
  });

  test('the number stands nowhere but sealed in the record', async () => {
    const tables = await databaseAsText(product.deps.db);
    const files = filesAsText(product.deps.config.dataDirectory);
    const places = { ...tables, ...files, ...refusals };
    // What is searched holds what it should.
    expect(Object.values(tables).join()).toMatch(/BELANGER/);
    expect(product.logged()).toContain('/dossiers/:id');
    expect(addresses.join()).toContain(secondDose);
    expect(
      nirLeaks([nir, wrongNir], { ...places, logs: product.logged(), addresses: addresses.join('\n') }),
    ).toEqual([]);
  });
});
