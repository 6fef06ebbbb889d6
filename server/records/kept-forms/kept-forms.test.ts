import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { professionalSessions } from '../../identity/identity.table.ts';
import { aPatient, firstDose, fitConsultation } from '../../testing/acts.ts';
import { databaseAsText, logSink, nirLeaks } from '../../testing/nir-leaks.ts';
import { escaped, formToken, sentence } from '../../testing/page-visitor.ts';
import { aNir } from '../../testing/patients.ts';
import {
  anExercise,
  aProfessional,
  type SignedInProfessional,
  signedInProfessional,
  signInAs,
  type TestProfessional,
} from '../../testing/professionals.ts';
import { ask } from '../../testing/record-requests.ts';
import { routeList } from '../../testing/route-list.ts';
import { testApp } from '../../testing/test-app.ts';
import { testDatabase } from '../../testing/test-database.ts';
import { patients } from '../patients/patients.table.ts';
import { eraseKeptForms } from './erase-kept-forms.ts';
import { keptForms } from './kept-forms.table.ts';

const database = testDatabase();
const routes = routeList();
const server = testApp(database);
const { clock } = server;
const minutes = 60_000;
let doctor: TestProfessional;
let patientId: string;
let injectionId: string;
let consultationId: string;

beforeAll(async () => {
  doctor = await aProfessional(database.db);
  const me = await signIn();
  patientId = (await aPatient(database.db, doctor)).id;
  // Likely the same person: whoever merges has one to choose.
  await aPatient(database.db, doctor);
  const record = async (kind: string, body: object) =>
    (await ask(server, me, 'POST', `/api/records/patients/${patientId}/${kind}`, body)).json().id;
  injectionId = await record('injections', firstDose);
  consultationId = await record('consultations', fitConsultation);
});
beforeEach(async () => {
  clock.set('2026-11-23T10:00:00+01:00');
  await database.db.delete(keptForms);
});

type Fields = Readonly<Record<string, string>>;

const signIn = () => signInAs(server, doctor);
const get = (url: string, { cookie }: SignedInProfessional) =>
  server.app.inject({ url, headers: { cookie, accept: 'text/html' } });
