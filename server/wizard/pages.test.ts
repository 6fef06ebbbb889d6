import { randomUUID } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { aCase } from '#server/testing/builders.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { wizardSessions } from './wizard.table.ts';

const database = testDatabase();
const server = testApp(database);

interface Page {
  readonly status: number;
  readonly url: string;
  readonly html: string;
}

/** Fetches a page as a browser without cookies and scripts does, following redirections. */
async function open(url: string, headers: Record<string, string> = {}): Promise<Page> {
  const response = await server.app.inject({ url, headers });
  if (response.statusCode === 302 || response.statusCode === 303) {
    return open(String(response.headers.location), headers);
  }
  expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
  return { status: response.statusCode, url, html: response.body };
}

async function post(url: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  return server.app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: new URLSearchParams(fields).toString(),
  });
}

const unescaped = (text: string) =>
  text
    .replace(/&#x27;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, '<')
    .replace(/&amp;/g, '&');
const first = (html: string, pattern: RegExp) => unescaped(pattern.exec(html)?.[1] ?? '');
const heading = ({ html }: Page) => first(html, /<h1>([^<]*)<\/h1>/);
const token = ({ html }: Page) => first(html, /name="token" value="([^"]*)"/);
const action = ({ html }: Page) => first(html, /<form class="question" method="post" action="([^"]*)"/);
const offered = ({ html }: Page) =>
  [...html.matchAll(/<button[^>]* name="answer" value="([^"]*)"/g)].map((match) => match[1]);
const backLink = ({ html }: Page) => first(html, /<a class="back" href="([^"]*)"/);
const changeLinks = ({ html }: Page) =>
  [...html.matchAll(/<a class="trail-change" href="([^"]*)"/g)].map((match) => match[1]);
const given = ({ html }: Page) => first(html, /value="([^"]*)" aria-current="true"/);

async function startPage(headers: Record<string, string> = {}): Promise<Page> {
  const start = await open('/', headers);
  const response = await post('/diagnostic', {
    token: token(start),
    language: first(start.html, /name="language" value="(..)"/),
  });
  expect(response.statusCode).toBe(303);
  return open(String(response.headers.location));
}

/** Presses one of the page's buttons and follows to the next page. */
async function press(page: Page, option: string): Promise<Page> {
  expect(offered(page)).toContain(option);
  const response = await post(action(page), { token: token(page), answer: option });
  expect(response.statusCode).toBe(303);
  return open(String(response.headers.location));
}

async function walk(...options: readonly string[]): Promise<Page> {
  let page = await startPage();
  for (const option of options) page = await press(page, option);
  return page;
}

const sessionOf = ({ url }: Page) => url.split('/')[2] ?? '';

async function stored({ url }: Pick<Page, 'url'>) {
  const [row] = await database.db
    .select()
    .from(wizardSessions)
    .where(eq(wizardSessions.id, url.split('/')[2] ?? ''));
  return row;
}

describe('the start page', () => {
  it('leads to the first question without cookie or script', async () => {
    const page = await startPage();
    expect(page.status).toBe(200);
    expect(page.url).toMatch(/^\/diagnostic\/[0-9a-f-]{36}\/way$/);
    expect(heading(page)).toBe('Comment entrez-vous dans Vaccin Covid\u202f?');
    expect(backLink(page)).toBe('/');
  });

  it('is in English for an English browser, and for whoever asks', async () => {
    expect(heading(await startPage({ 'accept-language': 'en' }))).toBe('How do you get into Vaccin Covid?');
    const asked = await server.app.inject('/?lang=en');
    expect(asked.body).toContain('<html lang="en">');
    const cookie = String(asked.headers['set-cookie']);
    expect(cookie).toMatch(/^language=en; .*HttpOnly; SameSite=Lax/);
    expect((await open('/aide', { cookie: cookie.split(';')[0] ?? '' })).html).toContain('<html lang="en">');
    expect((await open('/aide')).html).toContain('<html lang="fr">');
  });

  it('starts nothing with a stale or missing token, and hands out a fresh one', async () => {
    for (const stale of ['', 'nonsense', 'a.b']) {
      const response = await post('/diagnostic', { token: stale });
      expect(response.statusCode).toBe(403);
      expect(response.body).toContain('role="alert"');
      const again = { status: 403, url: '/', html: response.body };
      expect((await post('/diagnostic', { token: token(again) })).statusCode).toBe(303);
    }
    expect((await open('/diagnostic')).url).toBe('/');
  });
});

