import { eq } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import { tokenIn } from '../../testing/desk-visitor.ts';
import { nirLeaks } from '../../testing/nir-leaks.ts';
import { escaped } from '../../testing/page-visitor.ts';
import { aNir, aPatient } from '../../testing/patients.ts';
import { type SignedInProfessional, signedInProfessional } from '../../testing/professionals.ts';
import { testApp, testTexts } from '../../testing/test-app.ts';
import { testDatabase } from '../../testing/test-database.ts';
import { accessLog } from '../access-log/access-log.table.ts';
import { keyOf } from './nir.ts';

const database = testDatabase();
const server = testApp(database);
let doctor: SignedInProfessional;

beforeAll(async () => {
  doctor = await signedInProfessional(server);
});

const get = (url: string) => server.app.inject({ url, headers: { cookie: doctor.cookie } });

async function post(url: string, fields: Readonly<Record<string, string>>, token?: string) {
  return server.app.inject({
    method: 'POST',
    url,
    headers: { cookie: doctor.cookie, 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({
      token: token ?? tokenIn((await get('/dossiers')).body),
      ...fields,
    }).toString(),
  });
}

const aForm = (overrides: Readonly<Record<string, string>> = {}) => ({
  birthFamilyName: 'D’Almeida',
  birthGivenNames: 'Zoé Ana',
  birthDate: '1977-07-07',
  sex: 'female',
  nir: '',
  noNirReason: 'Touriste',
  ...overrides,
});

describe('the pages of patients', () => {
  it('find by NIR without it in any address, and lead to the file, which alone shows it', async () => {
    const nir = aNir();
    const patient = await aPatient(server.deps, { nir });
    const found = await post('/dossiers', { by: 'nir', nir });
    expect(found.statusCode).toBe(200);
    expect(found.body).toContain(`href="/dossiers/${patient.id}"`);
    const addresses = [...found.body.matchAll(/(?:href|action)="([^"]*)"/g)].map(
      ([, address = '']) => address,
    );
    expect(
      nirLeaks([nir], { addresses: addresses.join('\n'), location: String(found.headers.location) }),
    ).toEqual([]);
    const file = await get(`/dossiers/${patient.id}`);
    expect(file.body.replace(/[\s\u00a0]/g, '')).toContain(nir);
    const log = await database.db
      .select()
      .from(accessLog)
      .where(eq(accessLog.patientId, patient.id))
      .orderBy(accessLog.place);
    expect(log.map(({ action, route }) => [action, route])).toEqual([
      ['patients.search', 'POST /dossiers'],
      ['patient.read', 'GET /dossiers/:id'],
      ['acts.list', 'GET /dossiers/:id'],
    ]);
  });

  it('say that nobody was found', async () => {
    const none = await post('/dossiers', { by: 'nir', nir: '180010100100162' });
    expect(none.body).toContain('Aucune personne trouvée');
    expect(none.body).not.toContain('Une personne trouvée');
  });

  it('say what is wrong beside the field and keep all that was typed', async () => {
    const refused = await post('/dossiers', { by: 'nir', nir: '295109912611199' });
    expect(refused.statusCode).toBe(422);
    expect(refused.body).toContain('La clé ne correspond pas au numéro');
    expect(refused.body).toContain('value="295109912611199"');
    const form = await post('/dossiers/nouveau', aForm({ birthDate: '2999-01-01' }));
    expect(form.statusCode).toBe(422);
    expect(form.body).toContain('href="#birthDate"');
    expect(form.body).toContain('value="D’Almeida"');
    const stale = await post('/dossiers/nouveau', aForm(), 'old.token');
    expect(stale.statusCode).toBe(403);
    expect(stale.body).toContain('value="Zoé Ana"');
  });

  it('create, ask whether it is somebody known, and create all the same', async () => {
    const created = await post('/dossiers/nouveau', aForm());
    expect(created.statusCode).toBe(303);
    expect((await get(String(created.headers.location))).body).toContain('Touriste');
    const again = await post('/dossiers/nouveau', aForm({ birthFamilyName: 'DALMEIDA' }));
    expect(again.statusCode).toBe(409);
    expect(again.body).toContain(`href="${created.headers.location}"`);
    const notThese = /name="notThese" value="([^"]+)"/.exec(again.body)?.[1] ?? '';
    const another = await post('/dossiers/nouveau', aForm({ birthFamilyName: 'DALMEIDA', notThese }));
    expect(another.statusCode).toBe(303);
    expect(another.headers.location).not.toBe(created.headers.location);
  });

  it('change an identity with its reason, and tell who was first', async () => {
    const patient = await aPatient(server.deps);
    const page = await get(`/dossiers/${patient.id}/modifier`);
    const token = tokenIn(page.body);
    const fields = aForm({ nir: patient.nir ?? '', noNirReason: '', version: '1' });
    const without = await post(`/dossiers/${patient.id}/modifier`, fields, token);
    expect(without.body).toContain('href="#reason"');
    const changed = await post(`/dossiers/${patient.id}/modifier`, { ...fields, reason: 'Erreur' }, token);
    expect(changed.headers.location).toBe(`/dossiers/${patient.id}`);
    const late = await post(`/dossiers/${patient.id}/modifier`, { ...fields, reason: 'Moi aussi' }, token);
    expect(late.statusCode).toBe(412);
    expect(late.body).toContain('value="Moi aussi"');
    expect(late.body).toContain('name="version" value="2"');
  });

  it('merge two records and part them again', async () => {
    const birthDate = '1950-10-10';
    const one = await aPatient(server.deps, { birthFamilyName: 'Petit', birthDate });
    const other = await aPatient(server.deps, { birthFamilyName: 'PETIT', birthDate });
    const page = await get(`/dossiers/${one.id}/reunir`);
    expect(page.body).toContain(`value="${other.id}"`);
    const unsaid = await post(`/dossiers/${one.id}/reunir`, { into: other.id, reason: ' ' });
    expect(unsaid.statusCode).toBe(422);
    const merged = await post(`/dossiers/${one.id}/reunir`, { into: other.id, reason: 'Même carte' });
    expect(merged.headers.location).toBe(`/dossiers/${other.id}`);
    expect((await get(`/dossiers/${one.id}`)).headers.location).toBe(`/dossiers/${other.id}`);
    expect((await get(`/dossiers/${other.id}`)).body).toContain(`action="/dossiers/${one.id}/separer"`);
    const parted = await post(`/dossiers/${one.id}/separer`, { reason: 'Homonymes' });
    expect(parted.headers.location).toBe(`/dossiers/${one.id}`);
    expect((await get(`/dossiers/${one.id}`)).statusCode).toBe(200);
  });

  it('list who read the record, in words', async () => {
    const patient = await aPatient(server.deps, { createdBy: doctor.professional.id });
    const file = await get(`/dossiers/${patient.id}`);
    expect(file.body).toContain(`href="/dossiers/${patient.id}/acces"`);
    const list = await get(`/dossiers/${patient.id}/acces`);
    expect(list.body).toContain('Liste des accès lue');
    expect(list.body).toContain('Identité lue');
    expect(list.body).toContain(doctor.professional.familyName);
    const english = await server.app.inject({
      url: `/dossiers/${patient.id}/acces`,
      headers: { cookie: doctor.cookie, 'accept-language': 'en' },
    });
    expect(english.body).toContain('Identity read');
  });

  it('do not list it for whoever does not follow the patient, and say why', async () => {
    const patient = await aPatient(server.deps);
    expect((await get(`/dossiers/${patient.id}`)).body).not.toContain(`/dossiers/${patient.id}/acces`);
    const refused = await get(`/dossiers/${patient.id}/acces`);
    expect([refused.statusCode, refused.body.includes('un professionnel qui le suit')]).toEqual([403, true]);
  });

  it('lead whoever is not signed in to the sign-in', async () => {
    const away = await server.app.inject({ url: '/dossiers', headers: { accept: 'text/html' } });
    expect(away.statusCode).toBe(303);
    expect((await get('/dossiers/00000000-0000-4000-8000-000000000000')).statusCode).toBe(404);
    expect((await get('/dossiers/no-one')).statusCode).toBe(404);
  });
});

