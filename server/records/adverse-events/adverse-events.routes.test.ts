import { PDFiumLibrary } from '@hyzyla/pdfium';
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { directoryStructures } from '#server/directory/directory.table.ts';
import { aPatient } from '#server/testing/patients.ts';
import { anExercise, kinds, signedInProfessional, signedInRole } from '#server/testing/professionals.ts';
import { anInjectionBody, ask, recordedInjection } from '#server/testing/record-requests.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { accessLog } from '../access-log/access-log.table.ts';
import { recordVersions } from '../acts/acts.table.ts';

const database = testDatabase();
const server = testApp(database);

const mild = {
  onset: '2026-11-20T18:30:00+01:00',
  description: 'Fièvre à 39 °C, céphalées – œdème léger du bras',
  serious: false,
  outcome: 'recovering',
};

async function injected() {
  const doctor = await signedInProfessional(server);
  const patient = await aPatient(server.deps);
  const injectionId = await recordedInjection(server, doctor, patient.id);
  return { doctor, patient, injectionId, url: `/api/records/patients/${patient.id}/adverse-events` };
}

async function declared(more: Record<string, unknown> = {}) {
  const known = await injected();
  const body = { ...mild, injectionId: known.injectionId, ...more };
  const response = await ask(server, known.doctor, 'POST', known.url, body);
  expect(response.statusCode, response.body).toBe(201);
  return { ...known, event: response.json(), one: `${known.url}/${response.json().id}` };
}