describe('a question', () => {
  it('shows one heading, why, every option, the ways out and nothing inline', async () => {
    const { html } = await walk('ecps');
    expect(html.match(/<h1/g)).toHaveLength(1);
    expect(html).toContain('<fieldset id="answers"');
    expect(html).toContain('Étape 2');
    expect(html).toContain('Ça marche maintenant');
    expect(html).toContain('Parler à quelqu’un');
    expect(html).not.toMatch(/<style|style=|<script>|\son[a-z]+="/);
  });

  it('offers "it works now" first after an instruction', async () => {
    const page = await walk('ecps', 'codes', 'sms');
    expect(offered(page)).toEqual(['it_works', 'still_stuck', 'help']);
  });

  it('goes back by plain links, with the answer given still there', async () => {
    const page = await walk('ecps', 'codes', 'sms');
    const before = await open(backLink(page));
    expect(before.url).toMatch(/code_missing$/);
    expect(given(before)).toBe('sms');
    const evenBefore = await open(backLink(before));
    expect(given(evenBefore)).toBe('codes');
    // Looking back changes nothing: the way on is still there.
    expect(evenBefore.html).toContain(`href="/diagnostic/${sessionOf(page)}"`);
    expect((await open(`/diagnostic/${sessionOf(page)}`)).url).toBe(page.url);
  });

  it('takes another answer to an earlier question', async () => {
    const page = await walk('ecps', 'codes', 'sms');
    expect(changeLinks(page)).toHaveLength(3);
    const changed = await press(await open(changeLinks(page)[0] ?? ''), 'card');
    expect(heading(changed)).toBe('Que se passe-t-il\u202f?');
    expect(changeLinks(changed)).toHaveLength(1);
    expect(await stored(page)).toMatchObject({ answers: [{ node: 'way', answer: 'card' }] });
  });

  it('asks for an answer when a form comes without', async () => {
    const page = await walk('ecps');
    for (const fields of [{ token: token(page) }, { token: token(page), answer: '' }]) {
      const response = await post(action(page), fields);
      expect(response.statusCode).toBe(422);
      expect(response.body).toContain('id="error-summary" role="alert"');
      expect(response.body).toContain('<title>Erreur\u00a0: Que se passe-t-il');
    }
    expect(await stored(page)).toMatchObject({ version: 2 });
  });

  it('comes back with a fresh token when the form was open for too long', async () => {
    const page = await walk('ecps');
    const old = token(page);
    server.clock.advance(25 * 60 * 60 * 1000);
    const response = await post(action(page), { token: old, answer: 'codes' });
    expect(response.statusCode).toBe(403);
    const again = { status: 403, url: page.url, html: response.body };
    expect(heading(again)).toBe(heading(page));
    expect(response.body).toContain('Rien n’est perdu');
    expect(await stored(page)).toMatchObject({ version: 2 });
    expect(heading(await press(again, 'codes'))).toBe('Lequel n’arrive pas\u202f?');
  });

  it('refuses the token of another session', async () => {
    const page = await walk('ecps');
    const other = await walk('card');
    const response = await post(action(page), { token: token(other), answer: 'codes' });
    expect(response.statusCode).toBe(403);
    expect(await stored(page)).toMatchObject({ version: 2 });
  });

  it('shows where the session stands when another tab has moved it', async () => {
    const tab = await walk('ecps', 'codes');
    await press(await open(changeLinks(tab)[0] ?? ''), 'card');
    const response = await post(action(tab), { token: token(tab), answer: 'sms' });
    expect(response.statusCode).toBe(409);
    const shown = { status: 409, url: tab.url, html: response.body };
    expect(heading(shown)).toBe('Que se passe-t-il\u202f?');
    expect(response.body).toContain('role="alert"');
    expect(response.body).toContain('dans un autre onglet');
    // The browser's "forward" to the question left aside: the same, without a fault.
    const forward = await open(tab.url);
    expect([forward.status, heading(forward)]).toEqual([200, 'Que se passe-t-il\u202f?']);
    expect(forward.html).toContain('n’est plus sur votre chemin');
  });

  it('takes a double press as one', async () => {
    const page = await walk('ecps');
    const fields = { token: token(page), answer: 'codes' };
    const [one, two] = await Promise.all([post(action(page), fields), post(action(page), fields)]);
    expect([one.statusCode, two.statusCode]).toEqual([303, 303]);
    expect(one.headers.location).toBe(two.headers.location);
    expect((await stored(page))?.answers).toHaveLength(2);
  });

  it('says that the questions changed, and keeps what still fits', async () => {
    const page = await walk('ecps', 'codes');
    await database.db
      .update(wizardSessions)
      .set({ flowVersion: sql`flow_version - 1` })
      .where(eq(wizardSessions.id, sessionOf(page)));
    const later = await open(`/diagnostic/${sessionOf(page)}`);
    expect(later.html).toContain('Les questions ont changé');
    expect(heading(later)).toBe(heading(page));
    expect((await press(later, 'sms')).html).not.toContain('Les questions ont changé');
  });
});

describe('the language', () => {
  it('changes in place by a form, and stays without a cookie', async () => {
    const page = await walk('ecps', 'codes', 'sms');
    const earlier = await open(backLink(page));
    const response = await post(`/diagnostic/${sessionOf(page)}/langue`, {
      token: token(earlier),
      node: 'code_missing',
      language: 'en',
    });
    expect(response.statusCode).toBe(303);
    expect(response.headers.location).toBe(earlier.url);
    const english = await open(earlier.url);
    expect(english.html).toContain('<html lang="en">');
    expect(given(english)).toBe('sms');
    expect((await open(`/diagnostic/${sessionOf(page)}`)).html).toContain('<html lang="en">');
    expect(await stored(page)).toMatchObject({ language: 'en', version: 4 });
  });

  it('can be asked for one page in its address', async () => {
    const page = await walk('ecps');
    expect((await open(`/diagnostic/${sessionOf(page)}?lang=en`)).html).toContain('<html lang="en">');
    expect((await open(page.url)).html).toContain('<html lang="fr">');
  });

  it('is refused when it is not one, or the form is stale', async () => {
    const page = await walk('ecps');
    const address = `/diagnostic/${sessionOf(page)}/langue`;
    expect((await post(address, { token: token(page), language: 'de' })).statusCode).toBe(400);
    expect((await post(address, { token: 'stale', language: 'en' })).statusCode).toBe(403);
    expect(await stored(page)).toMatchObject({ language: 'fr' });
  });
});

describe('an outcome', () => {
  it('resolved: says so, and lets an answer be changed', async () => {
    const page = await walk('ecps', 'it_works');
    expect(heading(page)).toBe('C’est réparé');
    expect(offered(page)).toEqual([]);
    expect(changeLinks(page)).toHaveLength(2);
  });

  it('redirected: links to the other service', async () => {
    expect((await walk('insured')).html).toContain('href="https://www.ameli.fr/"');
  });

  it('escalate: leads to the form of the case', async () => {
    const page = await walk('ecps', 'never_activated', 'nurse', 'help', 'establishment');
    expect(page.html).toContain(`href="/diagnostic/${sessionOf(page)}/demande"`);
  });

  it('takes no answer of its own', async () => {
    const page = await walk('ecps', 'it_works');
    const switchToken = first(page.html, /name="token" value="([^"]*)"/);
    const response = await post(page.url, { token: switchToken, answer: 'it_works' });
    expect(response.statusCode).toBe(409);
    expect(response.body).toContain('C’est réparé');
  });

  it('is frozen once the case is open: no button, no change, a link to the case', async () => {
    const page = await walk('ecps', 'never_activated', 'nurse', 'help', 'establishment');
    await aCase(database.db, { wizardSessionId: sessionOf(page) });
    const later = await open(page.url);
    expect(changeLinks(later)).toEqual([]);
    expect(later.html).toContain('Voir ma demande');
    const earlier = await open(`/diagnostic/${sessionOf(page)}/way`);
    expect(offered(earlier)).toEqual([]);
    const response = await post(`/diagnostic/${sessionOf(page)}/way`, {
      token: token(earlier),
      answer: 'card',
    });
    expect(response.statusCode).toBe(409);
    expect(response.body).toContain('Votre demande est déjà partie');
  });
});

