import { and, eq, sql } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../app.ts';
import { professionals, structuresActedFor } from '../../identity/identity.table.ts';
import { databaseAsText, logSink, nirLeaks } from '../../testing/nir-leaks.ts';
import { aNir, aPatient } from '../../testing/patients.ts';
import {
  anExercise,
  kinds,
  type SignedInProfessional,
  signedInDelegate,
  signedInProfessional,
  signInAs,
} from '../../testing/professionals.ts';
import { ask, recordedInjection } from '../../testing/record-requests.ts';
import { testApp } from '../../testing/test-app.ts';
import { testClock } from '../../testing/test-clock.ts';
import { testDatabase } from '../../testing/test-database.ts';
import { accessLog } from '../access-log/access-log.table.ts';
import { recordVersions } from '../acts/acts.table.ts';
import { patientNirs, patients } from './patients.table.ts';

const database = testDatabase();
const clock = testClock();
const server = testApp(database, clock);
let doctor: SignedInProfessional;

beforeAll(async () => {
  doctor = await signedInProfessional(server);
});

interface Sent {
  readonly as?: SignedInProfessional;
  readonly headers?: Readonly<Record<string, string>>;
}

function call(
  method: 'GET' | 'POST' | 'PATCH',
  url: string,
  payload?: object,
  { as = doctor, headers }: Sent = {},
) {
  const base = { method, url: `/api/records${url}`, headers: { cookie: as.cookie, ...headers } } as const;
  return server.app.inject(payload === undefined ? base : { ...base, payload });
}

const entriesOf = (patientId: string) =>
  database.db.select().from(accessLog).where(eq(accessLog.patientId, patientId)).orderBy(accessLog.place);

const traits = (birthDate: string) => ({
  birthFamilyName: 'Le Goff-Œuvrard',
  birthGivenNames: 'Maëlle Anne',
  usedFamilyName: 'Kaya',
  birthDate,
  sex: 'female',
  birthPlace: '2a004',
});

