import { eq } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import { directoryStructures } from '#server/directory/directory.table.ts';
import { aPatient, firstDose, fitConsultation, recordsCaller } from '#server/testing/acts.ts';
import { escaped, formToken } from '#server/testing/page-visitor.ts';
import { kinds, type SignedInProfessional, signedInProfessional } from '#server/testing/professionals.ts';
import { fieldsOf, recordsVisitor, textOf } from '#server/testing/records-visitor.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { accessLog } from '../access-log/access-log.table.ts';
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

describe('the pages of an act', () => {
  it('record a consultation, correct it, set it aside and take that back', async () => {
    const patientId = await aFile();
    const { get, sendShown, post } = visitor(nurse);
    const address = `/dossiers/${patientId}/consultation`;
    const form = (await get(address)).body;
    const wrong = await sendShown(address, form, {
      consent: 'representative',
      decision: 'fit',
      allergies: 'Latex',
    });
    expect([wrong.statusCode, actForm(wrong.body).allergies]).toEqual([422, 'Latex']);
    const made = await sendShown(address, wrong.body, {
      representativeName: 'Lou',
      representativeCapacity: 'mère',
    });
    expect(made.statusCode).toBe(303);
    const page = String(made.headers.location).replace(/\?.*/, '');
    // The patient is fit: the injection is one click away, and so is the whole record.
    const recorded = (await get(page)).body;
    expect(recorded).toContain(`href="/dossiers/${patientId}/injection"`);
    expect(recorded).toContain(`href="/dossiers/${patientId}"`);
    expect(textOf(recorded)).toMatch(/Représentant Lou .*À quel titre mère/);
    const correction = (await get(`${page}/corriger`)).body;
    expect(actForm(correction)).toMatchObject({
      representativeName: 'Lou',
      allergies: 'Latex',
      decision: 'fit',
    });
    expect((await sendShown(`${page}/corriger`, correction, { comment: 'Vu' })).statusCode).toBe(422);
    const typed = { comment: 'Vu', reason: 'Oubli' };
    expect((await sendShown(`${page}/corriger`, correction, typed)).statusCode).toBe(303);
    // The same page, sent by somebody who had opened it before: nothing is lost, and the change is shown.
    const late = await sendShown(`${page}/corriger`, correction, { comment: 'Autre', reason: 'Trop tard' });
    expect([late.statusCode, actForm(late.body).comment]).toEqual([409, 'Autre']);
    expect(late.body).toContain('<ins>Vu</ins>');
    // The one who was overtaken twice is told of both.
    const answers = { ...actForm((await get(`${page}/corriger`)).body), pregnancy: 'no', fever: 'yes' };
    const asked = {
      ...answers,
      allergies: 'Latex <b>',
      pastInfectionDate: '2026-01-02',
      reason: 'Précisions',
    };
    expect((await post(`${page}/corriger`, asked)).statusCode).toBe(303);
    const later = await sendShown(`${page}/corriger`, correction, { comment: 'Autre', reason: 'Trop tard' });
    expect(later.body).toContain('<ins>Vu</ins>');
    for (const [question, before, after] of [
      ['Allergies', 'Latex', 'Latex <b>'],
      ['Grossesse', 'non demandé', 'Non'],
      ['Fièvre ce jour', 'non demandé', 'Oui'],
      ['Date de l’infection', 'non demandé', '2 janvier 2026'],
    ] as const) {
      expect(textOf(later.body)).toContain(`${question} Avant\u00a0: ${before} Après\u00a0: ${after}`);
    }
    expect(later.body).not.toContain('Latex <b>');
    expect(textOf(later.body)).not.toMatch(/Traitements en cours Avant/);
    const shown = (await get(page)).body;
    expect(shown).toContain('Oubli');
    const token = { token: formToken(shown), version: '3' };
    expect((await post(`${page}/erreur`, { ...token, reason: '' })).statusCode).toBe(422);
    expect((await post(`${page}/erreur`, { ...token, reason: 'Autre patient' })).statusCode).toBe(303);
    expect((await get(page)).body).toContain(escaped('Saisi par erreur'));
    const back = { ...token, version: '4', reason: 'Le bon' };
    expect((await post(`${page}/retablir`, back)).statusCode).toBe(303);
    expect((await get(`/dossiers/${patientId}/actes`)).body).toContain(page);
  });

  it('list what followed an injection, and name the patient as the file does', async () => {
    const patientId = await aFile();
    const call = recordsCaller(server, nurse);
    const { body } = await call('POST', `patients/${patientId}/injections`, {
      ...firstDose,
      place: hospital,
    });
    const { get } = visitor(nurse);
    const page = `/dossiers/${patientId}/injections/${body.id}`;
    const before = (await get(page)).body;
    expect(textOf(before)).toContain('DURAND CAMILLE MARIE, date de naissance');
    expect(before).not.toContain('/effets/');
    expect(before).toContain(`href="/dossiers/${patientId}/documents"`);
    const told = {
      injectionId: body.id,
      onset: '2026-11-23T09:40:00+01:00',
      description: 'Fièvre',
      serious: false,
      outcome: 'recovering',
    };
    const event = await call('POST', `patients/${patientId}/adverse-events`, told);
    const after = (await get(page)).body;
    expect(after).toContain(`<a href="/dossiers/${patientId}/effets/${event.body.id}">Effet indésirable`);
    const file = (await get(`/dossiers/${patientId}`)).body;
    expect(file).toContain('<h1>DURAND CAMILLE MARIE</h1>');
    expect(file).toContain(`href="/dossiers/${patientId}/consultation"`);
    const removed = { reason: 'Autre patient' };
    await call('DELETE', `patients/${patientId}/adverse-events/${event.body.id}`, removed, {
      'if-match': '"1"',
    });
    expect((await get(page)).body).not.toContain('/effets/');
  });

  it('correct an injection', async () => {
    const patientId = await aFile();
    const { body } = await recordsCaller(server, nurse)('POST', `patients/${patientId}/injections`, {
      ...firstDose,
      place: hospital,
    });
    const { get, sendShown } = visitor(nurse);
    const page = `/dossiers/${patientId}/injections/${body.id}`;
    const form = (await get(`${page}/corriger`)).body;
    const sent = await sendShown(`${page}/corriger`, form, {
      lot: 'CORR1',
      reason: 'Mal lu',
      doseVolume: '0,5',
    });
    expect(sent.statusCode).toBe(303);
    const [stored] = await database.db.select().from(injections).where(eq(injections.patientId, patientId));
    expect(stored).toMatchObject({ lot: 'CORR1', doseVolume: '0.5', arm: 'left', version: 2 });
    expect(stored?.occurredAt.toISOString()).toBe('2026-11-23T08:00:00.000Z');
  });

  it('take an injection back with a reason, when others came in its place', async () => {
    const patientId = await aFile();
    const call = recordsCaller(server, nurse);
    const given = { ...firstDose, place: hospital };
    const early = await call('POST', `patients/${patientId}/injections`, {
      ...given,
      occurredAt: '2026-09-01T10:00:00+02:00',
    });
    const { get, post } = visitor(nurse);
    const page = `/dossiers/${patientId}/injections/${early.body.id}`;
    const token = formToken((await get(page)).body);
    await post(`${page}/erreur`, { token, version: '1', reason: 'Autre patient' });
    await call('POST', `patients/${patientId}/injections`, {
      ...given,
      occurredAt: '2026-09-04T10:00:00+02:00',
    });
    const back = { token, version: '2', reason: 'C’était bien elle' };
    const refused = await post(`${page}/retablir`, back);
    expect(refused.statusCode).toBe(422);
    expect(refused.body).toContain('href="#overrideReason"');
    expect(refused.body).toContain('C’était bien elle</textarea>');
    expect(textOf(refused.body)).toContain('Vérification faite par Aiguillage dans ce dossier');
    const short = await post(`${page}/retablir`, { ...back, overrideReason: 'ok' });
    expect([short.statusCode, short.body.includes('ok</textarea>')]).toEqual([422, true]);
    const taken = await post(`${page}/retablir`, { ...back, overrideReason: 'Deux doses vues' });
    expect(taken.headers.location).toBe(`${page}?fait=restore`);
    expect(textOf((await get(page)).body)).toContain('Deux doses vues');
  });

  it('let an answer be taken back, in a consultation and in an injection', async () => {
    const patientId = await aFile();
    const call = recordsCaller(server, nurse);
    const { get, sendShown } = visitor(nurse);
    const made = await call('POST', `patients/${patientId}/injections`, { ...firstDose, place: hospital });
    const questionnaire = { pastInfection: true, pregnancy: false, fever: true };
    const asked = { ...fitConsultation, place: hospital, questionnaire };
    const consulted = await call('POST', `patients/${patientId}/consultations`, asked);
    const correct = async (act: string, changes: Record<string, string>) => {
      const page = `/dossiers/${patientId}/${act}`;
      const form = (await get(`${page}/corriger`)).body;
      const sent = await sendShown(`${page}/corriger`, form, { ...changes, reason: 'Pas demandé' });
      expect(sent.statusCode).toBe(303);
      return (await call('GET', `patients/${patientId}/${act}`)).body;
    };
    const consultation = await correct(`consultations/${consulted.body.id}`, { pregnancy: '', fever: '' });
    expect(consultation.questionnaire).toMatchObject({ pastInfection: true, pregnancy: null, fever: null });
    expect((await correct(`injections/${made.body.id}`, { arm: '' })).arm).toBeNull();
    // Nothing stated is what an empty form says of itself.
    expect((await get(`/dossiers/${await aFile()}/consultation`)).body).toMatch(
      /id="fever-none" name="fever" value="" checked/,
    );
  });

  it('tell once what is doubtful in the place that was just typed', async () => {
    await database.db.insert(directoryStructures).values({ finess: '750000028' });
    const { get, sendShown } = visitor(nurse);
    const address = `/dossiers/${await aFile()}/consultation`;
    const typed = { finess: '750000036', consent: 'patient', decision: 'fit' };
    const made = await sendShown(address, (await get(address)).body, typed);
    const page = String(made.headers.location);
    const said = 'L’annuaire ne connaît aucune structure sous ce numéro FINESS';
    expect((await get(page)).body).toContain(said);
    expect((await get(page.replace(/\?.*/, ''))).body).not.toContain(said);
    const form = (await get(page.replace(/\?.*/, '/corriger'))).body;
    const mended = await sendShown(page.replace(/\?.*/, '/corriger'), form, {
      finess: '750000028',
      reason: 'Mal lu',
    });
    expect((await get(String(mended.headers.location))).body).not.toContain(said);
    await database.db.delete(directoryStructures);
  });

  it('let a professional see what was entered for them, and validate it', async () => {
    const doctor = await signedInProfessional(server);
    const secretary = await signedInProfessional(server, kinds.secretary());
    const asDoctor = visitor(doctor);
    const asSecretary = visitor(secretary);
    const given = await asDoctor.post('/delegations', {
      token: formToken((await asDoctor.get('/delegations')).body),
      delegateIdentifier: secretary.professional.nationalIdentifier,
      delegateName: 'Dominique Petit',
      scope: 'entry',
      validFrom: '2026-11-23',
    });
    expect(given.statusCode).toBe(303);
    const received = (await asSecretary.get('/delegations')).body;
    expect(received).toContain(doctor.professional.familyName);
    expect(received).toContain(`<dd>${doctor.professional.nationalIdentifier}</dd>`);
    expect(received).not.toContain(`<dd>${secretary.professional.nationalIdentifier}</dd>`);
    const patientId = await aFile();
    const address = `/dossiers/${patientId}/injection`;
    const form = (await asSecretary.get(address)).body;
    const typed = { vaccine: 'comirnaty', lot: 'DEL1', doseTotal: '2', step: 'check' };
    const check = await asSecretary.sendShown(address, form, typed);
    expect(check.statusCode).toBe(200);
    expect((await asSecretary.sendShown(address, check.body, { step: 'confirm' })).statusCode).toBe(303);
    const waiting = (await asDoctor.get('/dossiers/a-valider')).body;
    expect(waiting).toContain('DEL1');
    const action = /action="([^"]*valider)"/.exec(waiting)?.[1] ?? '';
    const validated = await asDoctor.post(action, { token: formToken(waiting), version: '1', list: 'yes' });
    expect(validated.headers.location).toBe('/dossiers/a-valider?fait=validate');
    expect((await asDoctor.get('/dossiers/a-valider')).body).not.toContain('DEL1');
    const page = (await asDoctor.get('/delegations')).body;
    const revoke = /action="(\/delegations\/[^"]*retirer)"/.exec(page)?.[1] ?? '';
    expect((await asDoctor.post(revoke, { token: formToken(page) })).statusCode).toBe(303);
    expect((await asSecretary.get('/delegations')).body).toContain(escaped('Retirée'));
  });
});

describe('a consultation’s form that comes back', () => {
  it.each([
    ['in another language', { lang: 'en' }, 200],
    ['with what is wrong', { date: '2026-12-24' }, 422],
  ])('%s is logged as a read: it names the patient', async (_, typed, status) => {
    const patientId = await aFile();
    const { get, sendShown } = visitor(nurse);
    const address = `/dossiers/${patientId}/consultation`;
    const again = await sendShown(address, (await get(address)).body, typed);
    expect(again.statusCode).toBe(status);
    expect(again.body).toContain('DURAND');
    const entries = await database.db.select().from(accessLog).where(eq(accessLog.patientId, patientId));
    expect(entries.map(({ action }) => action)).toEqual(['consultation.draft', 'consultation.draft']);
  });
});
