import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addNote } from '../cases/add-note.ts';
import { claimCase } from '../cases/claim-case.ts';
import { resolveCase } from '../cases/resolve-case.ts';
import { accessibilityFaults, launchBrowser, wordsIn } from '../testing/browser.ts';
import { aCase, anAgent, signedIn, type TestAgent } from '../testing/builders.ts';
import { eventually } from '../testing/eventually.ts';
import { testApp } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);

let browser: Browser;
let origin: string;
let number = 0;

beforeAll(async () => {
  origin = await server.app.listen({ port: 0, host: '127.0.0.1' });
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

/** A line of a test's own, so that no other test's cases are on its pages. */
async function aLine(): Promise<string> {
  number += 1;
  const id = `ligne${number}`;
  await database.connection.pool.query(
    `insert into hotlines (id, position, name_fr, name_en, phone, cost_fr, cost_en)
     values ($1, $2, 'Ligne', 'Line', '0000', 'gratuit', 'free')`,
    [id, 100 + number],
  );
  return id;
}

/** An agent's own browser, signed in and looking at `path`. */
async function deskOf(
  agent: Pick<TestAgent, 'id'>,
  path = '/desk',
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({
    locale: 'fr-FR',
    // Colours must not be measured on their way.
    reducedMotion: 'reduce',
    viewport: { width: 1280, height: 800 },
    baseURL: origin,
    ...options,
  });
  const [name = '', value = ''] = (await signedIn(server, agent)).split('=');
  await context.addCookies([{ name, value, url: origin }]);
  const page = await context.newPage();
  await page.goto(path);
  return page;
}

const isLive = (page: Page) => page.waitForSelector('.live.is-on');
const row = (page: Page, section: string, of: string) =>
  page.waitForSelector(`[data-section="${section}"] [data-number="${of}"]`);
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent?.trim());
const numbersIn = (page: Page, section: string) =>
  page.$$eval(`[data-section="${section}"] tr`, (rows) => rows.map((each) => each.dataset.number));

describe('the live queue in two browsers', () => {
  test('a case arrives in both in its place, its claim is seen, and resolved it leaves', async () => {
    const hotlineId = await aLine();
    const [alice, benoit] = await Promise.all([
      anAgent(database.db, { name: 'Alice', hotlines: [hotlineId] }),
      anAgent(database.db, { name: 'Benoît', hotlines: [hotlineId] }),
    ]);
    const old = await aCase(database.db, { hotlineId });
    const [here, there] = await Promise.all([deskOf(alice), deskOf(benoit)]);
    await Promise.all([isLive(here), isLive(there)]);
    await here.keyboard.press('j');
    expect(await focused(here)).toBe(old.number);

    const contactName = '<i>Dr Nouvelle</i>';
    const fresh = await aCase(database.db, { hotlineId, contactName, priorityRank: 0 });
    server.deps.doorbell.ring();
    await Promise.all([row(here, 'waiting', fresh.number), row(there, 'waiting', fresh.number)]);
    expect(await numbersIn(here, 'waiting')).toEqual([fresh.number, old.number]);
    expect(await here.textContent('strong[data-count="waiting"]')).toBe('2');
    expect(await here.title()).toMatch(/^\(2\) /);
    expect(await focused(here)).toBe(old.number);
    const shown = await here.textContent(`[data-number="${fresh.number}"] .practitioner-name`);
    expect(shown).toBe(contactName);

    await there.click(`[data-number="${fresh.number}"] [data-claim]`);
    await there.waitForURL(`**/desk/dossiers/${fresh.number}`);
    const claimed = await row(here, 'in_progress', fresh.number);
    expect(await claimed.textContent()).toContain('Benoît');
    expect(await numbersIn(here, 'waiting')).toEqual([old.number]);

    await resolveCase(database.db, { agent: benoit, number: fresh.number }, server.clock.now());
    server.deps.doorbell.ring();
    await here.waitForSelector(`[data-number="${fresh.number}"]`, { state: 'detached' });
    expect(await here.textContent('strong[data-count="in_progress"]')).toBe('0');
  });

  test('a lost connection is said, then caught up with nothing missed', async () => {
    const hotlineId = await aLine();
    const page = await deskOf(await anAgent(database.db, { hotlines: [hotlineId] }));
    await isLive(page);
    const banner = await wordsIn(page, '[data-banner]');
    for (const client of server.app.websocketServer.clients) client.terminate();
    const missed = await aCase(database.db, { hotlineId });
    expect(await banner()).toMatch(/connexion/i);
    await row(page, 'waiting', missed.number);
    expect(await page.textContent('[data-banner]')).toBe('');
  });

  test('a session ended elsewhere is said, with the way back', async () => {
    const agent = await anAgent(database.db);
    const page = await deskOf(agent);
    await isLive(page);
    await database.connection.pool.query('delete from agent_sessions where agent_id = $1', [agent.id]);
    for (const client of server.app.websocketServer.clients) client.terminate();
    await page.click('[data-banner] a');
    expect(await page.inputValue('[name="next"]')).toBe('/desk');
  });
});

describe('with the keyboard alone', () => {
  test('one moves, keeps one’s place when rows leave, claims, and takes the next', async () => {
    const hotlineId = await aLine();
    const agent = await anAgent(database.db, { hotlines: [hotlineId] });
    const [first, second, third] = await Promise.all([0, 1, 2].map(() => aCase(database.db, { hotlineId })));
    const inOrder = [first, second, third].map((each) => each?.number ?? '').sort();
    const page = await deskOf(agent);
    await isLive(page);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    expect(await focused(page)).toBe((await numbersIn(page, 'waiting'))[1]);

    const [, leaves = '', next = ''] = (await numbersIn(page, 'waiting')).map(String);
    const supervisor = { id: agent.id, role: 'supervisor', hotlines: [hotlineId] } as const;
    await claimCase(database.db, { agent: supervisor, number: leaves }, server.clock.now());
    await resolveCase(database.db, { agent: supervisor, number: leaves }, server.clock.now());
    server.deps.doorbell.ring();
    await page.waitForSelector(`[data-number="${leaves}"]`, { state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H2');
    await page.keyboard.press('j');
    expect(await focused(page)).toBe(next);

    await page.keyboard.press('c');
    await page.waitForURL(`**/desk/dossiers/${next}`);
    await page.keyboard.press('n');
    const last = inOrder.find((each) => each !== leaves && each !== next);
    await page.waitForURL(`**/desk/dossiers/${last}`);
  });

  test('keys are explained, leave alone who types, and can be turned off for good', async () => {
    const page = await deskOf(await anAgent(database.db));
    await page.keyboard.press('?');
    await page.waitForSelector('dialog[open]');
    await page.uncheck('#shortcuts-switch');
    await page.keyboard.press('Escape');
    await page.goto('/desk/recherche');
    await page.keyboard.press('?');
    expect(await page.isVisible('dialog')).toBe(false);

    await page.click('.desk-person > summary');
    await page.click('[data-open-shortcuts]');
    await page.check('#shortcuts-switch');
    await page.keyboard.press('Escape');
    await page.focus('#q');
    await page.keyboard.type('jcn?');
    expect(await page.inputValue('#q')).toBe('jcn?');
    expect(await page.isVisible('dialog')).toBe(false);
  });
});

test('the page of a case follows what happens to it, and never touches what is being typed', async () => {
  const [mine, other] = [await anAgent(database.db), await anAgent(database.db)];
  const opened = await aCase(database.db);
  const { number: of } = await claimCase(
    database.db,
    { agent: mine, number: opened.number },
    server.clock.now(),
  );
  const page = await deskOf(mine, `/desk/dossiers/${of}`);
  await isLive(page);
  await page.fill('#resolution', 'Je suis en train d’écrire');
  await addNote(database.db, { agent: other, number: of, body: 'Entre-temps' }, server.clock.now());
  server.deps.doorbell.ring();
  await page.waitForSelector('.exchange >> text=Entre-temps');
  expect(await page.textContent('[data-changes]')).not.toBe('');
  expect(await page.inputValue('#resolution')).toBe('Je suis en train d’écrire');

  // The form is still about the case as it was when it was opened: the server says so, and keeps the words.
  await page.click('form[action$="/resoudre"] button');
  await page.waitForSelector('.error-summary');
  expect(await page.inputValue('#resolution')).toBe('Je suis en train d’écrire');
  await page.click('form[action$="/resoudre"] button');
  await page.waitForURL('**/desk');
});

test('the page of a case also shows what happened while it was being fetched', async () => {
  const [mine, other] = [await anAgent(database.db), await anAgent(database.db)];
  const { number: of } = await aCase(database.db);
  const page = await deskOf(mine);
  // What the page hears, whichever of its connections brings it.
  let heard = 0;
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      if (/"type":"event"/.test(String(payload)) && String(payload).includes(of)) heard += 1;
    });
  });
  await page.goto(`/desk/dossiers/${of}`);
  await isLive(page);
  const note = async (body: string) => {
    await addNote(database.db, { agent: other, number: of, body }, server.clock.now());
    server.deps.doorbell.ring();
  };
  const [fetched, late] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await page.route(
    `**/desk/dossiers/${of}`,
    async (route) => {
      const response = await route.fetch();
      fetched.resolve();
      await late.promise;
      await route.fulfill({ response });
    },
    { times: 1 },
  );
  await note('La première');
  await fetched.promise;
  await note('La seconde');
  await expect.poll(() => heard, eventually).toBe(2);
  late.resolve();
  await page.waitForSelector('.exchange >> text=La seconde');
});