describe('a patient', () => {
  it('is recorded, read with the NIR in groups, and found by it whatever its spaces', async () => {
    const nir = aNir();
    const created = await call('POST', '/patients', { ...traits('1990-03-04'), nir: nir.toLowerCase() });
    expect(created.statusCode).toBe(201);
    expect(created.headers.etag).toBe('"1"');
    const { id } = created.json();
    const read = await call('GET', `/patients/${id}`);
    expect(read.json()).toMatchObject({
      birthPlace: '2A004',
      identityStatus: 'provisional',
      nir: { masked: false, ofParent: false, provisional: false },
      merged: [],
    });
    expect(read.json().nir.value.replace(/\s/g, '')).toBe(nir);
    const found = await call('POST', '/patients/search', { nir: `${nir.slice(0, 5)} ${nir.slice(5)}` });
    expect(found.json()).toMatchObject({ patients: [{ id }], more: false });
    expect(JSON.stringify(found.json())).not.toContain('nir');
    expect((await entriesOf(id)).map(({ action, route }) => [action, route])).toEqual([
      ['patient.create', 'POST /api/records/patients'],
      ['patient.read', 'GET /api/records/patients/:id'],
      ['patients.search', 'POST /api/records/patients/search'],
    ]);
  });

  it('is not shown with the whole NIR to who acts only by delegation', async () => {
    const patient = await aPatient(server.deps);
    const secretary = await signedInDelegate(server);
    const read = await call('GET', `/patients/${patient.id}`, undefined, { as: secretary });
    expect([read.statusCode, read.json().nir]).toEqual([200, expect.objectContaining({ masked: true })]);
    if (!patient.nir) throw new Error('the patient has no NIR');
    expect(read.body).not.toContain(patient.nir.slice(1, 13));
    expect((await server.app.inject({ url: `/api/records/patients/${patient.id}` })).statusCode).toBe(401);
  });

  it('may share a parent’s NIR: all who are known under it are found', async () => {
    const nir = aNir();
    const family = { nir, birthFamilyName: 'Roux' };
    const child = { ...family, ofParent: true, birthDate: '2020-02-02' };
    const known = [
      await aPatient(server.deps, { ...child, birthGivenNames: 'Noé' }),
      await aPatient(server.deps, { ...family, birthGivenNames: 'Inès' }),
      await aPatient(server.deps, { ...child, birthGivenNames: 'Abel' }),
    ];
    const found = await call('POST', '/patients/search', { nir });
    // By their names, whoever was recorded first.
    expect(found.json().patients.map(({ id }: { id: string }) => id)).toEqual(
      [2, 1, 0].map((place) => known[place]?.id),
    );
  });

  it.each([
    ['the names as written', { family: 'Le Goff-Œuvrard', given: 'Maëlle' }],
    ['no accents, no hyphen, capitals', { family: 'LE GOFF OEUVRARD', given: 'MAELLE' }],
    ['half of a double name', { family: 'œuvrard', given: 'anne' }],
    ['no space', { family: 'Legoff Oeuvrard', given: 'Maelle' }],
    ['the used name', { family: 'kaya', given: 'Maëlle' }],
    ['a slip of the finger', { family: 'Le Goff-Oeuvrrad', given: 'Mealle' }],
  ])('is found by birth date and %s', async (_, names) => {
    const patient = await aPatient(server.deps, {
      birthFamilyName: 'Le Goff-Œuvrard',
      birthGivenNames: 'Maëlle Anne',
      usedFamilyName: 'Kaya',
      birthDate: '1971-01-31',
    });
    const found = await call('POST', '/patients/search', { ...names, birthDate: '1971-01-31' });
    expect(found.json().patients.map(({ id }: { id: string }) => id)).toContain(patient.id);
    const other = await call('POST', '/patients/search', {
      ...names,
      given: 'Solène',
      birthDate: '1971-01-31',
    });
    expect(other.json().patients).toEqual([]);
  });

  it('needs a NIR or a reason to have none', async () => {
    const without = await call('POST', '/patients', traits('1955-05-05'));
    expect(without.statusCode).toBe(422);
    expect(without.json().errors).toMatchObject([{ path: '/noNirReason' }]);
    const told = await call('POST', '/patients', { ...traits('1955-05-05'), noNirReason: 'Touriste' });
    expect(told.json()).toMatchObject({ nir: null, noNirReason: 'Touriste' });
  });

  it.each([
    ['/nir', { nir: '295109912611199' }],
    ['/nir', { nir: '29510991261119' }],
    ['/birthDate', { birthDate: '2027-01-01' }],
    ['/birthDate', { birthDate: '2024-02-30' }],
    ['/birthFamilyName', { birthFamilyName: '  ' }],
    ['/birthGivenNames', { birthGivenNames: 'R2D2' }],
    ['/birthPlace', { birthPlace: 'PARIS' }],
  ])('is refused with %s at fault, and what was typed is not repeated', async (path, fault) => {
    const body = { ...traits('1956-06-06'), noNirReason: 'Aucun', ...fault };
    const refused = await call('POST', '/patients', body);
    expect(refused.statusCode).toBe(422);
    expect(refused.json().errors).toMatchObject([{ path }]);
    for (const typed of Object.values(fault).filter((each) => each.trim() !== ''))
      expect(refused.body).not.toContain(typed);
  });

  it('is said to be likely known already, until they are said to be another', async () => {
    const first = await call('POST', '/patients', { ...traits('1962-02-03'), nir: aNir() });
    const again = { ...traits('1962-02-03'), birthFamilyName: 'LE GOFF OEUVRARD', noNirReason: 'Oubliée' };
    const refused = await call('POST', '/patients', again);
    expect(refused.statusCode).toBe(409);
    expect(refused.json()).toMatchObject({ likely: [{ id: first.json().id }] });
    expect((await entriesOf(first.json().id)).map(({ action }) => action)).toEqual([
      'patient.create',
      'patients.likely',
    ]);
    const created = await call('POST', '/patients', { ...again, notThese: [first.json().id] });
    expect(created.statusCode).toBe(201);
  });

  it('recorded by two people at once is recorded once', async () => {
    const body = { ...traits('1963-03-04'), nir: aNir() };
    const answers = await Promise.all(Array.from({ length: 5 }, () => call('POST', '/patients', body)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 409, 409, 409, 409]);
  });
});

describe('a change', () => {
  it('needs the version seen, keeps what was, and names who was first when two change the same', async () => {
    const nir = aNir();
    const { id } = (await call('POST', '/patients', { ...traits('1964-04-05'), nir })).json();
    const change = { birthGivenNames: 'Maëlle Anne Rose', nir: aNir(), reason: 'Pièce d’identité vue' };
    expect((await call('PATCH', `/patients/${id}`, change)).statusCode).toBe(428);
    const answers = await Promise.all(
      [1, 2].map(() => call('PATCH', `/patients/${id}`, change, { headers: { 'if-match': '"1"' } })),
    );
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 412]);
    const refused = answers.find(({ statusCode }) => statusCode === 412);
    expect(refused?.json()).toMatchObject({
      version: 2,
      changedBy: expect.stringContaining(doctor.professional.familyName),
    });
    const history = await database.db.select().from(recordVersions).where(eq(recordVersions.recordId, id));
    expect(history).toMatchObject([
      {
        version: 1,
        change: 'correct',
        reason: change.reason,
        changedBy: doctor.professional.id,
        before: { birthGivenNames: 'Maëlle Anne' },
        after: { birthGivenNames: 'Maëlle Anne Rose', nir: 'changed' },
      },
    ]);
    expect(nirLeaks([nir, change.nir], { history: JSON.stringify(history) })).toEqual([]);
    expect((await call('POST', '/patients/search', { nir })).json().patients).toEqual([]);
    expect((await call('POST', '/patients/search', { nir: change.nir })).json().patients).toMatchObject([
      { id },
    ]);
  });
});

