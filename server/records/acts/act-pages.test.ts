import { eq } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import { directoryStructures } from '#server/directory/directory.table.ts';
import { aPatient, firstDose, recordsCaller } from '#server/testing/acts.ts';
import { escaped, formToken } from '#server/testing/page-visitor.ts';
import { kinds, type SignedInProfessional, signedInProfessional } from '#server/testing/professionals.ts';
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

/** A browser without scripts: gets pages, and sends their forms as they stand with what is typed over them. */
function visitor({ cookie }: SignedInProfessional) {
  const get = (url: string) => server.app.inject({ url, headers: { cookie, accept: 'text/html' } });
  const post = (url: string, form: Readonly<Record<string, string>>) =>
    server.app.inject({
      method: 'POST',
      url,
      headers: { cookie, accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams(form).toString(),
    });
  return {
    get,
    post,
    send: (url: string, page: string, typed: Readonly<Record<string, string>>) =>
      post(url, { ...formOf(page), ...typed }),
  };
}

/** What a page says, without its tags, words apart by one space. */
function textOf(page: string): string {
  return page.replaceAll(/<[^>]*>/g, ' ').replaceAll(/[ \n]+/g, ' ');
}

/** The fields of the form that acts are typed in, as the page filled them. */
function formOf(page: string): Record<string, string> {
  const plain = (text: string) =>
    text
      .replaceAll('&quot;', '"')
      .replaceAll('&#x27;', "'")
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&')
      .replaceAll('&#x3D;', '=');
  const form = /<form id="act-form"[\s\S]*?<\/form>/.exec(page)?.[0] ?? '';
  const fields: Record<string, string> = {};
  for (const [tag] of form.matchAll(/<input [^>]*>/g)) {
    const name = / name="([^"]*)"/.exec(tag)?.[1];
    const ticked = !/type="(radio|checkbox)"/.test(tag) || tag.includes(' checked');
    if (name !== undefined && ticked) fields[name] = plain(/ value="([^"]*)"/.exec(tag)?.[1] ?? '');
  }
  for (const [, name = '', text = ''] of form.matchAll(
    /<textarea [^>]*name="([^"]*)"[^>]*>\n?([\s\S]*?)<\/textarea>/g,
  )) {
    fields[name] = plain(text);
  }
  for (const [, name = '', options = ''] of form.matchAll(
    /<select [^>]*name="([^"]*)"[^>]*>([\s\S]*?)<\/select>/g,
  )) {
    fields[name] = plain(/value="([^"]*)" selected/.exec(options)?.[1] ?? '');
  }
  return fields;
}

describe('the second dose of whoever comes back', () => {
  it('takes find, scan, confirm: every other field is filled in', async () => {
    const patientId = await aFile();
    const call = recordsCaller(server, nurse);
    await call('POST', `patients/${patientId}/injections`, {
      ...firstDose,
      place: hospital,
      occurredAt: '2026-10-26T09:00:00+01:00',
    });
    const { get, send } = visitor(nurse);
    const address = `/dossiers/${patientId}/injection`;
    let steps = 1;
    // Found: the file's button leads to the form.
    const form = (await get(address)).body;
    steps += 1;
    // Scanned: the scanner types and presses Enter, which sends the form by its first button.
    const scanned = await send(address, form, {
      scan: ']d2010340093000012017270930' + '10SCAN77',
      step: 'check',
    });
    expect(scanned.statusCode).toBe(200);
    expect(scanned.body).toContain('SCAN77');
    expect(scanned.body).not.toContain('id="overrideReason"');
    steps += 1;
    const confirmed = await send(address, scanned.body, { step: 'confirm' });
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
    expect((await send(address, scanned.body, { step: 'confirm' })).headers.location).toBe(
      confirmed.headers.location,
    );
  });
});