test('a form is sent once however often it is clicked, and words not sent are not left without a warning', async () => {
  const { number: of } = await aCase(database.db);
  const page = await deskOf(await anAgent(database.db), `/desk/dossiers/${of}`);
  const warnings: string[] = [];
  page.on('dialog', (dialog) => {
    warnings.push(dialog.type());
    return dialog.dismiss();
  });
  await page.fill('#note', 'Une fois');
  await page.locator('.back a').click({ noWaitAfter: true });
  await expect.poll(() => warnings, eventually).toEqual(['beforeunload']);
  expect(await page.inputValue('#note')).toBe('Une fois');

  await page.dblclick('form[action$="/noter"] button');
  await page.waitForSelector('.flash');
  await page.goto(`/desk/dossiers/${of}`);
  expect(await page.locator('.exchange').count()).toBe(1);
  expect(warnings).toHaveLength(1);
});

test('without scripts, the desk’s forms do all the work', async () => {
  const hotlineId = await aLine();
  const { number: of } = await aCase(database.db, { hotlineId });
  const agent = await anAgent(database.db, { hotlines: [hotlineId], presence: 'away' });
  const page = await deskOf(agent, '/desk', { javaScriptEnabled: false });
  await page.click('button[value="available"]');
  await page.click(`[data-number="${of}"] [data-claim]`);
  await page.fill('#note', 'Rappelé');
  await page.click('form[action$="/noter"] button');
  expect(await page.textContent('.exchange-internal')).toContain('Rappelé');
  await page.click('form[action$="/resoudre"] button');
  await page.waitForURL((url) => url.pathname === '/desk');
  expect(await page.textContent('.flash')).toContain(of);
});

