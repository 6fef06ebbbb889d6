import { eq } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  aPatient,
  firstDose,
  fitConsultation,
  type Json,
  loggedActions,
  recordsCaller,
} from '#server/testing/acts.ts';
import { kinds, type SignedInProfessional, signedInProfessional } from '#server/testing/professionals.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { directoryStructures } from '../../directory/directory.table.ts';
import { injections } from './acts.table.ts';

const database = testDatabase();
const server = testApp(database);

let doctor: SignedInProfessional;
let call: ReturnType<typeof recordsCaller>;

beforeAll(async () => {
  doctor = await signedInProfessional(server);
  call = recordsCaller(server, doctor);
});

const aFile = async () => (await aPatient(database.db, doctor.professional)).id;
const inject = (patientId: string, changes: Json = {}, headers: Record<string, string> = {}) =>
  call('POST', `patients/${patientId}/injections`, { ...firstDose, ...changes }, headers);
const logged = (patientId: string) => loggedActions(database.db, patientId);
const stored = (patientId: string) =>
  database.db.select().from(injections).where(eq(injections.patientId, patientId));

describe('recording an injection', () => {
  it('stores it with its three names, its ETag and its entry in the access log', async () => {
    const patientId = await aFile();
    const { status, body, headers } = await inject(patientId);
    expect(status).toBe(201);
    expect(headers.etag).toBe('"1"');
    expect(headers.location).toBe(`/api/records/patients/${patientId}/injections/${body.id}`);
    expect(body).toMatchObject({
      version: 1,
      state: 'recorded',
      vaccine: 'comirnaty',
      lot: 'FK1234',
      findings: [],
    });
    const me = { nationalIdentifier: doctor.professional.nationalIdentifier };
    expect(body).toMatchObject({ performedBy: me, enteredBy: me, validatedBy: me, delegationId: null });
    expect(await stored(patientId)).toHaveLength(1);
    expect(await logged(patientId)).toEqual(['injection.create']);
  });

  it.each([
    ['the future', { occurredAt: '2026-11-23T10:30:00+01:00' }, '/occurredAt'],
    ['before birth', { occurredAt: '1950-01-01T10:00:00+01:00' }, '/occurredAt'],
    ['an unknown vaccine', { vaccine: 'panacea' }, '/vaccine'],
    ['no vaccine', { vaccine: '' }, '/vaccine'],
    ['no lot', { lot: '' }, '/lot'],
    ['an expired lot', { lotExpiry: '2026-11-22' }, '/lotExpiry'],
    ['an establishment without FINESS', { place: { kind: 'establishment' } }, '/place/finess'],
    ['a FINESS that is none', { place: { kind: 'practice', finess: '12' } }, '/place/finess'],
    ['a second dose that day without saying why', { notADuplicate: true }, '/overrideReason'],
    ['a scan that cannot be read', { scan: 'hello' }, '/scan'],
    ["another's consultation", { consultationId: '6c0c8d4e-0000-4000-8000-000000000000' }, '/consultationId'],
  ])('refuses %s, and names the field', async (_, changes, path) => {
    const patientId = await aFile();
    const { status, body } = await inject(patientId, changes);
    expect(status).toBe(422);
    expect(body.errors).toEqual([expect.objectContaining({ path })]);
    expect(await stored(patientId)).toEqual([]);
  });

  it.each([
    ['an offset without minutes', { occurredAt: '2026-11-20T10:00:00+01' }, '/occurredAt'],
    ['a leap second', { occurredAt: '2026-11-20T23:59:60Z' }, '/occurredAt'],
    ['no offset', { occurredAt: '2026-11-20T10:00:00' }, '/occurredAt'],
    ['a day that there is not', { occurredAt: '2026-02-30T10:00:00Z' }, '/occurredAt'],
    ['the year 0', { lotExpiry: '0000-01-01', overrideReason: 'Essai' }, '/lotExpiry'],
  ])('refuses %s as no instant or day', async (_, changes, path) => {
    const { status, body } = await inject(await aFile(), changes);
    expect([status, body.errors]).toEqual([400, [expect.objectContaining({ path })]]);
  });

  it('takes an instant in any of the ways in which RFC 3339 writes it', async () => {
    for (const occurredAt of ['2026-11-20t10:00:00.5z', '2026-11-20 11:00:00+0100'])
      expect((await inject(await aFile(), { occurredAt })).status).toBe(201);
  });

  it('takes an expired lot with a reason', async () => {
    const { status } = await inject(await aFile(), {
      lotExpiry: '2026-11-22',
      overrideReason: 'Péremption prolongée',
    });
    expect(status).toBe(201);
  });

  it('takes a lot that expires on that very day, and a rank above the total', async () => {
    const { status } = await inject(await aFile(), { lotExpiry: '2026-11-23', doseRank: 3, doseTotal: 2 });
    expect(status).toBe(201);
  });

  it('warns of a FINESS whose key is wrong, and takes it', async () => {
    const place = { kind: 'establishment', finess: '750000012' };
    const { status, body } = await inject(await aFile(), { place });
    expect(status).toBe(201);
    expect(body.warnings).toEqual([expect.objectContaining({ path: '/place/finess' })]);
  });

  it('reads lot, expiry and GTIN from a scan', async () => {
    const scan = '010340093000012017270331' + '10fk99\u001d21A1';
    const { lot: _, lotExpiry: __, ...dose } = firstDose;
    const patientId = await aFile();
    const { status, body } = await call('POST', `patients/${patientId}/injections`, { ...dose, scan });
    expect([status, body.lot, body.lotExpiry, body.gtin, body.serial]).toEqual([
      201,
      'FK99',
      '2027-03-31',
      '03400930000120',
      'A1',
    ]);
  });

  it('refuses unknown fields, unknown patients and merged ones', async () => {
    expect((await inject(await aFile(), { colour: 'blue' })).status).toBe(400);
    expect((await inject('6c0c8d4e-0000-4000-8000-000000000000')).status).toBe(404);
    const kept = await aFile();
    const merged = await aPatient(database.db, doctor.professional, { mergedInto: kept });
    const refused = await inject(merged.id);
    expect([refused.status, refused.body.patient]).toEqual([409, kept]);
  });

  it('says what the dose rules say until a reason is given, and keeps both', async () => {
    const patientId = await aFile();
    await inject(patientId, { occurredAt: '2026-11-13T09:00:00+01:00' });
    const refused = await inject(patientId, { doseRank: 2 });
    expect(refused.status).toBe(422);
    expect(refused.body.type).toBe('/problems/dose-findings');
    const finding = {
      kind: 'minimum_interval',
      severity: 'warning',
      explanation: expect.stringMatching(/n’est séparée de celle-ci que de 10\sjours/),
    };
    expect(refused.body.findings).toEqual([expect.objectContaining(finding)]);
    const taken = await inject(patientId, { doseRank: 2, overrideReason: 'Départ en mission' });
    expect(taken.status).toBe(201);
    expect(taken.body).toMatchObject({ overrideReason: 'Départ en mission', findings: [finding] });
    // What was told of the record without anything being recorded is logged too.
    expect(await logged(patientId)).toEqual(['injection.create', 'injection.check', 'injection.create']);
  });
});

