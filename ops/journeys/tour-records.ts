import type { Page } from 'playwright-core';
import { signInAtWallet } from './at-the-wallet.ts';
import type { RunningProduct } from './running-product.ts';
import type { Part, Stop } from './tour.ts';

type Paths = readonly (readonly [string, string, Stop['act']?, number?])[];

/** What a doctor sees of the records, and whoever fails to sign in; a patient has been through every step. */
export async function recordsStops(product: Pick<RunningProduct, 'origin' | 'browser'>): Promise<Part> {
  const doctor = await signedIn(product, 'doctor', aPatientsPaths);
  return { cookies: doctor.cookies, stops: [...entranceStops, ...doctor.stops] };
}

/** What a salaried doctor sees who supervises the records of an establishment: what a practice has not. */
export async function establishmentStops(product: Pick<RunningProduct, 'origin' | 'browser'>): Promise<Part> {
  return signedIn(product, 'several', async (page) => {
    await page.goto('/structure');
    await page.getByLabel('Centre hospitalier de Fleurville').check();
    await page.getByRole('button', { name: 'Continuer' }).click();
    await page.waitForURL((url) => url.pathname !== '/structure');
    return [
      ['an establishment’s summaries', '/dossiers/bilans'],
      ['import', '/dossiers/import'],
      ['import without a file', '/dossiers/import', sendEmpty('Envoyer le fichier')],
    ];
  });
}

/** What a sample professional sees, who prepares it in a browser of their own. */
async function signedIn(
  { origin, browser }: Pick<RunningProduct, 'origin' | 'browser'>,
  who: string,
  prepare: (page: Page) => Promise<Paths>,
): Promise<Part> {
  const context = await browser.newContext({ locale: 'fr-FR', baseURL: origin });
  try {
    const page = await context.newPage();
    await signInAtWallet(page, who, '/structure');
    const paths = await prepare(page);
    const cookies = await context.cookies(origin);
    return {
      cookies: cookies.map(({ name, value }) => ({ name, value })),
      stops: paths.map(([name, path, act, status]) => ({
        name,
        path,
        ...(act && { act }),
        ...(status && { status }),
      })),
    };
  } finally {
    await context.close();
  }
}

/** Before anybody is signed in. */
const entranceStops: readonly Stop[] = [
  { name: 'professional’s sign-in', path: '/connexion', act: forgetWhoIsSignedIn },
  { name: 'failed sign-in', path: '/connexion', act: failToSignIn },
];

async function forgetWhoIsSignedIn(page: Page): Promise<void> {
  await page.context().clearCookies();
  await page.reload();
}

async function failToSignIn(page: Page): Promise<void> {
  await forgetWhoIsSignedIn(page);
  await page.getByRole('link', { name: 'Se connecter avec Pro Santé Connect' }).click();
  await page.locator('button[name="fail"]').first().click();
  await page.getByRole('link', { name: /diagnosti/i }).waitFor();
}

/** Records a patient with a consultation, an injection, an adverse event and documents, and lists their pages. */
async function aPatientsPaths({ request }: Page): Promise<Paths> {
  const record = async (path: string, data: object) => {
    const response = await request.post(`/api/records/patients${path}`, { data });
    if (!response.ok()) throw new Error(`${path}: ${response.status()} ${await response.text()}`);
    return (await response.json()) as { readonly id: string };
  };
  const place = { kind: 'practice', name: 'Cabinet du docteur Lefèvre' };
  const { id } = await record('', {
    nir: '295109912611193',
    birthFamilyName: 'Bélanger',
    birthGivenNames: 'Zoé Marie',
    birthDate: '1995-10-12',
    sex: 'female',
  });
  await record(`/${id}/consultations`, {
    occurredAt: '2026-11-23T08:50:00+01:00',
    place,
    questionnaire: { pastInfection: false, fever: true },
    consent: 'patient',
    decision: 'fit',
  });
  const injection = await record(`/${id}/injections`, {
    occurredAt: '2026-11-23T09:00:00+01:00',
    place,
    vaccine: 'comirnaty',
    lot: 'FK1234',
    lotExpiry: '2027-03-31',
    arm: 'left',
    route: 'intramuscular',
    doseRank: 1,
    doseTotal: 2,
  });
  const event = await record(`/${id}/adverse-events`, {
    injectionId: injection.id,
    onset: '2026-11-23T09:20:00+01:00',
    description: 'Malaise avec sueurs.',
    serious: false,
    outcome: 'recovered',
  });
  await record(`/${id}/summaries`, {});
  const file = `/dossiers/${id}`;
  const dose = `${file}/injections/${injection.id}`;
  return [
    ['space', '/espace'],
    ['structure', '/structure'],
    ['patients', '/dossiers'],
    ['patients, nobody found', '/dossiers', searchNobody],
    ['new patient', '/dossiers/nouveau'],
    ['new patient with errors', '/dossiers/nouveau', sendEmpty('Créer le dossier')],
    ['file', file],
    ['traits', `${file}/modifier`],
    ['merge', `${file}/reunir`],
    ['consultation', `${file}/consultation`],
    ['consultation with errors', `${file}/consultation`, sendEmpty('Enregistrer la consultation')],
    ['injection', `${file}/injection`],
    ['injection to confirm', `${file}/injection`, lookAtWhatWasFound],
    ['injection with errors', `${file}/injection`, leaveTheLotOut],
    ['dose', dose],
    ['dose being corrected', `${dose}/corriger`],
    ['adverse event to declare', `${dose}/effet`],
    ['adverse event', `${file}/effets/${event.id}`],
    ['documents', `${file}/documents`],
    ['accesses', `${file}/acces`],
    ['to validate', '/dossiers/a-valider'],
    ['delegations', '/delegations'],
    ['something that is not for them', '/dossiers/bilans', undefined, 403],
  ];
}

async function searchNobody(page: Page): Promise<void> {
  await page.locator('#nir').fill('180010100100162');
  await page.getByRole('button', { name: 'Chercher par NIR' }).click();
  await page.getByText('Personne ne correspond').first().waitFor();
}

/** All of it is filled in already. */
async function lookAtWhatWasFound(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Vérifier avant d’enregistrer' }).click();
  await page.getByRole('button', { name: 'Confirmer et enregistrer' }).waitFor();
}

async function leaveTheLotOut(page: Page): Promise<void> {
  await page.locator('#lot').fill('');
  await sendEmpty('Vérifier avant d’enregistrer')(page);
}

/** Sends a form as it stands, without what the browser itself would ask for. */
function sendEmpty(button: string) {
  return async (page: Page): Promise<void> => {
    await page.locator('form').evaluateAll((forms) => {
      for (const form of forms) form.setAttribute('novalidate', '');
    });
    await page.getByRole('button', { name: button }).click();
    await page.getByRole('alert').first().waitFor();
  };
}
