import { beforeAll, describe, expect, it } from 'vitest';
import { escaped } from '#server/testing/page-visitor.ts';
import { aPatient } from '#server/testing/patients.ts';
import {
  anExercise,
  kinds,
  type SignedInProfessional,
  signedInProfessional,
} from '#server/testing/professionals.ts';
import { anInjectionBody, ask, recordedInjection } from '#server/testing/record-requests.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);

let doctor: SignedInProfessional;
beforeAll(async () => {
  doctor = await signedInProfessional(server);
});

const hostile = `<script>alert('x')</script> " & 'l’œdème'`;
const told = {
  onset: '2026-11-20T18:30:25.500+01:00',
  description: 'Fièvre à 39 °C',
  serious: false,
  outcome: 'recovering',
};

/** An adverse event of the doctor's, and its page. */
async function declared(more: Readonly<Record<string, unknown>> = {}, who = doctor, by = doctor) {
  const patient = await aPatient(server.deps);
  const injectionId = await recordedInjection(server, by, patient.id);
  const url = `/api/records/patients/${patient.id}/adverse-events`;
  const answer = await ask(server, who, 'POST', url, { ...told, injectionId, ...more });
  expect(answer.statusCode, answer.body).toBe(201);
  const { id } = answer.json();
  return { patient, id, one: `${url}/${id}`, page: `/dossiers/${patient.id}/effets/${id}` };
}

/** A browser without scripts. */
function visitor({ cookie }: SignedInProfessional) {
  const get = async (url: string) =>
    (await server.app.inject({ url, headers: { cookie, accept: 'text/html' } })).body;
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
    /** Sends the form of a page with that action as it stands there, with what is typed over it. */
    async send(from: string, action: string, typed: Readonly<Record<string, string>> = {}) {
      return post(action, { ...fieldsOf(await get(from), action), ...typed });
    },
  };
}

/** The fields of a form of a page, as it filled them. */
function fieldsOf(page: string, action: string): Record<string, string> {
  const form = page.split('<form').find((each) => each.includes(`action="${action}"`)) ?? '';
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
    fields[name] = /value="([^"]*)" selected/.exec(options)?.[1] ?? '';
  }
  return fields;
}

function plain(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#x3D;', '=')
    .replaceAll('&amp;', '&');
}

/** What a page says, without its tags, words apart by one space. */
function textOf(page: string): string {
  return plain(page.replaceAll(/<[^>]*>/g, ' ')).replaceAll(/[ \n]+/g, ' ');
}