test('the header stays on one line at 1280 pixels, in both languages; its menu opens and closes by keys', async () => {
  const supervisor = await anAgent(database.db, { name: 'Anne-Charlotte Lefebvre', role: 'supervisor' });
  const page = await deskOf(supervisor);
  for (const language of ['fr', 'en']) {
    await page.goto(`/desk?lang=${language}`);
    const tops = await page.$$eval('.desk-header > *', (parts) =>
      parts.map((part) => Math.round(part.getBoundingClientRect().top + part.getBoundingClientRect().bottom)),
    );
    expect(Math.max(...tops) - Math.min(...tops)).toBeLessThan(12);
  }
  await page.focus('.desk-person > summary');
  await page.keyboard.press('Enter');
  expect(await page.isVisible('form[action="/desk/deconnexion"] button')).toBe(true);
  await page.keyboard.press('Escape');
  expect(await page.isVisible('form[action="/desk/deconnexion"] button')).toBe(false);
  expect(await focused(page)).toContain('Anne-Charlotte Lefebvre');
});

describe.each([320, 1280])('at %i pixels', (width) => {
  test('no page has an accessibility fault, or scrolls sideways', async () => {
    const agent = await anAgent(database.db, { name: 'Alice', hotlines: ['etablissements', 'liberaux'] });
    const opened = await aCase(database.db, {
      contactName: 'Anticonstitutionnellement Charpentier-de-La-Rochefoucauld',
      contactPhone: '+33612345678',
      message: 'un_mot_tres_long'.repeat(20),
      language: 'en',
      returnedAt: server.clock.now(),
      rpps: '10003345678',
      rppsDoubtful: true,
    });
    const { number: of } = await claimCase(database.db, { agent, number: opened.number }, server.clock.now());
    await addNote(database.db, { agent, number: of, body: 'Rappelé' }, server.clock.now());
    await aCase(database.db, { priorityRank: 0 });
    const page = await deskOf(agent, '/desk', { viewport: { width, height: 800 } });
    const faults: string[] = [];
    for (const path of [
      '/desk',
      `/desk/dossiers/${of}`,
      '/desk/recherche?q=vc',
      '/desk/flows',
      '/desk/connexion',
    ]) {
      if (path === '/desk/connexion') await page.context().clearCookies();
      await page.goto(path);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        for (const { rule, where } of await accessibilityFaults(page)) {
          faults.push(`${path}, ${colorScheme}: ${rule} at ${where.join(', ')}`);
        }
      }
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (wider > 0) faults.push(`${path}: ${wider} pixels too wide`);
    }
    expect(faults).toEqual([]);
  });
});