describe('the same injection entered again', () => {
  it('is one under twenty parallel sendings of one key, each answered alike', async () => {
    const patientId = await aFile();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => inject(patientId, {}, { 'idempotency-key': 'a-key-of-mine' })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(19);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(await stored(patientId)).toHaveLength(1);
    expect(await logged(patientId)).toHaveLength(20);
  });

  it('refuses a key that stood for something else', async () => {
    const key = { 'idempotency-key': 'another-key' };
    await inject(await aFile(), {}, key);
    expect((await inject(await aFile(), {}, key)).status).toBe(422);
  });

  it('is recognised without a key, also by two at once, and the first is shown', async () => {
    const patientId = await aFile();
    const other = recordsCaller(server, await signedInProfessional(server));
    const path = `patients/${patientId}/injections`;
    const answers = await Promise.all([call('POST', path, firstDose), other('POST', path, firstDose)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    const [won, lost] = answers.sort((a, b) => a.status - b.status);
    expect(lost?.body.first).toMatchObject({ id: won?.body.id, lot: 'FK1234' });
    expect(await stored(patientId)).toHaveLength(1);
  });

  it('is two doses for whoever says so and why', async () => {
    const patientId = await aFile();
    await inject(patientId);
    expect((await inject(patientId, { overrideReason: 'Deux doses' })).status).toBe(409);
    const again = await inject(patientId, { notADuplicate: true, overrideReason: 'Deux doses' });
    expect([again.status, again.body.notADuplicate]).toEqual([201, true]);
  });
});

describe('the FINESS number of a place', () => {
  const at = (finess: string) => ({ place: { kind: 'establishment', finess } });
  const told = async (finess: string, by = call, act: 'injections' | 'consultations' = 'injections') => {
    const body = act === 'injections' ? firstDose : fitConsultation;
    const { status, body: answer } = await by('POST', `patients/${await aFile()}/${act}`, {
      ...body,
      ...at(finess),
    });
    const warnings = (answer.warnings as readonly Json[]).map(({ path, message }) => [path, message]);
    return [status, ...warnings.flat()];
  };
  const unknown = expect.stringContaining('annuaire');

  it('is told of when the directory knows none such, but for one’s own, and never refused', async () => {
    expect(await told('750000044')).toEqual([201]);
    await database.db.insert(directoryStructures).values([{ finess: '750000028' }, { finess: '2A0000012' }]);
    const nurse = recordsCaller(server, await signedInProfessional(server, kinds.hospitalNurse()));
    expect(await told('750000028')).toEqual([201]);
    expect(await told('2a 000 001 2')).toEqual([201]);
    for (const act of ['injections', 'consultations'] as const) {
      expect(await told('750000036', call, act)).toEqual([201, '/place/finess', unknown]);
    }
    // One's own site, whose key is wrong besides: that alone is told.
    const key = expect.stringContaining('clé');
    expect(await told('750000011', nurse)).toEqual([201, '/place/finess', key]);
    // A wrong key is told of once.
    expect(await told('750000037')).toEqual([201, '/place/finess', key]);
    await database.db.delete(directoryStructures);
    expect(await told('750000036')).toEqual([201]);
  });

  it('is told of in a correction too', async () => {
    await database.db.insert(directoryStructures).values({ finess: '750000028' });
    for (const [act, body] of [
      ['injections', firstDose],
      ['consultations', fitConsultation],
    ] as const) {
      const path = `patients/${await aFile()}/${act}`;
      const made = await call('POST', path, { ...body, ...at('750000028') });
      const correct = async (correction: object, version: string) => {
        const sent = { ...correction, reason: 'Lieu mal lu' };
        const { status, body: answer } = await call('PATCH', `${path}/${made.body.id}`, sent, {
          'if-match': version,
        });
        const warnings = answer.warnings as readonly Json[];
        return [status, ...warnings.flatMap(({ path: where, message }) => [where, message])];
      };
      expect(await correct(at('750000036'), '"1"')).toEqual([200, '/place/finess', unknown]);
      expect(await correct(at('750000028'), '"2"')).toEqual([200]);
    }
    await database.db.delete(directoryStructures);
  });
});

it('a nurse of a hospital records with the FINESS of her site', async () => {
  const nurse = recordsCaller(server, await signedInProfessional(server, kinds.hospitalNurse()));
  const place = { kind: 'establishment', finess: '750 000 011' };
  const { status, body } = await nurse('POST', `patients/${await aFile()}/injections`, {
    ...firstDose,
    place,
  });
  expect([status, body.place]).toEqual([201, { kind: 'establishment', finess: '750000011', name: null }]);
});