describe('hostile input', () => {
  it('finds no page for a session or a question that does not exist', async () => {
    const page = await walk('ecps');
    const unknown = [
      `/diagnostic/${randomUUID()}`,
      '/diagnostic/1%27%20or%201=1',
      '/diagnostic/__proto__/constructor',
      `/diagnostic/${sessionOf(page)}/nonsense`,
      `/diagnostic/${sessionOf(page)}/__proto__`,
      `/diagnostic/${sessionOf(page)}/constructor`,
      `/diagnostic/${sessionOf(page)}/%3Cscript%3E`,
    ];
    for (const url of unknown) {
      const { status, html } = await open(url);
      expect([url, status]).toEqual([url, 404]);
      expect(html).toContain('href="/"');
      expect(html).not.toContain('<script>');
    }
    expect((await open(`/diagnostic/${sessionOf(page)}/%00`)).status).toBe(400);
  });

  it.each([
    'x'.repeat(60_000),
    '<script>alert(1)</script>',
    "ecps'; drop table wizard_sessions; --",
    '\u202eecps مرحبا',
    '💉',
    '__proto__',
    'constructor',
    'toString',
    'sms',
  ])('refuses %.30s as an answer, on the same page', async (answer) => {
    const page = await walk('ecps');
    const response = await post(action(page), { token: token(page), answer });
    expect(response.statusCode).toBe(422);
    expect(response.body).toContain('Que se passe-t-il');
    expect(response.body).not.toContain('<script>');
    expect(response.body.length).toBeLessThan(50_000);
    expect(await stored(page)).toMatchObject({ version: 2 });
  });

  it.each(['__proto__', 'constructor', 'nonsense', 'contacts'])('refuses an answer to %s', async (node) => {
    const page = await walk('ecps');
    const address = `/diagnostic/${sessionOf(page)}/${node}`;
    const response = await post(address, { token: token(page), answer: 'codes' });
    expect(response.statusCode).toBe(409);
    expect(await stored(page)).toMatchObject({ version: 2 });
  });

  it('refuses a NUL byte, an answer twice, other content types and other sites', async () => {
    const page = await walk('ecps');
    const form = `token=${encodeURIComponent(token(page))}`;
    const send = async (payload: string, headers: Record<string, string>) => {
      const response = await server.app.inject({ method: 'POST', url: action(page), headers, payload });
      expect(response.headers['content-type']).toContain('text/html');
      return response.statusCode;
    };
    const formType = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await send(`${form}&answer=codes%00`, formType)).toBe(400);
    expect(await send(`${form}&answer=codes&answer=app`, formType)).toBe(422);
    expect(await send('<answer/>', { 'content-type': 'text/xml' })).toBe(415);
    expect(await send(`${form}&answer=codes`, { ...formType, origin: 'https://elsewhere.example' })).toBe(
      403,
    );
    expect(await send(`answer=${'x'.repeat(70_000)}`, formType)).toBe(413);
    expect(await stored(page)).toMatchObject({ version: 2 });
  });
});
