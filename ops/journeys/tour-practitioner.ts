import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { listPaths } from '#server/wizard/paths.ts';
import { currentFlow } from '#server/wizard/registry.ts';
import type { RunningProduct } from './running-product.ts';
import { type Part, post, type Stop } from './tour.ts';

/** Where the tour's practitioner gets mail. */
const mailbox = 'lea@exemple.test';

/** What is seen without an account, and the number of a case that waits. */
export async function practitionerStops(
  product: Pick<RunningProduct, 'origin' | 'mail'>,
): Promise<Part & { readonly number: string }> {
  const { origin } = product;
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
    const { id } = (await (await post(origin, '/api/wizard/sessions', { language: 'fr' })).json()) as {
      id: string;
    };
    const path = paths.find(
      (each) => each.end === node || each.answers.some((answer) => answer.node === node),
    );
    if (!path) throw new Error(`no path comes to ${node}`);
    for (const answer of path.answers) {
      if (answer.node === node) break;
      await post(origin, `/api/wizard/sessions/${id}/answers`, answer);
    }
    return `/diagnostic/${id}`;
  };
  /** A case of its own. */
  const openCase = async () => {
    const session = await walkTo('escalate');
    const response = await post(origin, `/api/wizard/sessions/${session.split('/').at(-1)}/case`, {
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
  const booked = (await openCase()).tracking;
  const callback = `/api${booked}/callback`;
  const { slots } = (await (await fetch(origin + callback)).json()) as { slots: { startsAt: string }[] };
  await post(origin, callback, { startsAt: slots[0]?.startsAt });
  await product.mail(mailbox, new RegExp(number));
  const mail = (await (await fetch(`${origin}/demo/mails`)).text()).match(
    /href="(\/demo\/mails\/[^"]+)"/,
  )?.[1];
  if (!mail) throw new Error('the list of mails has none');

  const stops: readonly (readonly [string, string, Stop['act']?, number?])[] = [
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
    ['lost session', `/diagnostic/${randomUUID()}`, undefined, 404],
    ['tracking', tracking],
    ['callback', `${tracking}/rappel`],
    ['tracking, callback booked', booked],
    ['callback booked', `${booked}/rappel`],
    ['tracking, it works', working],
    ['answer from a mail', `${tracking}/reponse?suivi=1&reponse=stuck`],
    ['help', '/aide'],
    ['about', '/a-propos'],
    ['verifier', '/verifier'],
    ['verifier, nothing to read', '/verifier', verifyNonsense],
    ['not found', '/rien-ici', undefined, 404],
    ['sign-in', '/desk/connexion'],
    ['mails', '/demo/mails'],
    ['mail', mail],
  ];
  return {
    number,
    cookies: [],
    stops: stops.map(([name, path, act, status]) => ({
      name,
      path,
      ...(act && { act }),
      ...(status && { status }),
    })),
  };
}

async function sendEmptyForm(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Envoyer ma demande' }).click();
  await page.getByRole('alert').waitFor();
}

async function verifyNonsense(page: Page): Promise<void> {
  await page.locator('textarea').fill('HC1:NONSENSE');
  await page.locator('textarea').press('Tab');
  await page.locator('main form button[type=submit]').first().click();
  await page.waitForLoadState();
}