describe('the injection form', () => {
  it('gives back what was typed beside what is wrong with it', async () => {
    const { get, send } = visitor(nurse);
    const address = `/dossiers/${await aFile()}/injection`;
    const typed = {
      vaccine: 'comirnaty',
      lot: '',
      doseVolume: 'beaucoup',
      placeName: 'Hall <B>',
      doseTotal: '2',
    };
    const answer = await send(address, (await get(address)).body, { ...typed, step: 'check' });
    expect(answer.statusCode).toBe(422);
    expect(formOf(answer.body)).toMatchObject(typed);
    expect(answer.body).toContain('href="#doseVolume"');
  });

  it('keeps everything when the page was left open too long', async () => {
    const { post } = visitor(nurse);
    const answer = await post(`/dossiers/${await aFile()}/injection`, { token: 'old', lot: 'KEPT1' });
    expect([answer.statusCode, formOf(answer.body).lot]).toEqual([403, 'KEPT1']);
  });

  it('shows findings in words before confirming, and asks why', async () => {
    const patientId = await aFile();
    const call = recordsCaller(server, nurse);
    const dose = { ...firstDose, place: hospital, occurredAt: '2026-11-16T09:00:00+01:00' };
    await call('POST', `patients/${patientId}/injections`, dose);
    const { get, send } = visitor(nurse);
    const address = `/dossiers/${patientId}/injection`;
    const form = { ...formOf((await get(address)).body), lot: 'AB12', lotExpiry: '2027-01-01' };
    const check = await send(address, '', { ...form, step: 'check' });
    expect(textOf(check.body)).toMatch(
      /La dose du 16 novembre 2026 n’est séparée de celle-ci que de 7\sjours\s; il faut au moins 21\sjours/,
    );
    expect(textOf(check.body)).toMatch(/Règle issue de\s: Campagne nationale de vaccination/);
    const refused = await send(address, check.body, { step: 'confirm' });
    expect([refused.statusCode, refused.body.includes('error-summary')]).toEqual([422, true]);
    const done = await send(address, refused.body, { step: 'confirm', overrideReason: 'Départ' });
    expect(done.statusCode).toBe(303);
  });

  it('shows the same act of that day, and takes a second one with a reason', async () => {
    const patientId = await aFile();
    await recordsCaller(server, nurse)('POST', `patients/${patientId}/injections`, {
      ...firstDose,
      place: hospital,
    });
    const { get, send } = visitor(nurse);
    const address = `/dossiers/${patientId}/injection`;
    const check = await send(address, (await get(address)).body, { step: 'check' });
    expect(check.body).toContain('id="notADuplicate"');
    const refused = await send(address, check.body, { step: 'confirm', overrideReason: 'Essai' });
    expect(refused.statusCode).toBe(409);
    const typed = { step: 'confirm', overrideReason: 'Deux doses', notADuplicate: 'yes' };
    expect((await send(address, refused.body, typed)).statusCode).toBe(303);
  });

  it('speaks English to whoever asks, without losing what was typed', async () => {
    const { get, send } = visitor(nurse);
    const address = `/dossiers/${await aFile()}/injection`;
    const answer = await send(address, (await get(address)).body, { lot: 'KEPT2', lang: 'en' });
    expect(answer.body).toContain('Record an injection');
    expect(formOf(answer.body).lot).toBe('KEPT2');
  });
});