describe('a NIR that says otherwise than the identity', () => {
  // A woman of May 1984, born in Lyon.
  const number = '2840569123001';
  const nir = `${number}${String(keyOf(number)).padStart(2, '0')}`;
  const warning = (part: string) => escaped(testTexts.say('fr', `records-patients.warnings.${part}`));
  const parts = ['sex', 'birthYear', 'birthMonth', 'birthPlace'];

  it('is recorded and told: on the file, on the form of its change, and to programs', async () => {
    const who = { birthFamilyName: 'Vasseur', birthGivenNames: 'Iris' };
    const told = aForm({ ...who, nir, noNirReason: '', birthPlace: '75056', sex: 'male' });
    const created = await post('/dossiers/nouveau', told);
    expect(created.statusCode).toBe(303);
    const address = String(created.headers.location);
    for (const page of [await get(address), await get(`${address}/modifier`)])
      for (const part of parts) expect(page.body).toContain(warning(part));
    const read = await get(`/api/records${address.replace('dossiers', 'patients')}`);
    expect(read.json().warnings.map(({ path }: { path: string }) => path)).toEqual([
      ...['/sex', '/birthDate', '/birthDate', '/birthPlace'],
    ]);
    expect(nirLeaks([nir], { warnings: JSON.stringify(read.json().warnings) })).toEqual([]);
    const mended = { ...told, birthDate: '1984-05-30', birthPlace: '69123', sex: 'female' };
    const version = /name="version" value="(\d+)"/.exec((await get(`${address}/modifier`)).body)?.[1] ?? '';
    await post(`${address}/modifier`, { ...mended, version, reason: 'Erreur de saisie' });
    const after = (await get(address)).body;
    for (const part of parts) expect(after).not.toContain(warning(part));
  });

  it('is not told of a child under a parent’s NIR', async () => {
    const told = aForm({
      nir,
      noNirReason: '',
      ofParent: 'yes',
      birthGivenNames: 'Léo',
      birthDate: '2015-01-02',
    });
    const created = await post('/dossiers/nouveau', told);
    const { body } = await get(String(created.headers.location));
    for (const part of parts) expect(body).not.toContain(warning(part));
  });
});
