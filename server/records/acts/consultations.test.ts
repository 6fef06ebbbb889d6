import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eq, sql } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import { aPatient, firstDose, fitConsultation, type Json, recordsCaller } from '#server/testing/acts.ts';
import { kinds, type SignedInProfessional, signedInProfessional } from '#server/testing/professionals.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { migrationsFolder } from '../../database/migrate.ts';
import { accessLog } from '../access-log/access-log.table.ts';
import { consultations } from './acts.table.ts';

const database = testDatabase();
const server = testApp(database);

let nurse: SignedInProfessional;
let call: ReturnType<typeof recordsCaller>;

beforeAll(async () => {
  nurse = await signedInProfessional(server, kinds.hospitalNurse());
  call = recordsCaller(server, nurse);
});

const aFile = async () => (await aPatient(database.db, nurse.professional)).id;
const consult = (patientId: string, changes: Json = {}) =>
  call('POST', `patients/${patientId}/consultations`, { ...fitConsultation, ...changes });

describe('who consents for a patient', () => {
  const representative = { name: 'Lou Durand — Petit', capacity: 'mère' };
  const stored = async (id: unknown) => {
    const [row] = await database.db
      .select({ name: consultations.representativeName, capacity: consultations.representativeCapacity })
      .from(consultations)
      .where(eq(consultations.id, String(id)));
    return row;
  };

  it('has a name and a capacity, each kept by itself, and the history says what each was', async () => {
    const patientId = await aFile();
    const { body } = await consult(patientId, { consent: 'representative', representative });
    expect(await stored(body.id)).toEqual(representative);
    const path = `patients/${patientId}/consultations/${body.id}`;
    const changed = { representative: { ...representative, capacity: 'tutrice' }, reason: 'Mal lu' };
    await call('PATCH', path, changed, { 'if-match': '"1"' });
    const { representative: read, history } = (await call('GET', path)).body;
    expect(read).toEqual(changed.representative);
    expect(history).toMatchObject([
      { before: { representative_capacity: 'mère' }, after: { representative_capacity: 'tutrice' } },
    ]);
    await call('PATCH', path, { consent: 'patient', reason: 'Mal lu' }, { 'if-match': '"2"' });
    expect(await stored(body.id)).toEqual({ name: null, capacity: null });
  });

  it.each([
    ['Lou Durand — mère', 'Lou Durand', 'mère'],
    ['Lou — Durand — personne de confiance', 'Lou — Durand', 'personne de confiance'],
    ['Lou Durand', 'Lou Durand', null],
    ['Lou Durand — ', 'Lou Durand — ', null],
    [' — mère', ' — mère', null],
    ['Lou Durand—mère', 'Lou Durand—mère', null],
  ])('is told apart where %j stood in one column, or left whole', async (joined, name, capacity) => {
    const { body } = await consult(await aFile(), { consent: 'representative', representative });
    const former = { representativeName: joined, representativeCapacity: null };
    await database.db
      .update(consultations)
      .set(former)
      .where(eq(consultations.id, String(body.id)));
    const file = join(migrationsFolder, '0026_capacity_of_representatives.sql');
    const [, update = ''] = readFileSync(file, 'utf8').split('--> statement-breakpoint');
    await database.db.execute(sql.raw(update));
    expect(await stored(body.id)).toEqual({ name, capacity });
  });
});

describe('a consultation', () => {
  it('keeps questionnaire, consent, decision, place and names, and is logged', async () => {
    const patientId = await aFile();
    const { status, body, headers } = await consult(patientId, {
      questionnaire: { pastInfectionDate: '2026-01-10', allergies: ' Pénicilline ' },
      consent: 'representative',
      representative: { name: 'Lou Durand', capacity: 'mère' },
      decision: 'deferred',
      deferredUntil: '2026-12-24',
    });
    expect([status, headers.etag]).toEqual([201, '"1"']);
    expect(body).toMatchObject({
      questionnaire: {
        pastInfection: true,
        pastInfectionDate: '2026-01-10',
        allergies: 'Pénicilline',
        fever: null,
      },
      representative: { name: 'Lou Durand', capacity: 'mère' },
      decision: 'deferred',
      deferredUntil: '2026-12-24',
      performedBy: { nationalIdentifier: nurse.professional.nationalIdentifier },
    });
    const read = await call('GET', `patients/${patientId}/consultations/${body.id}`);
    const { warnings: _, ...recorded } = body;
    expect(read.body).toEqual({ ...recorded, history: [] });
    const log = await database.db
      .select()
      .from(accessLog)
      .where(eq(accessLog.patientId, patientId))
      .orderBy(accessLog.place);
    expect(log.map(({ action }) => action)).toEqual(['consultation.create', 'consultation.read']);
  });

  it.each([
    ['fit without consent', { consent: 'none' }, '/consent'],
    ['an opposition with consent', { decision: 'opposed' }, '/consent'],
    ['a representative without name', { consent: 'representative' }, '/representative/name'],
    [
      'a representative without capacity',
      { consent: 'representative', representative: { name: 'Lou', capacity: ' ' } },
      '/representative/capacity',
    ],
    ['a deferral without a day', { decision: 'deferred' }, '/deferredUntil'],
    ['a deferral into the past', { decision: 'deferred', deferredUntil: '2026-11-23' }, '/deferredUntil'],
    [
      'an infection to come',
      { questionnaire: { pastInfectionDate: '2026-11-24' } },
      '/questionnaire/pastInfectionDate',
    ],
    [
      'an infection that is denied and dated',
      { questionnaire: { pastInfection: false, pastInfectionDate: '2026-01-01' } },
      '/questionnaire/pastInfectionDate',
    ],
    ['the future', { occurredAt: '2026-11-24T09:00:00+01:00' }, '/occurredAt'],
  ])('refuses %s', async (_, changes, path) => {
    const { status, body } = await consult(await aFile(), changes);
    expect(status).toBe(422);
    expect((body.errors as readonly { path: string }[]).map((each) => each.path)).toContain(path);
  });

  it('that finds a contraindication is told before the next dose', async () => {
    const patientId = await aFile();
    await consult(patientId, { decision: 'contraindicated' });
    const { status, body } = await call('POST', `patients/${patientId}/injections`, firstDose);
    expect([status, body.findings]).toEqual([422, [expect.objectContaining({ kind: 'contraindicated' })]]);
  });

  it('is corrected and set aside with its history', async () => {
    const patientId = await aFile();
    const { body } = await consult(patientId);
    const path = `patients/${patientId}/consultations/${body.id}`;
    const change = { decision: 'contraindicated', reason: 'Allergie retrouvée' };
    const changed = await call('PATCH', path, change, { 'if-match': '"1"' });
    expect(changed.body).toMatchObject({ decision: 'contraindicated', version: 2 });
    expect((await call('PATCH', path, change, { 'if-match': '"1"' })).status).toBe(412);
    await call('DELETE', path, { reason: 'Autre patient' }, { 'if-match': '"2"' });
    await call('POST', `${path}/restore`, { reason: 'Le bon, finalement' }, { 'if-match': '"3"' });
    const read = await call('GET', path);
    expect(read.body).toMatchObject({
      state: 'recorded',
      version: 4,
      history: [
        { change: 'correct', before: { decision: 'fit' }, after: { decision: 'contraindicated' } },
        { change: 'enter_in_error', before: { state: 'recorded' } },
        { change: 'restore' },
      ],
    });
  });
});

