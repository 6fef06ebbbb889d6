import { randomUUID } from 'node:crypto';
import type { BrowserContext, Page } from 'playwright-core';
import { listPaths } from '#server/wizard/paths.ts';
import { currentFlow } from '#server/wizard/registry.ts';
import type { RunningProduct } from './running-product.ts';

/** Where the tour's practitioner gets mail. */
const mailbox = 'lea@exemple.test';

/** A page of the product, with something on it. */
export interface Stop {
  readonly name: string;
  readonly path: string;
  /** Whose eyes: an agent is signed in. */
  readonly as: 'practitioner' | 'agent';
  /** What its reader does there first, to come to what is looked at. */
  readonly act?: (page: Page) => Promise<void>;
}

export interface Tour {
  readonly stops: readonly Stop[];
  /** Opens a stop in a fresh page, as its reader would see it. */
  open(stop: Stop, look: { readonly colorScheme: 'light' | 'dark'; readonly width: number }): Promise<Page>;
  close(): Promise<void>;
}

/** Prepares sessions, a case and an agent through the API, and lists every kind of page that they give. */
export async function takeTour(
  product: Pick<RunningProduct, 'origin' | 'browser' | 'mail'>,
  agent: { readonly email: string; readonly password: string },
): Promise<Tour> {
  const { origin } = product;
  const post = async (path: string, body: object) => {
    const response = await fetch(origin + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  /** Presses a button of a page: its form's action, with the token that the page carries. */
  const press = async (page: string, action: string) => {
    const html = await (await fetch(origin + page)).text();
    const token = html.match(/name="token" value="([^"]*)"/)?.[1] ?? '';
    const response = await fetch(origin + action, { method: 'POST', body: new URLSearchParams({ token }) });
    if (!response.ok) throw new Error(`${action}: ${response.status}`);
  };
  const paths = listPaths(currentFlow);
  /** A session that stands at this node. */
  const walkTo = async (node: string) => {
    const { id } = (await (await post('/api/wizard/sessions', { language: 'fr' })).json()) as { id: string };
    const path = paths.find(
      (each) => each.end === node || each.answers.some((answer) => answer.node === node),
    );
    if (!path) throw new Error(`no path comes to ${node}`);
    for (const answer of path.answers) {
      if (answer.node === node) break;
      await post(`/api/wizard/sessions/${id}/answers`, answer);
    }
    return `/diagnostic/${id}`;
  };
  /** A case of its own. */
  const openCase = async () => {
    const session = await walkTo('escalate');
    const response = await post(`/api/wizard/sessions/${session.split('/').at(-1)}/case`, {
      contact: { name: 'Léa Garnier', email: mailbox, phone: '+33612345678' },
      message: 'Rien reçu depuis hier soir.',
      followUps: true,
    });
    const { number, trackingUrl } = (await response.json()) as { number: string; trackingUrl: string };
    return { session, number, tracking: new URL(trackingUrl, origin).pathname };
  };

  const [question, instruction, unset] = [
    await walkTo(currentFlow.start),
    await walkTo('sms_not_received'),
    await walkTo('card_lost'),
  ];
  const [resolved, redirected, delegated, asking] = [
    await walkTo('resolved'),
    await walkTo('insured_site'),
    await walkTo('delegated'),
    await walkTo('escalate'),
  ];
  const { session: escalated, number, tracking } = await openCase();
  const working = (await openCase()).tracking;
  await press(working, `${working}/ca-marche`);
  await product.mail(mailbox, new RegExp(number));
  const mail = (await (await fetch(`${origin}/demo/mails`)).text()).match(
    /href="(\/demo\/mails\/[^"]+)"/,
  )?.[1];
  if (!mail) throw new Error('the list of mails has none');

  const practitionerStops: readonly (readonly [string, string, Stop['act']?])[] = [
    ['start', '/'],
    ['start in English', '/?lang=en'],
    ['question', question],
    ['instruction', instruction],
    ['instruction with an address not set', unset],
    ['resolved', resolved],
    ['redirected', redirected],
    ['delegated', delegated],
    ['escalated', asking],
    ['case form', `${asking}/demande`],
    ['case form with errors', `${asking}/demande`, sendEmptyForm],
    ['case opened', `${escalated}/demande/envoyee`],
    ['frozen question', `${escalated}/${currentFlow.start}`],
    ['lost session', `/diagnostic/${randomUUID()}`],
    ['tracking', tracking],
    ['tracking, it works', working],
    ['answer from a mail', `${tracking}/reponse?suivi=1&reponse=stuck`],
    ['help', '/aide'],
    ['about', '/a-propos'],
    ['not found', '/rien-ici'],
    ['sign-in', '/desk/connexion'],
    ['mails', '/demo/mails'],
    ['mail', mail],
  ];
  const agentStops: readonly (readonly [string, string])[] = [
    ['queue', '/desk'],
    ['case', `/desk/dossiers/${number}`],
    ['search', '/desk/recherche?q=garnier'],
    ['directory', '/desk/annuaire?nom=martin&departement=33'],
    ['flows', '/desk/flows'],
  ];
  const cookie = (await post('/api/agents/session', agent)).headers.get('set-cookie')?.split(';')[0] ?? '';

  const contexts: BrowserContext[] = [];
  return {
    stops: [
      ...practitionerStops.map(([name, path, act]) => ({
        name,
        path,
        as: 'practitioner' as const,
        ...(act && { act }),
      })),
      ...agentStops.map(([name, path]) => ({ name, path, as: 'agent' as const })),
    ],
    async open(stop, { colorScheme, width }) {
      const context = await product.browser.newContext({
        colorScheme,
        viewport: { width, height: 800 },
        locale: 'fr-FR',
        timezoneId: 'Europe/Paris',
        bypassCSP: true,
        reducedMotion: 'reduce',
      });
      contexts.push(context);
      if (stop.as === 'agent') {
        const [name = '', value = ''] = cookie.split(/=(.*)/s);
        await context.addCookies([{ name, value, url: origin }]);
      }
      const page = await context.newPage();
      await page.goto(origin + stop.path);
      await stop.act?.(page);
      return page;
    },
    async close() {
      for (const context of contexts) await context.close();
    },
  };
}

async function sendEmptyForm(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Envoyer ma demande' }).click();
  await page.getByRole('alert').waitFor();
}
