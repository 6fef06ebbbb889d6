import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFailed, test, vi } from 'vitest';
import { createAgent } from '#server/agents/create-agent.ts';
import { sweepFollowUps } from '#server/follow-ups/sweep-follow-ups.ts';
import { pollMs } from '#server/live-queue/hub.ts';
import { systemTimers } from '#server/live-queue/timers.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { runningProduct } from './running-product.ts';

const database = testDatabase();
const product = runningProduct(database);
const practitioner = 'lea.garnier@exemple.test';

// Without the hub's slow poll, which would make up for a doorbell that does not ring: what desks see, it brought.
const { every } = systemTimers;
vi.spyOn(systemTimers, 'every').mockImplementation((milliseconds, task) =>
  milliseconds === pollMs ? () => {} : every(milliseconds, task),
);

describe('a nurse who gets no code, from the first question to the answer of her follow-up', () => {
  const contexts: BrowserContext[] = [];
  let phone: Page;
  let firstDesk: Page;
  let secondDesk: Page;
  /** The second agent's queue in another tab, as it was before the first agent's claim. */
  let stale: Page;
  let number: string;

  beforeAll(async () => {
    for (const [email, name] of [
      ['sam@desk.test', 'Sam Petit'],
      ['nour@desk.test', 'Nour Haddad'],
    ] as const) {
      const hotlines = ['etablissements'];
      await createAgent(
        product.deps.db,
        { email, name, password: 'a-long-password', hotlines },
        product.clock.now(),
      );
    }
    phone = await open({ viewport: { width: 360, height: 740 }, javaScriptEnabled: false });
    firstDesk = await open({ viewport: { width: 1280, height: 900 } });
    secondDesk = await open({ viewport: { width: 1280, height: 900 } });
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
    const context = await product.browser.newContext({ locale: 'fr-FR', ...options });
    contexts.push(context);
    const page = await context.newPage();
    return page;
  }

  async function signIn(page: Page, email: string): Promise<void> {
    await page.goto(`${product.origin}/desk`);
    await page.getByLabel('Adresse e-mail').fill(email);
    await page.getByLabel('Mot de passe').fill('a-long-password');
    await page.getByRole('button', { name: 'Se connecter' }).click();
    await page.getByRole('button', { name: 'Disponible' }).click();
  }

  const choose = (label: string) => phone.getByRole('button', { name: label }).click();
  const rowOf = (page: Page) => page.locator(`[data-number="${number}"]`);

  /** Watches a desk from within, for the instant at which her case is there: from outside it is looked at twice a second. */
  async function arrivalOn(desk: Page): Promise<{ seen(): Promise<number> }> {
    const watching = await desk.evaluateHandle(() => {
      const seen = new Promise<number>((resolve) => {
        new MutationObserver((_, observer) => {
          const rows = [...document.querySelectorAll('[data-number]')];
          if (!rows.some(({ textContent }) => textContent.includes('Léa Garnier'))) return;
          observer.disconnect();
          resolve(Date.now());
        }).observe(document.body, { childList: true, subtree: true });
      });
      return { seen };
    });
    return { seen: () => watching.evaluate(({ seen }) => seen) };
  }

  test('two agents watch an empty queue', async () => {
    await signIn(firstDesk, 'sam@desk.test');
    await signIn(secondDesk, 'nour@desk.test');
    expect(await firstDesk.locator('[data-number]').count()).toBe(0);
  });

  test('without JavaScript, she walks the wizard to the case form', async () => {
    await phone.goto(product.origin);
    await choose('Commencer');
    await choose('L’e-CPS');
    await choose('Un code ou un e-mail n’arrive pas');
    await choose('Le code par SMS');
    expect(await phone.locator('h1').innerText()).toBe('Le code par SMS n’arrive pas');
    await choose('Ça ne marche toujours pas');
    await choose('Infirmier');
    expect(await phone.locator('main').innerText()).toContain('Ordre des infirmiers');
    await choose('Mes coordonnées sont justes');
    await choose('Ça ne marche toujours pas');
    await choose('Non, il en manque au moins un');
    await choose('Un établissement');
    await phone
      .getByRole('main')
      .getByRole('link', { name: /demande/i })
      .first()
      .click();
    expect(phone.url()).toMatch(/\/demande$/);
  });

  test('she changes an earlier answer, then changes it back: it is never an error', async () => {
    const session = new URL(phone.url()).pathname.split('/')[2];
    await phone.goto(`${product.origin}/diagnostic/${session}/setting`);
    await choose('Un centre de vaccination');
    await phone.goto(`${product.origin}/diagnostic/${session}/setting`);
    await choose('Un établissement');
    await phone
      .getByRole('main')
      .getByRole('link', { name: /demande/i })
      .first()
      .click();
    expect(phone.url()).toMatch(/\/demande$/);
  });

  test('a wrong e-mail is named, and what she typed stays', async () => {
    await phone.getByLabel('Prénom et nom').fill('Léa Garnier');
    await phone.getByLabel('Adresse e-mail', { exact: true }).fill('lea.garnier@');
    await phone.getByLabel('Autre chose à dire').fill('Rien reçu depuis hier soir.');
    await choose('Envoyer ma demande');
    expect(await phone.getByRole('alert').innerText()).toContain('e-mail');
    expect(await phone.getByLabel('Prénom et nom').inputValue()).toBe('Léa Garnier');
    expect(await phone.getByLabel('Autre chose à dire').inputValue()).toBe('Rien reçu depuis hier soir.');
  });

  test('her case goes to the establishments’ line, and both desks see it arrive without reloading', async () => {
    await phone.getByLabel('Adresse e-mail', { exact: true }).fill(practitioner);
    await phone.getByLabel('J’accepte de recevoir').check();
    const arrivals = await Promise.all([arrivalOn(firstDesk), arrivalOn(secondDesk)]);
    await choose('Envoyer ma demande');
    const page = await phone.locator('main').innerText();
    const confirmed = Date.now();
    expect(page).toContain('0 800 08 12 07');
    expect(page).toMatch(/Ouvert jusqu/);
    number = page.match(/VC-\d+/)?.[0] ?? '';
    expect(number).not.toBe('');

    const late = (await Promise.all(arrivals.map((each) => each.seen()))).map((seen) => seen - confirmed);
    console.info(`seen on the desks ${late.join(' and ')} ms after the confirmation page`);
    // A second is what people are promised; the rest is for a machine that does much else.
    for (const milliseconds of late) expect(milliseconds).toBeLessThan(2_500);
    for (const desk of [firstDesk, secondDesk]) {
      expect(await rowOf(desk).innerText()).toContain('Léa Garnier');
    }
  });

  test('sending again gives the same case', async () => {
    await phone.reload();
    expect(await phone.locator('main').innerText()).toContain(number);
    expect(await firstDesk.locator('[data-number]').count()).toBe(1);
  });

  test('the second agent leaves the queue open in a tab that hears no more news', async () => {
    stale = await secondDesk.context().newPage();
    await stale.route('**/*.js', (route) => route.abort());
    await stale.goto(`${product.origin}/desk`);
    expect(await rowOf(stale).getByRole('button').isVisible()).toBe(true);
  });

  test('an agent reads the whole trail and claims the case; the other desk follows', async () => {
    await rowOf(firstDesk).getByRole('link').first().click();
    const text = await firstDesk.locator('main').innerText();
    for (const words of [
      'Lequel n’arrive pas',
      'Le code par SMS',
      'Infirmier',
      'Rien reçu depuis hier soir.',
    ]) {
      expect(text).toContain(words);
    }
    await firstDesk
      .getByRole('button', { name: /prendre/i })
      .first()
      .click();
    await secondDesk.locator(`[data-number="${number}"]`, { hasText: 'Sam Petit' }).waitFor();
  });

  test('the second agent, too late, is told who has it', async () => {
    await rowOf(stale).getByRole('button').click();
    expect(await stale.getByRole('alert').filter({ hasText: 'a déjà pris' }).innerText()).toContain(
      'Sam Petit a déjà pris ce dossier',
    );
    expect(await rowOf(stale).innerText()).toContain('Sam Petit');
    await stale.close();
    const stored = await product.deps.db.query.cases.findFirst();
    expect(stored?.state).toBe('in_progress');
  });

  test('a note and a resolution are stored, and the case leaves the second desk', async () => {
    await firstDesk.getByLabel('Note interne').fill('Adresse e-mail corrigée avec elle.');
    await firstDesk.getByRole('button', { name: 'Ajouter la note' }).click();
    expect(await firstDesk.locator('main').innerText()).toContain('Adresse e-mail corrigée avec elle.');
    await firstDesk.getByRole('button', { name: 'Marquer résolu' }).click();
    await rowOf(secondDesk).waitFor({ state: 'detached' });
  });

  test('she has a mail with her number, the line and her link', async () => {
    const mail = await product.mail(practitioner, new RegExp(number));
    expect(mail.text).toContain('0 800 08 12 07');
    expect(mail.text).toContain(`${product.origin}/suivi/`);
    expect(mail.html).toContain('lang="fr"');
  });

  test('the next working day she is asked; a scanner that opens the link changes nothing', async () => {
    product.clock.set('2026-11-24T10:15:00+01:00');
    await sweepFollowUps(product.deps.db, product.clock.now());
    product.deps.doorbell.ring();
    const mail = await product.mail(practitioner, /est-ce que cela fonctionne/);
    const stillStuck = mail.text?.match(/https?:\S+reponse=stuck/)?.[0];
    if (!stillStuck) throw new Error('the mail has no link to answer "still stuck"');

    await phone.goto(stillStuck);
    await phone.reload();
    const before = await product.deps.db.query.cases.findFirst();
    expect(before?.state).toBe('resolved');
  });

  test('her "no" brings the case back to the front of the queue, on both desks', async () => {
    // The night ended yesterday's sessions.
    await signIn(firstDesk, 'sam@desk.test');
    await signIn(secondDesk, 'nour@desk.test');
    await phone.getByRole('main').getByRole('button').first().click();
    for (const desk of [firstDesk, secondDesk]) {
      await rowOf(desk).waitFor();
      expect(await rowOf(desk).innerText()).toMatch(/revenu|retour/i);
    }
    const after = await product.deps.db.query.cases.findFirst();
    expect(after).toMatchObject({ state: 'waiting', assigneeId: null, returnedAt: product.clock.now() });
  });
});