const post = (url: string, fields: Fields, cookie = '') =>
  server.app.inject({
    method: 'POST',
    url,
    headers: { cookie, accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(fields).toString(),
  });

/** A token of a session of the doctor's that has ended since; 4 hours later the browser has dropped its cookie too. */
async function anOldToken(since = 31 * minutes): Promise<string> {
  const token = formToken((await get('/dossiers', await signIn())).body);
  clock.advance(since);
  return token;
}

/** Where a form sent too late says that it is kept. */
function keptAt(body: string): string {
  const [, address = ''] =
    /button-large" href="\/(?:connexion|structure)\?return_to&#x3D;([^"]+)"/.exec(body) ?? [];
  return decodeURIComponent(address);
}

/** Sends a form too late, signs in again and takes it back. */
async function lateAndBack(url: string, fields: Fields) {
  const late = await post(url, { token: await anOldToken(), ...fields });
  expect(late.statusCode).toBe(401);
  const address = keptAt(late.body);
  const again = await signIn();
  const waiting = await get(address, again);
  expect(waiting.statusCode).toBe(200);
  return { address, again, back: await post(address, { token: formToken(waiting.body) }, again.cookie) };
}

const aPatientForm = {
  birthFamilyName: 'Quémeneur',
  birthGivenNames: 'Maël',
  birthDate: '1999-02-03',
  sex: 'male',
  nir: '',
  noNirReason: 'Touriste suédois',
};

describe('a form sent after its session ended', () => {
  it('says so, offers to sign in again, and records nothing', async () => {
    const before = await database.db.$count(patients);
    const answer = await post('/dossiers/nouveau', { token: await anOldToken(), ...aPatientForm });
    expect(answer.statusCode).toBe(401);
    expect(answer.body).toContain(sentence('kept-forms.sign-in.title'));
    expect(answer.body).toContain(sentence('kept-forms.kept', { minutes: 25 }));
    expect(keptAt(answer.body)).toMatch(/^\/reprise\/[0-9a-f-]{36}$/);
    expect(answer.body).not.toContain('meneur');
    expect(await database.db.$count(patients)).toBe(before);
  });

  it('comes back filled in to whoever sent it, once, and can then be sent', async () => {
    const { address, again, back } = await lateAndBack('/dossiers/nouveau', aPatientForm);
    expect(back.statusCode).toBe(200);
    for (const typed of ['Quémeneur', 'Maël', '1999-02-03', 'Touriste suédois'])
      expect(back.body).toContain(`value="${typed}"`);
    expect(back.body).toContain(sentence('problems.stale-form.detail'));
    expect((await get(address, again)).statusCode).toBe(404);
    const sent = await post(
      '/dossiers/nouveau',
      { token: formToken(back.body), ...aPatientForm },
      again.cookie,
    );
    expect(sent.statusCode).toBe(303);
  });

  it('four hours later too, when the browser has no cookie of ours any more', async () => {
    const late = await post('/dossiers/nouveau', { token: await anOldToken(241 * minutes), ...aPatientForm });
    expect((await get(keptAt(late.body), await signIn())).statusCode).toBe(200);
  });

  it('is nobody else’s', async () => {
    const late = await post('/dossiers/nouveau', { token: await anOldToken(), ...aPatientForm });
    const address = keptAt(late.body);
    const other = await signedInProfessional(server);
    const own = formToken((await get('/dossiers', other)).body);
    for (const answer of [
      await get(address, other),
      await post(address, { token: own }, other.cookie),
      await post(address, { token: own, erase: 'yes' }, other.cookie),
    ])
      expect(answer.body).not.toContain('meneur');
    expect((await get(address, await signIn())).statusCode).toBe(200);
  });

  it('stays to be asked for again when its page could not be shown', async () => {
    const url = `/dossiers/${patientId}/injections/${injectionId}/erreur`;
    const late = await post(url, { token: await anOldToken(), reason: 'Autre patiente', version: '1' });
    const address = keptAt(late.body);
    const again = await signIn();
    const take = async () =>
      post(address, { token: formToken((await get(address, again)).body) }, again.cookie);
    await database.connection.pool.query('alter function log_access rename to log_access_away');
    try {
      expect((await take()).statusCode).toBe(503);
    } finally {
      await database.connection.pool.query('alter function log_access_away rename to log_access');
    }
    expect((await take()).body).toContain('Autre patiente');
  });

  it('can be erased instead, by a form of the page’s own', async () => {
    const late = await post('/dossiers/nouveau', { token: await anOldToken(), ...aPatientForm });
    const address = keptAt(late.body);
    const again = await signIn();
    expect((await post(address, { token: 'x', erase: 'yes' }, again.cookie)).statusCode).toBe(403);
    const token = formToken((await get(address, again)).body);
    expect((await post(address, { token, erase: 'yes' }, again.cookie)).headers.location).toBe('/espace');
    expect(await database.db.$count(keptForms)).toBe(0);
  });

  it('is given back for 25 minutes, and erased by the next sweep', async () => {
    const late = await post('/dossiers/nouveau', { token: await anOldToken(), ...aPatientForm });
    clock.advance(25 * minutes - 1);
    expect((await get(keptAt(late.body), await signIn())).statusCode).toBe(200);
    expect(await eraseKeptForms(database.db, clock.now())).toBe(0);
    clock.advance(1);
    expect((await get(keptAt(late.body), await signIn())).statusCode).toBe(404);
    expect(await eraseKeptForms(database.db, clock.now())).toBe(1);
    expect(await database.db.$count(keptForms)).toBe(0);
  });

  it('lies in the database sealed alone, and in no address, cookie or log', async () => {
    const nir = aNir();
    const late = await post('/dossiers', { token: await anOldToken(), by: 'nir', nir });
    expect(keptAt(late.body)).toMatch(/^\/reprise\//);
    const { log, text } = logSink();
    log.info({ headers: late.headers, address: keptAt(late.body) });
    const where = { ...(await databaseAsText(database.db)), answer: late.body, log: text() };
    expect(nirLeaks([nir], where)).toEqual([]);
  });

  it('without a token that says whose it is, is refused and kept for nobody', async () => {
    const forged = `x.y.${doctor.id}.${(await anOldToken()).split('.').slice(0, 2).join('.')}`;
    for (const token of ['', 'x', forged]) {
      const answer = await post('/dossiers/nouveau', { token, ...aPatientForm });
      expect(answer.statusCode).toBe(401);
      expect(answer.body).toContain(sentence('kept-forms.not_kept'));
    }
    expect(await database.db.$count(keptForms)).toBe(0);
  });

  it('is one of ten at most', async () => {
    const token = await anOldToken();
    const addresses: string[] = [];
    for (let sent = 0; sent < 12; sent += 1) {
      clock.advance(1000);
      addresses.push(keptAt((await post('/dossiers/nouveau', { token, ...aPatientForm })).body));
    }
    expect(await database.db.$count(keptForms)).toBe(10);
    const again = await signIn();
    const statuses = await Promise.all(addresses.map(async (each) => (await get(each, again)).statusCode));
    expect(statuses).toEqual([404, 404, ...Array.from({ length: 10 }, () => 200)]);
  });

  it('of somebody who has yet to choose for whom they act waits for that', async () => {
    const token = await anOldToken();
    const undecided = await signInAs(server, doctor, null);
    await database.db
      .update(professionalSessions)
      .set({ exercises: [anExercise(), anExercise({ key: 'other' })] });
    const answer = await post('/dossiers/nouveau', { token, ...aPatientForm }, undecided.cookie);
    expect(answer.statusCode).toBe(403);
    expect(answer.body).toContain(sentence('kept-forms.choose-structure.title'));
    expect(answer.body).toContain('href="/structure?return_to&#x3D;%2Freprise%2F');
    expect((await get(keptAt(answer.body), undecided)).headers.location).toMatch(/^\/structure\?return_to=/);
  });

  it('is answered to programs as before', async () => {
    const answer = await ask(server, undefined, 'POST', '/api/records/patients', aPatientForm);
    expect(answer.json()).toMatchObject({ status: 401, type: '/problems/sign-in-needed' });
  });
});

describe('every form of the records', () => {
  it('is kept, whichever page it is of', async () => {
    const isForm = ({ method, path }: { method: string; path: string }) =>
      method === 'POST' && /^\/(dossiers|delegations|structure|reprise|espace)\b/.test(path);
    const forms = routes.all.filter(isForm);
    expect(forms.length).toBeGreaterThan(15);
    const token = await anOldToken();
    for (const { path } of forms) {
      const answer = await post(path.replaceAll(/:\w+/g, randomUUID()), { token, reason: 'Relu' });
      expect([path, answer.statusCode, keptAt(answer.body).slice(0, 9)]).toEqual([path, 401, '/reprise/']);
    }
  });

  it.each([
    ['a search', () => '/dossiers', { by: 'traits', family: 'Le Goff', given: 'Yann' }],
    ['a search by NIR', () => '/dossiers', { by: 'nir', nir: '2 95 10 99 126 111 93' }],
    [
      'a changed identity',
      () => `/dossiers/${patientId}/modifier`,
      { ...aPatientForm, reason: 'Erreur lue' },
    ],
    ['a merge', () => `/dossiers/${patientId}/reunir`, { reason: 'Deux fois la même' }],
    [
      'a consultation',
      () => `/dossiers/${patientId}/consultation`,
      { allergies: 'Aux œufs', comment: 'Vue avec sa mère', date: '2026-11-23', consent: 'patient' },
    ],
    [
      'an injection',
      () => `/dossiers/${patientId}/injection`,
      { lot: 'QX9', site: 'Deltoïde', doseRank: '1' },
    ],
    [
      'an injection about to be confirmed',
      () => `/dossiers/${patientId}/injection`,
      { step: 'confirm', lot: 'QX8', overrideReason: 'Voyage' },
    ],
    [
      'a correction of an injection',
      () => `/dossiers/${patientId}/injections/${injectionId}/corriger`,
      { lot: 'QX7', reason: 'Lot mal lu', version: '1' },
    ],
    [
      'a correction of a consultation',
      () => `/dossiers/${patientId}/consultations/${consultationId}/corriger`,
      { allergies: 'Au latex', reason: 'Oubli', version: '1' },
    ],
    [
      'an act entered in error',
      () => `/dossiers/${patientId}/injections/${injectionId}/erreur`,
      { reason: 'Autre patiente', version: '1' },
    ],
    [
      'an adverse event',
      () => `/dossiers/${patientId}/injections/${injectionId}/effet`,
      { description: 'Fièvre à 39' },
    ],
    [
      'a delegation',
      () => '/delegations',
      { delegateName: 'Jo Le Bihan', delegateIdentifier: '810199999999' },
    ],
  ] satisfies readonly (readonly [string, () => string, Fields])[])(
    '%s comes back with what was typed',
    async (_, url, fields) => {
      const { back } = await lateAndBack(url(), fields);
      expect(back.statusCode).toBe(200);
      const shown = [...Object.values(fields)].filter((value) => /[A-Z]/.test(value) && value.length > 2);
      for (const typed of shown) expect(back.body).toContain(escaped(typed));
    },
  );
});
