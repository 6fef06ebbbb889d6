import { beforeAll, describe, expect, it } from 'vitest';
import { aPatient } from '#server/testing/patients.ts';
import { type SignedInProfessional, signedInProfessional } from '#server/testing/professionals.ts';
import { ask, declaredEvent, recordedInjection } from '#server/testing/record-requests.ts';
import { fieldsOf, recordsVisitor, textOf } from '#server/testing/records-visitor.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testClock } from '#server/testing/test-clock.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const icd = 'http://hl7.org/fhir/sid/icd-10';
const ours = 'https://example.fr/termes';
const unnamed = 'urn:oid:1.2.3';

const database = testDatabase();
const server = testApp(database, testClock(), () => ({
  TERMINOLOGIES: JSON.stringify({ [ours]: 'Thésaurus <local>' }),
}));

let doctor: SignedInProfessional;
let visitor: ReturnType<typeof recordsVisitor>;
beforeAll(async () => {
  doctor = await signedInProfessional(server);
  visitor = recordsVisitor(server, doctor);
});

async function atTheForm() {
  const { id } = await aPatient(server.deps);
  const address = `/dossiers/${id}/injections/${await recordedInjection(server, doctor, id)}/effet`;
  return { id, address, opened: fieldsOf(await visitor.read(address), 'act-form') };
}

const told = {
  date: '2026-11-20',
  time: '19:30',
  description: 'Fièvre',
  serious: 'no',
  outcome: 'recovering',
};
const fever = { 'terms-0-system': icd, 'terms-0-code': 'R50.9', 'terms-0-display': 'Fièvre, sans précision' };

