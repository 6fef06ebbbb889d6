import { beforeAll, describe, expect, it } from 'vitest';
import { escaped } from '#server/testing/page-visitor.ts';
import { type SignedInProfessional, signedInProfessional } from '#server/testing/professionals.ts';
import { ask, declaredEvent } from '#server/testing/record-requests.ts';
import { fieldsOf, recordsVisitor, textOf } from '#server/testing/records-visitor.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);

let doctor: SignedInProfessional;
beforeAll(async () => {
  doctor = await signedInProfessional(server);
});

const hostile = `<script>alert('x')</script> " & 'l’œdème'`;
/** An adverse event of the doctor's, and its page. */
const declared = (overrides: Readonly<Record<string, unknown>> = {}, declarer = doctor) =>
  declaredEvent(server, { declarer, recorder: doctor }, overrides);
const visitor = (who: SignedInProfessional) => recordsVisitor(server, who);

describe('the page of an adverse event', () => {
  it('says what was declared, of which dose, and by whom, hostile text as text', async () => {
    const { page, patient } = await declared({ description: hostile, lotSuspected: true });
    const { read } = visitor(doctor);
    const body = await read(page);
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
    expect(await read(`/dossiers/${patient.id}/actes`)).toContain(`href="${page}"`);
    expect(await read(`/dossiers/${patient.id}/injection`)).toContain(`href="${page}"`);
    expect(textOf(await read(`${page}?lang=en`))).toContain('Adverse event of 20 November 2026');
  });

  it('corrects: the rest stays as it was, to the second, and the history says both', async () => {
    const { page, one } = await declared({ terms: [{ system: 'urn:x', code: 'F1', display: 'Fièvre' }] });
    const { read, send } = visitor(doctor);
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
    const text = textOf(await read(`${page}?fait=correct`));
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
    const { read, post } = visitor(doctor);
    const form = `${page}/corriger`;
    const opened = fieldsOf(await read(form), form);
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
    expect(textOf(await read(page))).toContain('Fièvre, puis éruption');
  });

  it('keeps everything when it was left open too long, or another language is chosen', async () => {
    const { page } = await declared();
    const { read, post } = visitor(doctor);
    const form = `${page}/corriger`;
    const opened = fieldsOf(await read(form), form);
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
    const { read, send } = visitor(doctor);
    const declaration = `${page}/declaration`;
    expect((await send(page, declaration)).headers.location).toBe(`${page}?fait=sent`);
    const aside = `${page}/erreur`;
    expect((await send(page, aside, { reason: '' })).statusCode).toBe(422);
    expect((await send(page, aside, { reason: 'Autre patient' })).statusCode).toBe(303);
    const set = await read(page);
    expect(textOf(set)).toContain('prévenez le centre');
    expect(set).not.toContain(`action="${aside}"`);
    expect(set).not.toContain(`href="${page}/corriger"`);
    // It counts no more: nothing is said of it before the next dose.
    expect(await read(`/dossiers/${patient.id}/injection`)).not.toContain(`href="${page}"`);
    expect(await read(`/dossiers/${patient.id}/actes`)).toContain(escaped('Saisi par erreur'));
    expect((await send(page, `${page}/retablir`, { reason: 'Le bon' })).statusCode).toBe(303);
    const history = textOf(await read(page));
    for (const words of ['Autre patient', 'Le bon', 'à envoyer Après\u00a0: envoyée']) {
      expect(history).toContain(words);
    }
    const acknowledged = await send(page, declaration, { acknowledgement: 'PV <9>' });
    expect(acknowledged.headers.location).toBe(`${page}?fait=acknowledged`);
    expect(textOf(await read(page))).toContain('PV <9>');
  });

  it('says who may change it to whoever may not, and refuses them', async () => {
    const { page } = await declared();
    const other = visitor(await signedInProfessional(server));
    const shown = await other.read(page);
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
    const shown = await visitor(doctor).read(one.page);
    const { token = '' } = fieldsOf(shown, `${one.page}/erreur`);
    for (const deed of ['erreur', 'retablir', 'valider', 'declaration', 'corriger']) {
      expect(
        (await post(`${crossed}/${deed}`, { token, version: '1', reason: 'Essai' })).statusCode,
      ).not.toBe(303);
    }
  });
});