describe('the page of an adverse event', () => {
  it('says what was declared, of which dose, and by whom, hostile text as text', async () => {
    const { page, patient } = await declared({ description: hostile, lotSuspected: true });
    const { get } = visitor(doctor);
    const body = await get(page);
    expect(body).not.toContain('<script>alert');
    const text = textOf(body);
    expect(text).toContain(hostile);
    for (const words of [
      'Effet indésirable du 20 novembre 2026',
      'Après la dose 1/2 de Comirnaty',
      'lot FE4721',
      'Évolution en cours d’amélioration',
      `Déclaré par Anne ${doctor.professional.familyName}`,
      `Saisi par Anne ${doctor.professional.familyName}`,
      `Validé par Anne ${doctor.professional.familyName}`,
      'Cet effet n’a pas été modifié.',
    ]) {
      expect(text).toContain(words);
    }
    // Among the acts of the file, and before the next dose.
    expect(await get(`/dossiers/${patient.id}/actes`)).toContain(`href="${page}"`);
    expect(await get(`/dossiers/${patient.id}/injection`)).toContain(`href="${page}"`);
    expect(textOf(await get(`${page}?lang=en`))).toContain('Adverse event of 20 November 2026');
  });

  it('corrects: the rest stays as it was, to the second, and the history says both', async () => {
    const { page, one } = await declared({ terms: [{ system: 'urn:x', code: 'F1', display: 'Fièvre' }] });
    const { get, send } = visitor(doctor);
    const form = `${page}/corriger`;
    const none = await send(form, form, { outcome: 'recovered', endedOn: '2026-11-22' });
    expect(none.statusCode).toBe(422);
    expect(none.body).toContain('href="#reason"');
    expect(fieldsOf(none.body, form)).toMatchObject({ outcome: 'recovered', endedOn: '2026-11-22' });
    const typed = {
      outcome: 'recovered',
      endedOn: '2026-11-22',
      reason: 'Revue <au> cabinet',
      pregnancy: 'no',
    };
    const done = await send(form, form, typed);
    expect([done.statusCode, done.headers.location]).toEqual([303, `${page}?fait=correct`]);
    expect((await ask(server, doctor, 'GET', one)).json()).toMatchObject({
      onset: '2026-11-20T17:30:25.500Z',
      outcome: 'recovered',
      pregnancy: false,
      terms: [{ code: 'F1' }],
      version: 2,
    });
    const text = textOf(await get(`${page}?fait=correct`));
    expect(text).toContain('La correction est enregistrée.');
    expect(text).toContain('Motif : Revue <au> cabinet'.replace(' :', '\u00a0:'));
    expect(text).toContain('Évolution Avant\u00a0: en cours d’amélioration Après\u00a0: guérison');
    expect(text).toContain('Fin le Avant\u00a0: rien Après\u00a0: 22 novembre 2026');
    expect(text).not.toMatch(/Début Avant|Récit Avant|Terme codé Avant/);
  });

  it('keeps the boxes that are ticked, as a browser sends them back', async () => {
    const criteria = ['hospitalisation', 'other_medically_important'];
    const { page, one } = await declared({ serious: true, criteria, hospitalisedFrom: '2026-11-21' });
    const form = `${page}/corriger`;
    const sent = await visitor(doctor).send(form, form, { reason: 'Sortie', hospitalisedTo: '2026-11-22' });
    expect(sent.statusCode).toBe(303);
    const { serious, hospitalisedTo, ...stored } = (await ask(server, doctor, 'GET', one)).json();
    expect([serious, hospitalisedTo, stored.criteria]).toEqual([true, '2026-11-22', criteria]);
  });

  it('gives back all that was typed with what another changed meanwhile, and takes it then', async () => {
    const { page, one } = await declared();
    const { get, post } = visitor(doctor);
    const form = `${page}/corriger`;
    const opened = fieldsOf(await get(form), form);
    const patch = {
      reason: 'Appel du patient',
      outcome: 'not_recovered',
      serious: true,
      criteria: ['disability'],
    };
    const first = await ask(server, doctor, 'PATCH', one, patch, { 'if-match': '"1"' });
    expect(first.statusCode).toBe(200);
    const mine = { ...opened, description: 'Fièvre, puis éruption', reason: 'Complément' };
    const late = await post(form, mine);
    expect(late.statusCode).toBe(409);
    const kept = fieldsOf(late.body, form);
    expect(kept).toMatchObject({ description: 'Fièvre, puis éruption', reason: 'Complément', version: '2' });
    const text = textOf(late.body);
    expect(text).toContain('Cet acte a changé entre-temps');
    expect(text).toContain('Évolution Avant\u00a0: en cours d’amélioration Après\u00a0: non rétabli');
    expect(text).toContain('Critères de gravité Avant\u00a0: rien Après\u00a0: incapacité ou invalidité');
    expect((await post(form, { ...kept, serious: 'yes', disability: 'yes' })).statusCode).toBe(303);
    expect(textOf(await get(page))).toContain('Fièvre, puis éruption');
  });

  it('keeps everything when it was left open too long, or another language is chosen', async () => {
    const { page } = await declared();
    const { get, post } = visitor(doctor);
    const form = `${page}/corriger`;
    const opened = fieldsOf(await get(form), form);
    const stale = await post(form, { ...opened, token: 'old', description: 'À garder' });
    expect([stale.statusCode, fieldsOf(stale.body, form).description]).toEqual([403, 'À garder']);
    const english = await post(form, { ...opened, lang: 'en', description: 'À garder' });
    expect([english.statusCode, fieldsOf(english.body, form).description]).toEqual([200, 'À garder']);
    expect(english.body).toContain('Correct this adverse event');
    const aside = await post(`${page}/erreur`, { token: 'old', version: '1', reason: 'À garder aussi' });
    expect([aside.statusCode, fieldsOf(aside.body, `${page}/erreur`).reason]).toEqual([
      403,
      'À garder aussi',
    ]);
  });

  it.each([
    [{ description: '' }, 'description'],
    [{ description: 'x'.repeat(5001) }, 'description'],
    [{ date: '2026-02-30' }, 'date'],
    [{ date: '2026-11-19' }, 'date'],
    [{ serious: 'yes' }, 'death'],
    [{ endedOn: '2026-11-21' }, 'endedOn'],
    [{ outcome: '' }, 'outcome'],
  ])('refuses what contradicts itself beside its field: %#', async (typed, field) => {
    const { page } = await declared();
    const form = `${page}/corriger`;
    const refused = await visitor(doctor).send(form, form, { reason: 'Essai', ...typed });
    expect(refused.statusCode).toBe(422);
    expect(refused.body).toContain(`href="#${field}"`);
    expect(fieldsOf(refused.body, form)).toMatchObject(typed);
  });

  it('sets aside with a reason, says to tell the centre, and takes it back', async () => {
    const { page, patient } = await declared();
    const { get, send } = visitor(doctor);
    const declaration = `${page}/declaration`;
    expect((await send(page, declaration)).headers.location).toBe(`${page}?fait=sent`);
    const aside = `${page}/erreur`;
    expect((await send(page, aside, { reason: '' })).statusCode).toBe(422);
    expect((await send(page, aside, { reason: 'Autre patient' })).statusCode).toBe(303);
    const set = await get(page);
    expect(textOf(set)).toContain('prévenez le centre');
    expect(set).not.toContain(`action="${aside}"`);
    expect(set).not.toContain(`href="${page}/corriger"`);
    // It counts no more: nothing is said of it before the next dose.
    expect(await get(`/dossiers/${patient.id}/injection`)).not.toContain(`href="${page}"`);
    expect(await get(`/dossiers/${patient.id}/actes`)).toContain(escaped('Saisi par erreur'));
    expect((await send(page, `${page}/retablir`, { reason: 'Le bon' })).statusCode).toBe(303);
    const history = textOf(await get(page));
    for (const words of ['Autre patient', 'Le bon', 'à envoyer Après\u00a0: envoyée']) {
      expect(history).toContain(words);
    }
    const acknowledged = await send(page, declaration, { acknowledgement: 'PV <9>' });
    expect(acknowledged.headers.location).toBe(`${page}?fait=acknowledged`);
    expect(textOf(await get(page))).toContain('PV <9>');
  });

  it('says who may change it to whoever may not, and refuses them', async () => {
    const { page } = await declared();
    const other = visitor(await signedInProfessional(server));
    const shown = await other.get(page);
    expect(textOf(shown)).toContain(`Seuls Anne ${doctor.professional.familyName}`);
    expect(shown).not.toContain('/erreur"');
    const form = `${page}/corriger`;
    const refused = await other.send(form, form, { reason: 'Pas le mien', outcome: 'unknown' });
    expect([refused.statusCode, fieldsOf(refused.body, form).outcome]).toEqual([403, 'unknown']);
  });

  it('is nobody else’s: an unknown event, or another patient’s, is not found', async () => {
    const [one, other] = [await declared(), await declared()];
    const { post } = visitor(doctor);
    const crossed = `/dossiers/${one.patient.id}/effets/${other.id}`;
    for (const url of [crossed, `${crossed}/corriger`]) {
      const { statusCode } = await server.app.inject({ url, headers: { cookie: doctor.cookie } });
      expect(statusCode).toBe(404);
    }
    const shown = await visitor(doctor).get(one.page);
    const { token = '' } = fieldsOf(shown, `${one.page}/erreur`);
    for (const deed of ['erreur', 'retablir', 'valider', 'declaration', 'corriger']) {
      expect(
        (await post(`${crossed}/${deed}`, { token, version: '1', reason: 'Essai' })).statusCode,
      ).not.toBe(303);
    }
  });
});