describe('two records of one person', () => {
  it('are merged and parted again, each with what is its own', async () => {
    const [one, other] = [await aPatient(server.deps), await aPatient(server.deps)];
    const headers = { 'if-match': '"1"' };
    const merged = await call(
      'POST',
      `/patients/${one.id}/merge`,
      { into: other.id, reason: 'Même personne' },
      { headers },
    );
    expect(merged.json()).toMatchObject({ mergedInto: other.id, version: 2 });
    expect((await call('GET', `/patients/${other.id}`)).json()).toMatchObject({ merged: [{ id: one.id }] });
    const again = await call(
      'POST',
      `/patients/${other.id}/merge`,
      { into: one.id, reason: 'En rond' },
      { headers },
    );
    expect(again.statusCode).toBe(409);
    const parted = await call(
      'POST',
      `/patients/${one.id}/unmerge`,
      { reason: 'Jumelles' },
      { headers: { 'if-match': '"2"' } },
    );
    expect(parted.json()).toMatchObject({ mergedInto: null, version: 3 });
    expect((await call('GET', `/patients/${other.id}`)).json()).toMatchObject({ merged: [] });
    expect((await entriesOf(other.id)).map(({ action }) => action)).toEqual([
      'patient.merge',
      'patient.read',
      'patient.unmerge',
      'patient.read',
    ]);
  });
});

describe('who read a record', () => {
  it('is listed latest first, the list’s own reading included', async () => {
    const patient = await aPatient(server.deps, { createdBy: doctor.professional.id });
    await call('GET', `/patients/${patient.id}`);
    const listed = await call('GET', `/patients/${patient.id}/accesses`);
    expect(listed.json().accesses).toMatchObject([
      { action: 'access.list', professional: expect.stringContaining(doctor.professional.familyName) },
      { action: 'patient.read', route: 'GET /api/records/patients/:id', onBehalfOf: null },
    ]);
  });

  it('names each structure as it was called then, beside its number', async () => {
    const called = (name: string | null) =>
      anExercise({ structure: { name, siteFiness: '750000011', legalFiness: null, siret: null } });
    const first = await signedInProfessional(server, { actingAs: called('Clinique du Parc') });
    const patient = await aPatient(server.deps, { createdBy: first.professional.id });
    await call('GET', `/patients/${patient.id}`, undefined, { as: first });
    const [stored] = await database.db
      .select()
      .from(professionals)
      .where(eq(professionals.id, first.professional.id));
    if (!stored) throw new Error('nobody signed in');
    const path = `/patients/${patient.id}/accesses`;
    for (const name of ['Pôle santé du Parc', null]) {
      clock.advance(60_000);
      const later = await signInAs(server, stored, called(name));
      await call('GET', `/patients/${patient.id}`, undefined, { as: later });
    }
    const names = async () => {
      const listed = await call('GET', path, undefined, { as: first });
      const told: readonly Record<string, unknown>[] = listed.json().accesses;
      return told.map(({ structure, structureName }) => [structure, structureName]).slice(-3);
    };
    const [before, after] = ['Clinique du Parc', 'Pôle santé du Parc'];
    const number = '750000011';
    expect(await names()).toEqual([
      [number, after],
      [number, after],
      [number, before],
    ]);
    // What was logged before any name was kept is called as it was told later; without any, its number stays.
    const theirs = eq(structuresActedFor.professionalId, stored.id);
    await database.db.delete(structuresActedFor).where(and(theirs, eq(structuresActedFor.name, before)));
    expect(await names()).toEqual(Array(3).fill([number, after]));
    await database.db.delete(structuresActedFor).where(theirs);
    expect(await names()).toEqual(Array(3).fill([number, null]));
  });

  it('is told by who follows the patient in their own right, and by nobody else; the refusal is logged', async () => {
    const patient = await aPatient(server.deps, { createdBy: doctor.professional.id });
    const statusFor = async (who: SignedInProfessional, id = patient.id) =>
      (await ask(server, who, 'GET', `/api/records/patients/${id}/accesses`)).statusCode;
    const nurse = await signedInProfessional(server, kinds.hospitalNurse());
    const secretary = await signedInDelegate(server);
    expect([await statusFor(doctor), await statusFor(nurse), await statusFor(secretary)]).toEqual([
      200, 403, 403,
    ]);
    const refused = await ask(server, nurse, 'GET', `/api/records/patients/${patient.id}/accesses`);
    expect(refused.json()).toMatchObject({ type: '/problems/accesses-not-theirs' });
    expect(refused.body).not.toContain(doctor.professional.familyName);
    expect((await entriesOf(patient.id)).map(({ action }) => action)).toEqual([
      'access.list',
      ...Array(3).fill('access.refuse'),
    ]);
    // Once she has given a dose, she follows the patient, also when the record is merged into another.
    const place = { kind: 'establishment', finess: '750000011', name: 'Centre hospitalier' };
    await recordedInjection(server, nurse, patient.id, { place });
    expect(await statusFor(nurse)).toBe(200);
    const into = await aPatient(server.deps);
    expect(await statusFor(nurse, into.id)).toBe(403);
    await database.db.update(patients).set({ mergedInto: into.id }).where(eq(patients.id, patient.id));
    expect(await statusFor(nurse, into.id)).toBe(200);
  });

  it('cannot be noted: then nothing is shown', async () => {
    const patient = await aPatient(server.deps);
    await database.db.execute(
      sql`alter table access_log add constraint out_of_order check (false) not valid`,
    );
    try {
      for (const refused of [
        await call('GET', `/patients/${patient.id}`),
        await call('POST', '/patients/search', { nir: patient.nir }),
        await call('GET', `/patients/${patient.id}/accesses`),
        await call(
          'PATCH',
          `/patients/${patient.id}`,
          { sex: 'male', reason: 'Erreur' },
          { headers: { 'if-match': '*' } },
        ),
      ]) {
        expect(refused.statusCode).toBe(503);
        expect(refused.json()).toMatchObject({ type: '/problems/access-not-logged' });
        expect(refused.body).not.toContain(patient.birthFamilyName);
      }
    } finally {
      await database.db.execute(sql`alter table access_log drop constraint out_of_order`);
    }
    expect((await call('GET', `/patients/${patient.id}`)).json()).toMatchObject({
      sex: 'female',
      version: 1,
    });
  });
});