describe('what is filled in before anybody types', () => {
  const draft = async (patientId: string, step: string) =>
    (await call('GET', `patients/${patientId}/draft?step=${step}`)).body.fields as Json;

  it('comes from clock, session, structure and rules for a first dose', async () => {
    const nobodyHere = recordsCaller(server, await signedInProfessional(server, kinds.pharmacist()));
    const { body } = await nobodyHere('GET', `patients/${await aFile()}/draft?step=injection`);
    expect(body.fields).toMatchObject({
      occurredAt: { value: '2026-11-23T09:00:00.000Z', from: 'clock' },
      performedBy: { from: 'session' },
      'place.kind': { value: 'pharmacy', from: 'structure' },
      'place.finess': { value: '750000037', from: 'structure' },
      'place.name': { value: 'Pharmacie du Marché', from: 'structure' },
      route: { value: 'intramuscular', from: 'usual' },
      doseRank: { value: 1, from: 'earlier_doses' },
    });
  });

  it('leaves nothing but the scan to a second dose', async () => {
    const patientId = await aFile();
    await call('POST', `patients/${patientId}/injections`, {
      ...firstDose,
      occurredAt: '2026-10-26T09:00:00+01:00',
      lot: 'OLD1',
    });
    // Somebody else's, here, today.
    const place = { kind: 'establishment', finess: '750000011' };
    await call('POST', `patients/${await aFile()}/injections`, { ...firstDose, place });
    expect(await draft(patientId, 'injection')).toMatchObject({
      vaccine: { value: 'comirnaty', from: 'earlier_doses' },
      lot: { value: 'FK1234', from: 'last_lot' },
      lotExpiry: { value: '2027-03-31', from: 'last_lot' },
      arm: { value: 'left', from: 'earlier_doses' },
      doseVolume: { value: '0.3', from: 'last_lot' },
      doseRank: { value: 2, from: 'earlier_doses' },
      doseTotal: { value: 2, from: 'earlier_doses' },
      'place.finess': { value: '750000011', from: 'last_lot' },
    });
  });

  it('takes of the lots entered at one instant that of the dose given last', async () => {
    const place = { kind: 'establishment', finess: '750000011' };
    for (const [lot, time] of [
      ['LATE1', '09:50'],
      ['EARLY1', '09:20'],
      ['EARLY2', '09:30'],
    ]) {
      const occurredAt = `2026-11-23T${time}:00+01:00`;
      await call('POST', `patients/${await aFile()}/injections`, { ...firstDose, place, lot, occurredAt });
    }
    const lot = { value: 'LATE1', from: 'last_lot' };
    expect(await draft(await aFile(), 'injection')).toMatchObject({ lot });
  });

  it('takes from the last consultation what does not change', async () => {
    const patientId = await aFile();
    const representative = { name: 'Lou Durand', capacity: 'tutrice' };
    const questionnaire = { allergies: 'Latex', fever: true };
    const { body } = await consult(patientId, { consent: 'representative', representative, questionnaire });
    const fields = await draft(patientId, 'consultation');
    expect(fields).toMatchObject({
      'questionnaire.allergies': { value: 'Latex', from: 'earlier_consultation' },
      'representative.name': { value: 'Lou Durand', from: 'earlier_consultation' },
    });
    // Fever is of the day.
    expect(fields).not.toHaveProperty(['questionnaire.fever']);
    expect(await draft(patientId, 'injection')).toMatchObject({
      consultationId: { value: body.id, from: 'earlier_consultation' },
    });
  });

  it('is a read of the record, and logged as one', async () => {
    const patientId = await aFile();
    await draft(patientId, 'injection');
    const log = await database.db.select().from(accessLog).where(eq(accessLog.patientId, patientId));
    expect(log.map(({ action }) => action)).toEqual(['injection.draft']);
  });
});