describe('the pages of an act', () => {
  it('record a consultation, correct it, set it aside and take that back', async () => {
    const patientId = await aFile();
    const { get, send, post } = visitor(nurse);
    const address = `/dossiers/${patientId}/consultation`;
    const form = (await get(address)).body;
    const wrong = await send(address, form, {
      consent: 'representative',
      decision: 'fit',
      allergies: 'Latex',
    });
    expect([wrong.statusCode, formOf(wrong.body).allergies]).toEqual([422, 'Latex']);
    const made = await send(address, wrong.body, {
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
    expect(formOf(correction)).toMatchObject({
      representativeName: 'Lou',
      allergies: 'Latex',
      decision: 'fit',
    });
    expect((await send(`${page}/corriger`, correction, { comment: 'Vu' })).statusCode).toBe(422);
    const typed = { comment: 'Vu', reason: 'Oubli' };
    expect((await send(`${page}/corriger`, correction, typed)).statusCode).toBe(303);
    // The same page, sent by somebody who had opened it before: nothing is lost, and the change is shown.
    const late = await send(`${page}/corriger`, correction, { comment: 'Autre', reason: 'Trop tard' });
    expect([late.statusCode, formOf(late.body).comment]).toEqual([409, 'Autre']);
    expect(late.body).toContain('<ins>Vu</ins>');
    // The one who was overtaken twice is told of both.
    const answers = { ...formOf((await get(`${page}/corriger`)).body), pregnancy: 'no', fever: 'yes' };
    const asked = {
      ...answers,
      allergies: 'Latex <b>',
      pastInfectionDate: '2026-01-02',
      reason: 'Précisions',
    };
    expect((await post(`${page}/corriger`, asked)).statusCode).toBe(303);
    const later = await send(`${page}/corriger`, correction, { comment: 'Autre', reason: 'Trop tard' });
    expect(later.body).toContain('<ins>Vu</ins>');
    for (const [question, before, after] of [
      ['Allergies', 'Latex', 'Latex &lt;b&gt;'],
      ['Grossesse', 'non demandé', 'Non'],
      ['Fièvre ce jour', 'non demandé', 'Oui'],
      ['Date de l’infection', 'non demandé', '2 janvier 2026'],
    ] as const) {
      expect(textOf(later.body)).toContain(`${question} Avant\u00a0: ${before} Après\u00a0: ${after}`);
    }
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

  it('show the reason that was given for an expired lot before it is confirmed', async () => {
    const patientId = await aFile();
    const { get, send } = visitor(nurse);
    const form = (await get(`/dossiers/${patientId}/injection`)).body;
    const typed = {
      vaccine: 'comirnaty',
      lot: 'FK1234',
      lotExpiry: '2026-01-31',
      doseRank: '1',
      doseTotal: '2',
    };
    const refused = await send(`/dossiers/${patientId}/injection`, form, typed);
    expect(refused.statusCode).toBe(422);
    const given = { overrideReason: 'Durée prolongée par le fabricant' };
    const asked = await send(`/dossiers/${patientId}/injection`, refused.body, given);
    expect([asked.statusCode, textOf(asked.body).includes('Durée prolongée par le fabricant')]).toEqual([
      200,
      true,
    ]);
  });

  it('correct an injection', async () => {
    const patientId = await aFile();
    const { body } = await recordsCaller(server, nurse)('POST', `patients/${patientId}/injections`, {
      ...firstDose,
      place: hospital,
    });
    const { get, send } = visitor(nurse);
    const page = `/dossiers/${patientId}/injections/${body.id}`;
    const form = (await get(`${page}/corriger`)).body;
    const sent = await send(`${page}/corriger`, form, { lot: 'CORR1', reason: 'Mal lu', doseVolume: '0,5' });
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

  it('tell once what is doubtful in the place that was just typed', async () => {
    await database.db.insert(directoryStructures).values({ finess: '750000028' });
    const { get, send } = visitor(nurse);
    const address = `/dossiers/${await aFile()}/consultation`;
    const typed = { finess: '750000036', consent: 'patient', decision: 'fit' };
    const made = await send(address, (await get(address)).body, typed);
    const page = String(made.headers.location);
    const said = 'L’annuaire ne connaît aucune structure sous ce numéro FINESS';
    expect((await get(page)).body).toContain(said);
    expect((await get(page.replace(/\?.*/, ''))).body).not.toContain(said);
    const form = (await get(page.replace(/\?.*/, '/corriger'))).body;
    const mended = await send(page.replace(/\?.*/, '/corriger'), form, {
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
    expect((await asSecretary.get('/delegations')).body).toContain(doctor.professional.familyName);
    const patientId = await aFile();
    const address = `/dossiers/${patientId}/injection`;
    const form = (await asSecretary.get(address)).body;
    const typed = { vaccine: 'comirnaty', lot: 'DEL1', doseTotal: '2', step: 'check' };
    const check = await asSecretary.send(address, form, typed);
    expect(check.statusCode).toBe(200);
    expect((await asSecretary.send(address, check.body, { step: 'confirm' })).statusCode).toBe(303);
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

  it('gives a delegation form back with what was typed', async () => {
    const doctor = visitor(await signedInProfessional(server));
    const token = formToken((await doctor.get('/delegations')).body);
    const answer = await doctor.post('/delegations', {
      token,
      delegateName: 'Dominique Petit',
      delegateIdentifier: '1',
      scope: 'entry',
      validFrom: '2026-11-23',
    });
    expect(answer.statusCode).toBe(422);
    expect(answer.body).toContain('value="Dominique Petit"');
    expect(answer.body).toContain('href="#delegateIdentifier"');
  });

  it('says of a delegation form left empty each field that is needed, by its name', async () => {
    const doctor = visitor(await signedInProfessional(server));
    const token = formToken((await doctor.get('/delegations')).body);
    const { statusCode, body } = await doctor.post('/delegations', { token, validFrom: '2026-11-23' });
    expect(statusCode).toBe(422);
    for (const said of [
      'Écrivez le prénom et le nom de la personne.',
      'Écrivez l’identifiant national de la personne.',
      'Choisissez ce qui est permis.',
    ]) {
      expect(body).toContain(escaped(said));
    }
  });
});