describe('the coded terms of an adverse event, on its page', () => {
  it('are typed row after row, each asked for by a button that loses nothing', async () => {
    const { address, opened } = await atTheForm();
    expect(opened).toMatchObject({ 'terms-0-system': '', 'terms-0-code': '', 'terms-0-display': '' });
    const more = await visitor.post(address, { ...opened, ...told, ...fever, add: 'term' });
    expect(more.statusCode).toBe(200);
    // The cursor is where one goes on.
    expect(more.body).toMatch(/<select id="terms-1-system"[^>]* autofocus/);
    const shown = fieldsOf(more.body, 'act-form');
    expect(shown).toMatchObject({ ...told, ...fever, 'terms-1-code': '' });
    const second = { 'terms-1-system': ours, 'terms-1-code': 'F  1 ', 'terms-1-display': 'Frissons <nuit>' };
    const done = await visitor.post(address, { ...shown, ...second });
    expect(done.statusCode, done.body).toBe(303);
    const event = String(done.headers.location);
    const text = textOf(await visitor.read(event));
    expect(text).toContain('Fièvre, sans précision (R50.9, CIM-10 / ICD-10)');
    expect(text).toContain('Frissons <nuit> (F 1, Thésaurus <local>)');
    const api = event
      .replace('/dossiers/', '/api/records/patients/')
      .replace('effets', 'adverse-events')
      .replace(/\?.*/, '');
    const declaration = (await ask(server, doctor, 'GET', `${api}/declaration.json`)).json();
    expect(declaration.event.terms).toEqual([
      { system: icd, code: 'R50.9', display: 'Fièvre, sans précision' },
      { system: ours, code: 'F 1', display: 'Frissons <nuit>' },
    ]);
    expect((await ask(server, doctor, 'GET', `${api}/declaration.pdf`)).statusCode).toBe(200);
  });

  it.each([
    [{ 'terms-0-system': '' }, 'terms-0-system', 'Terme codé 1\u00a0: choisissez sa terminologie'],
    [{ 'terms-0-system': 'CIM' }, 'terms-0-system', 'n’est pas de celles du service'],
    [{ 'terms-0-code': ' ' }, 'terms-0-code', 'Terme codé 1\u00a0: indiquez son code'],
    [{ 'terms-0-code': 'x'.repeat(61) }, 'terms-0-code', '60 caractères au plus'],
    [{ 'terms-0-display': '' }, 'terms-0-display', 'Terme codé 1\u00a0: indiquez son libellé'],
    [{ 'terms-0-display': 'x'.repeat(301) }, 'terms-0-display', '300 caractères au plus'],
  ])('are refused beside the field at fault, with all that was typed: %#', async (typed, field, words) => {
    const { address, opened } = await atTheForm();
    const sent = { ...told, ...fever, ...typed };
    const refused = await visitor.post(address, { ...opened, ...sent });
    expect(refused.statusCode).toBe(422);
    expect(refused.body).toContain(`href="#${field}"`);
    expect(refused.body).toMatch(new RegExp(`id="${field}"[^>]* aria-describedby="${field}-error"`));
    expect(textOf(refused.body)).toContain(words);
    const { description } = fieldsOf(refused.body, 'act-form');
    expect(description).toBe('Fièvre');
    const kept = Object.fromEntries(Object.entries(sent).map(([name, value]) => [name, value.trim()]));
    expect(fieldsOf(refused.body, 'act-form')).toMatchObject(kept);
  });

  it('are none when their rows are empty, whatever terminology is chosen', async () => {
    const { id, address, opened } = await atTheForm();
    const done = await visitor.post(address, { ...opened, ...told, 'terms-0-system': icd });
    expect(done.statusCode).toBe(303);
    const listed = await ask(server, doctor, 'GET', `/api/records/patients/${id}/adverse-events`);
    expect(listed.json().items).toMatchObject([{ terms: [] }]);
  });

  it('stand on the correction as they were, one of a terminology that nobody named too', async () => {
    const terms = [
      { system: icd, code: 'R50.9', display: 'Fièvre, sans précision' },
      { system: unnamed, code: 'Z', display: 'D’un autre logiciel' },
    ];
    const { page, one } = await declaredEvent(server, { declarer: doctor }, { terms });
    const form = `${page}/corriger`;
    const first = await visitor.send(form, form, { reason: 'Relu', outcome: 'unknown' });
    expect(first.statusCode, first.body).toBe(303);
    expect((await ask(server, doctor, 'GET', one)).json().terms).toEqual(terms);
    expect(textOf(await visitor.read(page))).not.toContain('Terme codé Avant');
    // A row more is asked for here too; one is emptied, and another code stands in the place of the first.
    const opened = fieldsOf(await visitor.read(form), form);
    const more = await visitor.post(form, { ...opened, reason: 'Codes revus', add: 'term' });
    const shown = fieldsOf(more.body, form);
    expect([more.statusCode, shown.reason, shown['terms-2-code']]).toEqual([200, 'Codes revus', '']);
    const typed = { 'terms-0-code': 'R50.8', 'terms-1-code': '', 'terms-1-display': '' };
    expect((await visitor.post(form, { ...shown, ...typed })).statusCode).toBe(303);
    expect((await ask(server, doctor, 'GET', one)).json().terms).toEqual([{ ...terms[0], code: 'R50.8' }]);
    expect(textOf(await visitor.read(page))).toContain(
      'Avant\u00a0: Fièvre, sans précision (R50.9, CIM-10 / ICD-10), D’un autre logiciel (Z, urn:oid:1.2.3) ' +
        'Après\u00a0: Fièvre, sans précision (R50.8, CIM-10 / ICD-10)',
    );
  });

  it('are as many as the command takes, and no more are offered then', async () => {
    const terms = Array.from({ length: 20 }, (_, index) => ({
      system: icd,
      code: `R${index}`,
      display: 'x',
    }));
    const { page, one } = await declaredEvent(server, { declarer: doctor }, { terms });
    const form = `${page}/corriger`;
    const opened = await visitor.read(form);
    expect(opened).not.toContain('name="add"');
    const added = await visitor.post(form, { ...fieldsOf(opened, form), add: 'term' });
    expect(fieldsOf(added.body, form)['terms-19-code']).toBe('R19');
    expect((await visitor.send(form, form, { reason: 'Relu' })).statusCode).toBe(303);
    expect((await ask(server, doctor, 'GET', one)).json().terms).toEqual(terms);
  });
});
