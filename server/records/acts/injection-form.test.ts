import { eq } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import { aPatient, firstDose, recordsCaller } from '#server/testing/acts.ts';
import { escaped } from '#server/testing/page-visitor.ts';
import { kinds, type SignedInProfessional, signedInProfessional } from '#server/testing/professionals.ts';
import { fieldsOf, recordsVisitor, textOf } from '#server/testing/records-visitor.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { injections } from './acts.table.ts';

const database = testDatabase();
const server = testApp(database);

let nurse: SignedInProfessional;
beforeAll(async () => {
  nurse = await signedInProfessional(server, kinds.hospitalNurse());
});

const hospital = { kind: 'establishment', finess: '750000011' };
const aFile = async () => (await aPatient(database.db, nurse.professional)).id;
const visitor = (who: SignedInProfessional) => recordsVisitor(server, who);
const actForm = (page: string) => fieldsOf(page, 'act-form');

describe('the second dose of whoever comes back', () => {
  it('takes find, scan, confirm: every other field is filled in', async () => {
    const patientId = await aFile();
    const call = recordsCaller(server, nurse);
    await call('POST', `patients/${patientId}/injections`, {
      ...firstDose,
      place: hospital,
      occurredAt: '2026-10-26T09:00:00+01:00',
    });
    const { get, sendShown } = visitor(nurse);
    const address = `/dossiers/${patientId}/injection`;
    let steps = 1;
    // Found: the file's button leads to the form.
    const form = (await get(address)).body;
    steps += 1;
    // Scanned: the scanner types and presses Enter, which sends the form by its first button.
    const scanned = await sendShown(address, form, {
      scan: ']d2010340093000012017270930' + '10SCAN77',
      step: 'check',
    });
    expect(scanned.statusCode).toBe(200);
    expect(scanned.body).toContain('SCAN77');
    expect(scanned.body).not.toContain('id="overrideReason"');
    steps += 1;
    const confirmed = await sendShown(address, scanned.body, { step: 'confirm' });
    expect(confirmed.statusCode).toBe(303);
    expect(steps).toBe(3);
    const stored = await database.db.select().from(injections).where(eq(injections.patientId, patientId));
    expect(stored.find(({ doseRank }) => doseRank === 2)).toMatchObject({
      vaccine: 'comirnaty',
      lot: 'SCAN77',
      lotExpiry: '2027-09-30',
      doseTotal: 2,
      arm: 'left',
      placeFiness: '750000011',
      route: 'intramuscular',
    });
    const after = await get(String(confirmed.headers.location));
    expect(after.body).toContain(escaped('C’est enregistré.'));
    // Sent again by the browser's back button: the same injection.
    expect((await sendShown(address, scanned.body, { step: 'confirm' })).headers.location).toBe(
      confirmed.headers.location,
    );
  });
});

describe('the injection form', () => {
  it('gives back what was typed beside what is wrong with it', async () => {
    const { get, sendShown } = visitor(nurse);
    const address = `/dossiers/${await aFile()}/injection`;
    const typed = {
      vaccine: 'comirnaty',
      lot: '',
      doseVolume: 'beaucoup',
      placeName: 'Hall <B>',
      doseTotal: '2',
    };
    const answer = await sendShown(address, (await get(address)).body, { ...typed, step: 'check' });
    expect(answer.statusCode).toBe(422);
    expect(actForm(answer.body)).toMatchObject(typed);
    expect(answer.body).toContain('href="#doseVolume"');
  });

  it('keeps everything when the page was left open too long', async () => {
    const { post } = visitor(nurse);
    const answer = await post(`/dossiers/${await aFile()}/injection`, { token: 'old', lot: 'KEPT1' });
    expect([answer.statusCode, actForm(answer.body).lot]).toEqual([403, 'KEPT1']);
  });

  it('shows findings in words before confirming, and asks why', async () => {
    const patientId = await aFile();
    const call = recordsCaller(server, nurse);
    const dose = { ...firstDose, place: hospital, occurredAt: '2026-11-16T09:00:00+01:00' };
    await call('POST', `patients/${patientId}/injections`, dose);
    const { get, sendShown } = visitor(nurse);
    const address = `/dossiers/${patientId}/injection`;
    const form = { ...actForm((await get(address)).body), lot: 'AB12', lotExpiry: '2027-01-01' };
    const check = await sendShown(address, '', { ...form, step: 'check' });
    expect(textOf(check.body)).toMatch(
      /La dose du 16 novembre 2026 n’est séparée de celle-ci que de 7\sjours\s; il faut au moins 21\sjours/,
    );
    expect(textOf(check.body)).toMatch(/Règle issue de\s: Campagne nationale de vaccination/);
    const refused = await sendShown(address, check.body, { step: 'confirm' });
    expect([refused.statusCode, refused.body.includes('error-summary')]).toEqual([422, true]);
    const done = await sendShown(address, refused.body, { step: 'confirm', overrideReason: 'Départ' });
    expect(done.statusCode).toBe(303);
  });

  it('shows the same act of that day, and takes a second one with a reason', async () => {
    const patientId = await aFile();
    await recordsCaller(server, nurse)('POST', `patients/${patientId}/injections`, {
      ...firstDose,
      place: hospital,
    });
    const { get, sendShown } = visitor(nurse);
    const address = `/dossiers/${patientId}/injection`;
    const check = await sendShown(address, (await get(address)).body, { step: 'check' });
    expect(check.body).toContain('id="notADuplicate"');
    const refused = await sendShown(address, check.body, { step: 'confirm', overrideReason: 'Essai' });
    expect(refused.statusCode).toBe(409);
    const typed = { step: 'confirm', overrideReason: 'Deux doses', notADuplicate: 'yes' };
    expect((await sendShown(address, refused.body, typed)).statusCode).toBe(303);
  });

  it('speaks English to whoever asks, without losing what was typed', async () => {
    const { get, sendShown } = visitor(nurse);
    const address = `/dossiers/${await aFile()}/injection`;
    const answer = await sendShown(address, (await get(address)).body, { lot: 'KEPT2', lang: 'en' });
    expect(answer.body).toContain('Record an injection');
    expect(actForm(answer.body).lot).toBe('KEPT2');
  });

  it('shows the reason that was given for an expired lot before it is confirmed', async () => {
    const patientId = await aFile();
    const { get, sendShown } = visitor(nurse);
    const form = (await get(`/dossiers/${patientId}/injection`)).body;
    const typed = {
      vaccine: 'comirnaty',
      lot: 'FK1234',
      lotExpiry: '2026-01-31',
      doseRank: '1',
      doseTotal: '2',
    };
    const refused = await sendShown(`/dossiers/${patientId}/injection`, form, typed);
    expect(refused.statusCode).toBe(422);
    const given = { overrideReason: 'Durée prolongée par le fabricant' };
    const asked = await sendShown(`/dossiers/${patientId}/injection`, refused.body, given);
    expect([asked.statusCode, textOf(asked.body).includes('Durée prolongée par le fabricant')]).toEqual([
      200,
      true,
    ]);
  });
});
