import type { BrowserContext, Page } from 'playwright-core';
import { listPaths } from '#server/wizard/paths.ts';
import { currentFlow } from '#server/wizard/registry.ts';
import type { RunningProduct } from './running-product.ts';

/** A page of the product, with something on it. */
export interface Stop {
  readonly name: string;
  readonly path: string;
  /** Whose eyes: an agent is signed in. */
  readonly as: 'practitioner' | 'agent';
}

export interface Tour {
  readonly stops: readonly Stop[];
  /** Opens a stop in a fresh page, as its reader would see it. */
  open(stop: Stop, look: { readonly colorScheme: 'light' | 'dark'; readonly width: number }): Promise<Page>;
  close(): Promise<void>;
}

/** Prepares sessions, a case and an agent through the API, and lists every kind of page that they give. */
export async function takeTour(
  product: Pick<RunningProduct, 'origin' | 'browser'>,
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
  const walkTo = async (outcome: string) => {
    const { id } = (await (await post('/api/wizard/sessions', { language: 'fr' })).json()) as { id: string };
    const path = listPaths(currentFlow).find((each) => each.outcome === outcome);
    for (const answer of path?.answers ?? []) await post(`/api/wizard/sessions/${id}/answers`, answer);
    return `/diagnostic/${id}`;
  };

  const start = (await (await post('/api/wizard/sessions', {})).json()) as {
    id: string;
    node: { id: string };
  };
  const instruction = await walkToInstruction(post);
  const [resolved, redirected, escalated] = [
    await walkTo('resolved'),
    await walkTo('redirected'),
    await walkTo('escalate'),
  ];
  const opened = (await (
    await post(`/api/wizard/sessions/${escalated.split('/').at(-1)}/case`, {
      contact: { name: 'Léa Garnier', email: 'lea@exemple.test', phone: '+33612345678' },
      message: 'Rien reçu depuis hier soir.',
      followUps: true,
    })
  ).json()) as { number: string; trackingUrl: string };
  const asking = await walkTo('escalate');
  const tracking = new URL(opened.trackingUrl, origin).pathname;

  const practitionerStops: readonly (readonly [string, string])[] = [
    ['start', '/'],
    ['start in English', '/?lang=en'],
    ['question', `/diagnostic/${start.id}`],
    ['instruction', instruction],
    ['resolved', resolved],
    ['redirected', redirected],
    ['escalated', asking],
    ['case form', `${asking}/demande`],
    ['case opened', `${escalated}/demande/envoyee`],
    ['tracking', tracking],
    ['answer from a mail', `${tracking}/reponse?suivi=1&reponse=stuck`],
    ['help', '/aide'],
    ['about', '/a-propos'],
    ['not found', '/rien-ici'],
    ['sign-in', '/desk/connexion'],
    ['mails', '/demo/mails'],
  ];
  const agentStops: readonly (readonly [string, string])[] = [
    ['queue', '/desk'],
    ['case', `/desk/dossiers/${opened.number}`],
    ['search', '/desk/recherche?q=garnier'],
    ['flows', '/desk/flows'],
  ];
  const cookie = (await post('/api/agents/session', agent)).headers.get('set-cookie')?.split(';')[0] ?? '';

  const contexts: BrowserContext[] = [];
  return {
    stops: [
      ...practitionerStops.map(([name, path]) => ({ name, path, as: 'practitioner' as const })),
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
      return page;
    },
    async close() {
      for (const context of contexts) await context.close();
    },
  };
}

/** The first instruction that an answered path meets. */
async function walkToInstruction(post: (path: string, body: object) => Promise<Response>): Promise<string> {
  const { id } = (await (await post('/api/wizard/sessions', { language: 'fr' })).json()) as { id: string };
  const path = listPaths(currentFlow).find((each) =>
    each.answers.some(({ node }) => currentFlow.nodes[node]?.kind === 'instruction'),
  );
  for (const answer of path?.answers ?? []) {
    if (currentFlow.nodes[answer.node]?.kind === 'instruction') break;
    await post(`/api/wizard/sessions/${id}/answers`, answer);
  }
  return `/diagnostic/${id}`;
}
