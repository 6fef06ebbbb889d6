import type { Page } from 'playwright-core';
import type { RunningProduct } from './running-product.ts';
import { type Part, post, type TourAgent } from './tour.ts';

/** What a supervisor sees, one incident being open that touches nobody else on the tour. */
export async function deskStops(
  { origin }: Pick<RunningProduct, 'origin'>,
  { email, password }: TourAgent,
  number: string,
): Promise<Part> {
  const signedIn = await post(origin, '/api/agents/session', { email, password });
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const opened = await post(
    origin,
    '/api/incidents',
    {
      title: { fr: 'Carte CPS refusée partout', en: 'CPS cards refused everywhere' },
      message: {
        fr: 'Le service qui lit les cartes est arrêté.',
        en: 'The service that reads cards is down.',
      },
      symptoms: ['card_not_recognised'],
    },
    { cookie },
  );
  const { id } = (await opened.json()) as { id: number };
  const [name = '', value = ''] = cookie.split(/=(.*)/s);
  return {
    cookies: [{ name, value }],
    stops: [
      { name: 'queue', path: '/desk' },
      { name: 'callbacks', path: '/desk/rappels' },
      { name: 'case', path: `/desk/dossiers/${number}` },
      { name: 'search', path: '/desk/recherche?q=garnier' },
      { name: 'directory', path: '/desk/annuaire?nom=martin&departement=33' },
      { name: 'flows', path: '/desk/flows' },
      { name: 'hotlines', path: '/desk/hotlines' },
      { name: 'hotline', path: '/desk/hotlines/etablissements' },
      { name: 'routing rules', path: '/desk/routing-rules' },
      { name: 'incidents', path: '/desk/incidents' },
      { name: 'new incident', path: '/desk/incidents/nouveau' },
      { name: 'incident', path: `/desk/incidents/${id}` },
      { name: 'incident edited without a title', path: `/desk/incidents/${id}`, act: editWithoutTitle },
    ],
  };
}

async function editWithoutTitle(page: Page): Promise<void> {
  await page.locator('summary', { hasText: 'Modifier' }).click();
  const form = page.locator('form.incident-edit');
  await form.locator('[name=titleFr]').fill('');
  await form.getByRole('button').first().click();
  await page.getByRole('alert').waitFor();
}