describe('an adverse event', () => {
  it('is declared from its injection, three names on it, and logged', async () => {
    const { doctor, patient, event } = await declared({ lotSuspected: true });
    expect(event).toMatchObject({
      state: 'recorded',
      version: 1,
      description: mild.description,
      onset: '2026-11-20T17:30:00.000Z',
      injection: { vaccine: 'comirnaty', lot: 'FE4721' },
      lotSuspected: true,
      declaration: { state: 'draft', sentAt: null },
      performedBy: { nationalIdentifier: doctor.professional.nationalIdentifier },
      enteredBy: { nationalIdentifier: doctor.professional.nationalIdentifier },
      validatedBy: { nationalIdentifier: doctor.professional.nationalIdentifier },
    });
    const log = await database.db.select().from(accessLog).where(eq(accessLog.patientId, patient.id));
    expect(log.map(({ action }) => action)).toContain('adverse_event.create');
  });

  it('tells what is doubtful in a place that is given, and nothing of the injection’s own', async () => {
    const { doctor, url, injectionId } = await injected();
    await database.db.insert(directoryStructures).values({ finess: '750000028' });
    const told = async (more: Record<string, unknown>) => {
      const response = await ask(server, doctor, 'POST', url, { ...mild, injectionId, ...more });
      const { warnings } = response.json();
      return [response.statusCode, ...warnings.map(({ path }: { path: string }) => path)];
    };
    const at = (finess: string) => ({ place: { kind: 'establishment', finess } });
    expect(await told(at('750000036'))).toEqual([201, '/place/finess']);
    expect(await told(at('750000028'))).toEqual([201]);
    expect(await told({})).toEqual([201]);
    await database.db.delete(directoryStructures);
  });

  it('sent twice with its key is declared once', async () => {
    const { doctor, url, injectionId } = await injected();
    const headers = { 'idempotency-key': 'a-key-of-the-caller' };
    const send = () => ask(server, doctor, 'POST', url, { ...mild, injectionId }, headers);
    const [one, other] = [await send(), await send()];
    expect([one.statusCode, other.statusCode, other.json().id]).toEqual([201, 200, one.json().id]);
  });

  it.each([
    [{ onset: '2026-11-20T09:59:59+01:00' }, '/onset'],
    [{ onset: '2026-11-24T10:00:00+01:00' }, '/onset'],
    [{ serious: true }, '/criteria'],
    [{ criteria: ['disability'] }, '/criteria'],
    [{ serious: true, criteria: ['hospitalisation'] }, '/hospitalisedFrom'],
    [{ hospitalisedFrom: '2026-11-21' }, '/hospitalisedFrom'],
    [{ serious: true, criteria: ['hospitalisation'], hospitalisedFrom: '2026-11-19' }, '/hospitalisedFrom'],
    [
      {
        serious: true,
        criteria: ['hospitalisation'],
        hospitalisedFrom: '2026-11-22',
        hospitalisedTo: '2026-11-21',
      },
      '/hospitalisedTo',
    ],
    [{ serious: true, criteria: ['death'], outcome: 'fatal' }, '/diedOn'],
    [{ serious: true, criteria: ['death'], diedOn: '2026-11-21' }, '/outcome'],
    [{ outcome: 'fatal' }, '/outcome'],
    [{ endedOn: '2026-11-21' }, '/endedOn'],
    [{ outcome: 'recovered', endedOn: '2026-11-19' }, '/endedOn'],
    [{ pregnancyWeeks: 12 }, '/pregnancyWeeks'],
  ])('that contradicts itself is refused: %j', async (more, path) => {
    const { doctor, url, injectionId } = await injected();
    const response = await ask(server, doctor, 'POST', url, { ...mild, ...more, injectionId });
    expect([response.statusCode, response.json().errors?.[0]?.path]).toEqual([422, path]);
  });

  it('is corrected, set aside and restored, each with its history', async () => {
    const { doctor, patient, one, event } = await declared();
    const change = (method: 'PATCH' | 'DELETE' | 'POST', to: string, body: object, version: number) =>
      ask(server, doctor, method, `${one}${to}`, body, { 'if-match': `"${version}"` });
    const reason = 'Le récit était incomplet';
    const corrected = await change('PATCH', '', { reason, outcome: 'recovered', endedOn: '2026-11-22' }, 1);
    expect([corrected.statusCode, corrected.headers.etag, corrected.json().endedOn]).toEqual([
      200,
      '"2"',
      '2026-11-22',
    ]);
    expect((await change('PATCH', '', { reason, outcome: 'unknown' }, 1)).json()).toMatchObject({
      type: '/problems/stale-record',
      status: 412,
      version: 2,
    });
    expect((await change('DELETE', '', { reason }, 2)).json().state).toBe('entered_in_error');
    expect((await change('PATCH', '', { reason, outcome: 'unknown' }, 3)).statusCode).toBe(409);
    expect((await change('POST', '/restore', { reason }, 3)).json().state).toBe('recorded');
    // Nothing is left to do the second time, but it is shown.
    const logged = () => database.db.$count(accessLog, eq(accessLog.patientId, patient.id));
    const before = await logged();
    expect((await change('POST', '/restore', { reason }, 4)).json().version).toBe(4);
    expect(await logged()).toBe(before + 1);
    const history = await database.db
      .select()
      .from(recordVersions)
      .where(eq(recordVersions.recordId, event.id))
      .orderBy(recordVersions.version);
    expect(history.map(({ version, change: done }) => [version, done])).toEqual([
      [1, 'correct'],
      [2, 'enter_in_error'],
      [3, 'restore'],
    ]);
    expect(history[0]).toMatchObject({
      reason,
      before: { outcome: 'recovering' },
      after: { outcome: 'recovered' },
    });
  });

  it('without If-Match is not changed', async () => {
    const { doctor, one } = await declared();
    const response = await ask(server, doctor, 'PATCH', one, { reason: 'parce que', outcome: 'unknown' });
    expect(response.statusCode).toBe(428);
  });

  it('is sent, then acknowledged, with who and when; corrected, it is to be sent again', async () => {
    const { doctor, one } = await declared();
    const move = (body: object, version: number) =>
      ask(server, doctor, 'POST', `${one}/declaration`, body, { 'if-match': `"${version}"` });
    expect((await move({ state: 'acknowledged' }, 1)).json().type).toBe('/problems/declaration-state');
    expect((await move({ state: 'sent' }, 1)).json().declaration).toMatchObject({
      state: 'sent',
      sentAt: server.clock.now().toISOString(),
      sentBy: { nationalIdentifier: doctor.professional.nationalIdentifier },
    });
    expect(
      (await move({ state: 'acknowledged', acknowledgement: 'PV-2026-17' }, 2)).json().declaration,
    ).toMatchObject({
      state: 'acknowledged',
      acknowledgement: 'PV-2026-17',
      acknowledgedBy: { nationalIdentifier: doctor.professional.nationalIdentifier },
    });
    const headers = { 'if-match': '"3"' };
    const body = { reason: 'Nouvelle évolution', outcome: 'recovered' };
    const corrected = await ask(server, doctor, 'PATCH', one, body, headers);
    expect(corrected.json().declaration.state).toBe('draft');
  });

  it('is a document for the centre: JSON with initials and no NIR, and a PDF with its accents', async () => {
    const { doctor, one, patient } = await declared({
      serious: true,
      criteria: ['hospitalisation'],
      hospitalisedFrom: '2026-11-21',
      terms: [{ system: 'https://www.meddra.org', code: '10037660', display: 'Fièvre' }],
    });
    const json = await ask(server, doctor, 'GET', `${one}/declaration.json`);
    expect(json.json()).toMatchObject({
      patient: { familyName: 'Mor', givenName: 'C', birthDate: '1984-05-12' },
      vaccine: { name: 'Comirnaty', emaNumber: 'EU/1/20/1528', lot: 'FE4721', rank: '1/2' },
      event: { daysAfterDose: 0, criteria: ['hospitalisation'], terms: [{ code: '10037660' }] },
    });
    expect(json.body).not.toContain(patient.nir ?? '?');
    expect(json.body).not.toContain(patient.birthFamilyName);
    const pdf = await ask(server, doctor, 'GET', `${one}/declaration.pdf`);
    expect(pdf.headers['content-type']).toBe('application/pdf');
    const library = await PDFiumLibrary.init();
    const opened = await library.loadDocument(pdf.rawPayload);
    const text = [...opened.pages()].map((page) => page.getText()).join('\n');
    expect(text).toContain('Déclaration d’effet indésirable');
    expect(text).toContain('œdème léger');
    expect(text).toContain('21 novembre 2026');
    library.destroy();
  });

  it('is recalled before the next dose', async () => {
    const { doctor, patient } = await declared();
    server.clock.set('2026-12-20T10:00:00+01:00');
    const url = `/api/records/patients/${patient.id}/injections`;
    const second = anInjectionBody({ occurredAt: '2026-12-20T09:00:00+01:00', doseRank: 2 });
    const again = await signedInProfessional(server);
    const response = await ask(server, again, 'POST', url, second);
    server.clock.set('2026-11-23T10:00:00+01:00');
    expect(response.statusCode, response.body).toBe(422);
    expect(response.json().findings).toMatchObject([{ rule: 'earlier-event', severity: 'warning' }]);
    expect(doctor.professional.id).not.toBe(again.professional.id);
  });

  it('of a stranger is changed by nobody else', async () => {
    const { one } = await declared();
    const other = await signedInProfessional(server);
    const headers = { 'if-match': '"1"' };
    const body = { reason: 'pas le mien', outcome: 'unknown' };
    expect((await ask(server, other, 'PATCH', one, body, headers)).statusCode).toBe(403);
  });
});