describe('a NIR', () => {
  it('is in no log, no error and nowhere in the database but sealed', async () => {
    const nir = aNir();
    const sink = logSink();
    const app = await buildApp({ ...server.deps, log: sink.log });
    const bodies: string[] = [];
    const send = async (method: 'POST' | 'PATCH', url: string, payload: object, headers = {}) => {
      const answer = await app.inject({
        method,
        url: `/api/records${url}`,
        headers: { cookie: doctor.cookie, ...headers },
        payload,
      });
      if (answer.statusCode >= 400) bodies.push(answer.body);
      return answer;
    };
    const { id } = (await send('POST', '/patients', { ...traits('1931-01-01'), nir })).json();
    await send('POST', '/patients', { ...traits('1931-01-01'), nir });
    await send('POST', '/patients', { ...traits('1931-01-01'), nir: `${nir}1` });
    await send('POST', '/patients/search', { nir: nir.slice(0, 14) });
    await send('POST', '/patients/search', { nir, [nir]: nir });
    await send('POST', '/patients/search', { nir: [nir] });
    await send(
      'PATCH',
      `/patients/${id}`,
      { nir: `${nir.slice(0, 13)}00`, reason: 'x' },
      { 'if-match': '"1"' },
    );
    await database.db.execute(
      sql`alter table access_log add constraint out_of_order check (false) not valid`,
    );
    await send('POST', '/patients/search', { nir });
    await send('POST', '/patients', { ...traits('1932-01-01'), nir, notThese: [id] });
    await database.db.execute(sql`alter table access_log drop constraint out_of_order`);
    await app.close();
    expect(bodies).toHaveLength(8);
    const everywhere = { log: sink.text(), ...(await databaseAsText(database.db)) };
    expect(sink.text()).toContain('/api/records/patients/search');
    expect(nirLeaks([nir], everywhere)).toEqual([]);
    expect(nirLeaks([nir], Object.fromEntries(bodies.entries()))).toEqual([]);
    expect(await database.db.select().from(patientNirs).where(eq(patientNirs.patientId, id))).toHaveLength(1);
  });

  it('would be seen if it were there, in groups or in an address', () => {
    const nir = '295109912611193';
    expect(
      nirLeaks([nir], {
        a: `x${nir}`,
        b: '2 95 10 99 126 111',
        c: '2%2095%2010%2099%20126%20111',
        d: '2951',
      }),
    ).toEqual(['a', 'b', 'c']);
  });
});