describe('what waits for validation', () => {
  const hospital = { kind: 'establishment', finess: '750000011', name: 'CH' };
  const student = () => ({
    columns: { profession: '10', category: 'E' },
    actingAs: anExercise({
      category: 'E',
      mode: 'S',
      sector: 'SA01',
      structure: kinds.hospitalNurse().actingAs?.structure ?? null,
    }),
  });

  it('is a delegate’s declaration, validated by one click or corrected by whom it is for', async () => {
    const secretary = await signedInProfessional(server, kinds.secretary());
    const given = await ask(server, doctor, 'POST', '/api/records/delegations', {
      delegateIdentifier: secretary.professional.nationalIdentifier,
      delegateName: 'Dominique Petit',
      scope: 'entry',
      validFrom: '2026-11-01',
    });
    expect(given.statusCode, given.body).toBe(201);
    const { page } = await declared(
      { performedBy: doctor.professional.nationalIdentifier, description: 'Saisi pour un autre' },
      secretary,
    );
    const [mine, theirs] = [visitor(doctor), visitor(secretary)];
    const shown = textOf(await mine.get(page));
    expect(shown).toContain('Validé par En attente de validation');
    expect(shown).toContain('doit être validé avant l’envoi');
    expect(await theirs.get(page)).not.toContain(`action="${page}/valider"`);
    const waiting = await mine.get('/dossiers/a-valider');
    expect(waiting).toContain('Saisi pour un autre');
    expect(waiting).toContain(`href="${page}/corriger"`);
    const validated = await mine.send('/dossiers/a-valider', `${page}/valider`);
    expect(validated.headers.location).toBe('/dossiers/a-valider?fait=validate');
    expect(await mine.get('/dossiers/a-valider')).not.toContain('Saisi pour un autre');
    expect(textOf(await mine.get(page))).toContain(`Validé par Anne ${doctor.professional.familyName}`);
    // What the delegate corrects waits again.
    const form = `${page}/corriger`;
    expect((await theirs.send(form, form, { reason: 'Précision', outcome: 'unknown' })).statusCode).toBe(303);
    expect(await mine.get('/dossiers/a-valider')).toContain(page);
    expect((await mine.send(form, form, { reason: 'Relu', outcome: 'recovered' })).statusCode).toBe(303);
    expect(await mine.get('/dossiers/a-valider')).not.toContain(page);
  });

  it('is what people in training did at the site, for whoever may validate there and for nobody else', async () => {
    const trainee = await signedInProfessional(server, student());
    const nurse = await signedInProfessional(server, kinds.hospitalNurse());
    const pharmacist = await signedInProfessional(server, kinds.pharmacist());
    const patient = await aPatient(server.deps);
    const base = `/api/records/patients/${patient.id}`;
    const dose = await ask(
      server,
      trainee,
      'POST',
      `${base}/injections`,
      anInjectionBody({ place: hospital, lot: 'TRAIN1' }),
    );
    expect(dose.json()).toMatchObject({ validatedBy: null });
    const asked = { ...told, injectionId: dose.json().id, description: 'Vu par l’interne' };
    const event = await ask(server, trainee, 'POST', `${base}/adverse-events`, asked);
    expect(event.json()).toMatchObject({ validatedBy: null });
    const pages = {
      dose: `/dossiers/${patient.id}/injections/${dose.json().id}`,
      event: `/dossiers/${patient.id}/effets/${event.json().id}`,
    };
    const list = textOf(await visitor(nurse).get('/dossiers/a-valider'));
    for (const words of [
      'TRAIN1',
      'Vu par l’interne',
      `En formation\u00a0: Anne ${trainee.professional.familyName}`,
    ]) {
      expect(list).toContain(words);
    }
    for (const stranger of [doctor, pharmacist]) {
      expect(await visitor(stranger).get('/dossiers/a-valider')).not.toContain('TRAIN1');
      const refused = await ask(
        server,
        stranger,
        'POST',
        `${base}/adverse-events/${event.json().id}/validate`,
        undefined,
        {
          'if-match': '"1"',
        },
      );
      expect(refused.statusCode).toBe(403);
    }
    // In training, nobody validates their own.
    expect(await visitor(trainee).get(pages.event)).not.toContain(`action="${pages.event}/valider"`);
    expect(await visitor(trainee).get(pages.dose)).not.toContain(`action="${pages.dose}/valider"`);
    const own = await ask(
      server,
      trainee,
      'POST',
      `${base}/adverse-events/${event.json().id}/validate`,
      undefined,
      {
        'if-match': '"1"',
      },
    );
    expect(own.json().type).toBe('/problems/may-not-category');
    const form = `${pages.event}/corriger`;
    const changed = await visitor(trainee).send(form, form, { reason: 'Relu', outcome: 'unknown' });
    expect(changed.statusCode).toBe(303);
    expect(await visitor(nurse).get('/dossiers/a-valider')).toContain('Vu par l’interne');
    // One click for the one, a correction for the other: both are answered for.
    const click = await visitor(nurse).send('/dossiers/a-valider', `${pages.event}/valider`);
    expect(click.statusCode).toBe(303);
    const correction = `${pages.dose}/corriger`;
    const corrected = await visitor(nurse).send(correction, correction, {
      reason: 'Lot relu',
      lot: 'TRAIN2',
    });
    expect(corrected.statusCode).toBe(303);
    const after = await visitor(nurse).get('/dossiers/a-valider');
    expect(after).not.toContain('TRAIN');
    expect(after).not.toContain('Vu par l’interne');
    expect(textOf(await visitor(nurse).get(pages.dose))).toContain(
      `Validé par Anne ${nurse.professional.familyName}`,
    );
  });
});