describe('every endpoint, for every kind of professional', () => {
  const endpoints = [
    ['GET', '', 'read'],
    ['POST', '', 'declare'],
    ['GET', '/item', 'read'],
    ['PATCH', '/item', 'change'],
    ['DELETE', '/item', 'change'],
    ['POST', '/item/restore', 'change'],
    ['POST', '/item/validate', 'validate'],
    ['POST', '/item/declaration', 'change'],
    ['GET', '/item/declaration.json', 'read'],
    ['GET', '/item/declaration.pdf', 'read'],
  ] as const;
  const roles = {
    nobody: { read: 401, declare: 401, change: 401, validate: 401 },
    // 403 where somebody else's act is changed, or where a right is lacking; 201 and 200 where allowed.
    independentDoctor: { read: 200, declare: 201, change: 403, validate: 403 },
    hospitalNurse: { read: 200, declare: 201, change: 403, validate: 403 },
    pharmacist: { read: 200, declare: 201, change: 403, validate: 403 },
    secretary: { read: 200, declare: 403, change: 403, validate: 403 },
    undelegated: { read: 403, declare: 403, change: 403, validate: 403 },
    standIn: { read: 403, declare: 403, change: 403, validate: 403 },
  } as const;
  const table = Object.entries(roles).flatMap(([role, expected]) =>
    endpoints.map(([method, path, kind]) => [role, method, path, expected[kind]] as const),
  );

  it.each(table)('%s: %s %s answers %i', async (role, method, path, status) => {
    const { one, url, injectionId } = await declared();
    const who = await signedInRole(server, role as keyof typeof roles);
    const bodies: Record<string, object> = {
      'POST ': { ...mild, injectionId },
      'PATCH /item': { reason: 'raison', outcome: 'unknown' },
      'DELETE /item': { reason: 'raison' },
      'POST /item/restore': { reason: 'raison' },
      'POST /item/declaration': { state: 'sent' },
    };
    const address = path.startsWith('/item') ? `${one}${path.slice('/item'.length)}` : url;
    const headers = { 'if-match': '"1"' };
    const response = await ask(server, who, method, address, bodies[`${method} ${path}`], headers);
    expect(response.statusCode, response.body).toBe(status);
  });
});

it('is validated behind the door of the acts, whoever may declare it besides', async () => {
  const { one, patient } = await declared();
  const shut = {
    student: { columns: { profession: '10', category: 'E' }, actingAs: anExercise({ category: 'E' }) },
    masseur: { columns: { profession: '70' }, actingAs: anExercise({ profession: '70' }) },
    secretary: kinds.secretary(),
  };
  for (const [role, kind] of Object.entries(shut)) {
    const who = await signedInProfessional(server, kind);
    const refused = await ask(server, who, 'POST', `${one}/validate`, undefined, { 'if-match': '"1"' });
    expect([role, refused.statusCode, refused.json().right]).toEqual([role, 403, 'record.validate']);
    const page = `/dossiers/${patient.id}/effets/${one.split('/').at(-1)}/valider`;
    const form = await server.app.inject({
      method: 'POST',
      url: page,
      headers: { cookie: who.cookie, 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'version=1',
    });
    expect([role, form.statusCode]).toEqual([role, 403]);
    // The door did not open: nothing of the record was read.
    const reads = await database.db.$count(accessLog, eq(accessLog.professionalId, who.professional.id));
    expect([role, reads]).toEqual([role, 0]);
  }
});
