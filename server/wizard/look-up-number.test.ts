import { beforeAll, describe, expect, it } from 'vitest';
import { cases } from '#server/database/schema.ts';
import { importDirectory } from '#server/directory/import-directory.ts';
import { anExtract, aRow, type ExtractRow, testFolder } from '#server/directory/testing/an-extract.ts';
import { lookUpsAllowed } from '../directory/directory-limits.ts';
import { testApp } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';
import { factValues } from './check-flow.ts';
import { findingOf } from './look-up-number.ts';
import type { Position } from './position.ts';
import { currentFlow } from './registry.ts';
import { wizardSessions } from './wizard.table.ts';

const database = testDatabase();
const folder = testFolder();
const server = testApp(database);

/** Numbers whose key is right, but for `doubtful`. */
const numbers = {
  nurse: '10000000413',
  both: '10000000504',
  standIn: '10000000017',
  student: '10000000025',
  speech: '10000000033',
  doubtful: '10000000414',
};
const unknown = '10999999992';
const psychologist = '759300009';

beforeAll(async () => {
  const practising = { 'Code mode exercice': 'L', "Code secteur d'activité": 'SA07' };
  const nobody = { 'Code mode exercice': '', "Code secteur d'activité": '' };
  const doctor = { 'Code profession': '10', "Autorité d'enregistrement": 'CNOM/CNOM/CNOM' };
  const who = (number: string, familyName: string, values: ExtractRow) =>
    aRow({ 'Identifiant PP': number, "Nom d'exercice": familyName, ...values });
  const rows = [
    who(numbers.nurse, 'SEULE', practising),
    who(numbers.both, 'DOUBLE', { 'Code mode exercice': 'S', "Code secteur d'activité": 'SA01' }),
    who(numbers.both, 'DOUBLE', practising),
    who(numbers.standIn, 'REMPLACE', { ...doctor, ...nobody }),
    who(numbers.student, 'ÉTUDIE', { ...doctor, ...nobody, 'Code catégorie professionnelle': 'E' }),
    who(numbers.speech, 'PARLE', {
      ...practising,
      'Code profession': '91',
      "Autorité d'enregistrement": 'ARS/ARS/ARS',
    }),
    who(numbers.doubtful, 'CLÉFAUSSE', practising),
    who(psychologist, 'ADELI', {
      ...practising,
      "Type d'identifiant PP": '0',
      'Code profession': '93',
      "Autorité d'enregistrement": 'ARS/ARS/ARS',
    }),
  ];
  const outcome = await importDirectory(database.url, {
    file: folder.write('annuaire.txt', anExtract(rows)),
    force: false,
    clock: server.clock,
  });
  expect(outcome.kind).toBe('imported');
});

let callers = 0;
/** By default each session is somebody else's, at an address of their own. */
async function someone(language = 'fr', address = `10.9.${++callers >> 8}.${callers & 255}`) {
  const started = await server.app.inject({
    method: 'POST',
    url: '/api/wizard/sessions',
    payload: { language },
    remoteAddress: address,
  });
  const { id } = started.json<Position>();
  async function answer(node: string, choice: string, number?: string) {
    const response = await server.app.inject({
      method: 'POST',
      url: `/api/wizard/sessions/${id}/answers`,
      payload: { node, answer: choice, ...(number !== undefined && { fields: { number } }) },
      headers: { 'accept-language': language },
      remoteAddress: address,
    });
    return { status: response.statusCode, body: response.json() };
  }
  return {
    id,
    answer,
    /** At the question for the profession. */
    async atProfession() {
      await answer('way', 'ecps');
      return (await answer('problem', 'other')).body as Position;
    },
    /** At the question for the place, on the way to a person. */
    async atSetting() {
      return (await answer('way', 'help')).body as Position;
    },
    async openCase(practitioner?: object) {
      const response = await server.app.inject({
        method: 'POST',
        url: `/api/wizard/sessions/${id}/case`,
        payload: {
          contact: { name: 'Quelqu’un', email: 'quelquun@exemple.test' },
          ...(practitioner && { practitioner }),
          followUps: false,
        },
        remoteAddress: address,
      });
      return { status: response.statusCode, body: response.json() };
    },
    async page(path = '') {
      const response = await server.app.inject({ url: `/diagnostic/${id}${path}`, remoteAddress: address });
      if (response.statusCode !== 303) return response;
      return server.app.inject({ url: String(response.headers.location), remoteAddress: address });
    },
    async send(node: string, fields: Record<string, string>) {
      const { body } = await this.page(`/${node}`);
      const token = /name="token" value="([^"]*)"/.exec(body)?.[1] ?? '';
      return server.app.inject({
        method: 'POST',
        url: `/diagnostic/${id}/${node}`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams({ token, ...fields }).toString(),
        remoteAddress: address,
      });
    },
  };
}

describe('by the API', () => {
  it('a question that takes a number says so, and is answered without one too', async () => {
    const nurse = await someone();
    const { node } = await nurse.atProfession();
    expect(node.fields).toEqual([
      {
        id: 'number',
        answer: 'look_up',
        label: expect.any(String),
        hint: expect.any(String),
        required: false,
      },
    ]);
    expect(node.options.map(({ id }) => id)).not.toContain('look_up');
    const { status, body } = await nurse.answer('profession', 'nurse');
    expect([status, body.node.id]).toEqual([200, 'contacts']);
  });

  it('says who was found, with what is open and no more, in the session’s language', async () => {
    const french = await someone();
    await french.atProfession();
    const { body } = await french.answer('profession', 'look_up', `8 ${numbers.nurse}`);
    expect(body.node).toMatchObject({ id: 'you_are', body: expect.stringContaining('Marie SEULE') });
    expect(body.node.body).toContain('Infirmier');
    expect(body.node.body).toContain('libéral (cabinet');
    expect(JSON.stringify(body)).not.toMatch(/0199|exemple\.test/);
    const english = await someone('en');
    await english.atProfession();
    const found = await english.answer('profession', 'look_up', numbers.student);
    expect(found.body.node.body).toContain('Doctor (in training)');
    expect(found.body.node.body).toContain('It states no activity');
  });

  it('asks nothing more of whom the directory tells all, and carries the number and who it is to the case', async () => {
    const nurse = await someone();
    await nurse.atSetting();
    await nurse.answer('setting', 'look_up', numbers.nurse);
    const { body } = await nurse.answer('case_you_are', 'me');
    expect(body.outcome).toBe('escalate');
    const opened = await nurse.openCase();
    expect(opened).toMatchObject({ status: 201, body: { hotline: 'liberaux', warnings: [] } });
    const [stored] = (await database.db.select().from(cases)).filter(
      (each) => each.number === opened.body.number,
    );
    expect(stored).toMatchObject({
      rpps: numbers.nurse,
      profession: '60',
      mode: 'L',
      setting: 'practice',
      rppsDoubtful: false,
    });
    expect(stored?.trail.map(({ label }) => label.fr)).toEqual([
      'Parler à quelqu’un',
      `Numéro RPPS ou ADELI (${numbers.nurse})`,
      'C’est moi\u00a0: Marie SEULE, Infirmier',
    ]);
  });

  it('puts nobody else’s name into the trail of the next case', async () => {
    for (const [number, name] of [
      [numbers.nurse, 'SEULE'],
      [numbers.speech, 'PARLE'],
    ] as const) {
      const caller = await someone();
      await caller.atSetting();
      await caller.answer('setting', 'look_up', number);
      await caller.answer('case_you_are', 'me');
      const { body } = await caller.openCase();
      const [stored] = (await database.db.select().from(cases)).filter((each) => each.number === body.number);
      expect(stored?.trail.at(-1)?.label.en).toContain(name);
    }
  });

  it.each([
    ['L and S', numbers.both, 'setting', ['elsewhere', 'activity', 'independent']],
    ['a stand-in', numbers.standIn, 'setting', ['practice', 'mode', 'independent']],
    ['a student', numbers.student, 'setting', ['practice', 'mode', 'independent']],
  ])('never takes the first activity: %s is asked', async (_, number, node, [place, question, how]) => {
    const caller = await someone();
    await caller.atSetting();
    await caller.answer(node, 'look_up', number);
    expect((await caller.answer('case_you_are', 'me')).body.node.id).toBe('place');
    expect((await caller.answer('place', place ?? '')).body.node.id).toBe(question);
    expect((await caller.answer(question ?? '', how ?? '')).body.outcome).toBe('escalate');
    expect((await caller.openCase()).body.hotline).toBe('liberaux');
  });

  it('asks L in a practice and S in a hospital for the place alone: the directory knows which activity is there', async () => {
    const caller = await someone();
    await caller.atSetting();
    await caller.answer('setting', 'look_up', numbers.both);
    await caller.answer('case_you_are', 'me');
    expect((await caller.answer('place', 'practice')).body.outcome).toBe('escalate');
    const { body } = await caller.openCase();
    expect(body).toMatchObject({ hotline: 'liberaux', reason: expect.stringContaining('en libéral') });
    const [stored] = (await database.db.select().from(cases)).filter((each) => each.number === body.number);
    expect(stored).toMatchObject({ mode: 'L', setting: 'practice' });
  });

  it('keeps the exact profession of whoever has no Ordre, and sends ADELI numbers to the card', async () => {
    const speech = await someone();
    await speech.atSetting();
    await speech.answer('setting', 'look_up', numbers.speech);
    await speech.answer('case_you_are', 'me');
    const { body } = await speech.openCase();
    const [stored] = (await database.db.select().from(cases)).filter((each) => each.number === body.number);
    expect(stored?.profession).toBe('91');
    const other = await someone();
    await other.atProfession();
    await other.answer('profession', 'look_up', psychologist);
    expect((await other.answer('you_are', 'me')).body.node.id).toBe('card_at_hand');
  });

  it('goes back to the question for whoever it is not, with nothing kept of the other person', async () => {
    const caller = await someone();
    await caller.atProfession();
    await caller.answer('profession', 'look_up', numbers.nurse);
    const { status, body } = await caller.answer('you_are', 'not_me');
    expect([status, body.node.id]).toEqual([200, 'profession']);
    const stored = (await database.db.select().from(wizardSessions)).find(({ id }) => id === caller.id);
    expect(JSON.stringify(stored?.answers)).not.toMatch(/SEULE|10000000413/);
  });

  it.each([
    ['nothing', undefined, 'Tapez votre numéro'],
    ['blanks', '  ', 'Tapez votre numéro'],
    ['a social security number', '295109912611193', '11 chiffres'],
    ['an unknown number', unknown, 'ne connaît pas ce numéro'],
    ['an unknown number whose key fails', '10999999993', 'sa clé ne correspond pas'],
  ])('refuses %s at the field, and stores nothing', async (_, number, message) => {
    const caller = await someone();
    await caller.atProfession();
    const { status, body } = await caller.answer('profession', 'look_up', number);
    expect(status).toBe(422);
    expect(body.errors).toEqual([{ path: '/fields/number', message: expect.stringContaining(message) }]);
    expect((await caller.answer('profession', 'nurse')).body.node.id).toBe('contacts');
  });

  it('keeps a number that nobody has for the case, beside the profession chosen; a failed key is told', async () => {
    const caller = await someone();
    await caller.atProfession();
    await caller.answer('profession', 'nurse', '10999999993');
    const { body } = await caller.openCase({ setting: 'establishment' });
    expect(body.warnings).toMatchObject([{ code: 'rpps_doubtful' }]);
    const [stored] = (await database.db.select().from(cases)).filter((each) => each.number === body.number);
    expect(stored).toMatchObject({ rpps: '10999999993', rppsDoubtful: true });
  });

  it('keeps no number that is none: it may be something secret', async () => {
    const caller = await someone();
    await caller.atProfession();
    await caller.answer('profession', 'nurse', '295109912611193');
    const stored = (await database.db.select().from(wizardSessions)).find(({ id }) => id === caller.id);
    expect(JSON.stringify(stored?.answers)).not.toContain('2951099');
  });

  it('has 404 for an unknown session, before anything is looked up', async () => {
    const response = await server.app.inject({
      method: 'POST',
      url: '/api/wizard/sessions/00000000-0000-4000-8000-000000000000/answers',
      payload: { node: 'profession', answer: 'look_up', fields: { number: numbers.nurse } },
    });
    expect(response.statusCode).toBe(404);
  });
});

describe('by the page', () => {
  it('finds, asks whether it is you, and fills the case form in', async () => {
    const nurse = await someone();
    await nurse.atSetting();
    const page = (await nurse.page()).body;
    expect(page).toContain('name="number"');
    // The first button of the form is the one that the Enter key presses.
    expect(/<button[^>]*name="answer" value="([^"]*)"/.exec(page)?.[1]).toBe('look_up');
    const sent = await nurse.send('setting', { answer: 'look_up', number: numbers.nurse });
    expect(sent.statusCode).toBe(303);
    expect((await nurse.page()).body).toContain('Marie SEULE');
    await nurse.send('case_you_are', { answer: 'me' });
    expect((await nurse.page('/demande')).body).toMatch(
      new RegExp(`name="rpps"[^>]*value="${numbers.nurse}"`),
    );
  });

  it('shows the page again with what was typed when nobody is found', async () => {
    const caller = await someone();
    await caller.atProfession();
    const refused = await caller.send('profession', { answer: 'look_up', number: unknown });
    expect(refused.statusCode).toBe(422);
    expect(refused.body).toContain(`value="${unknown}"`);
    expect(refused.body).toContain('href="#number"');
    expect(refused.body).toContain('value="nurse"');
  });

  it('keeps what is typed when the language changes', async () => {
    const caller = await someone();
    await caller.atProfession();
    const page = (await caller.page()).body;
    expect(page).toMatch(/<button[^>]* form="question" name="lang" value="en"/);
    expect(page).not.toContain('/langue"');
    const english = await caller.send('profession', { lang: 'en', number: '1000 0000' });
    expect(english.statusCode).toBe(200);
    expect(english.body).toContain('<html lang="en">');
    expect(english.body).toContain('value="1000 0000"');
    expect((await caller.page()).body).toContain('<html lang="en">');
    const stale = await caller.send('profession', { lang: 'fr', number: '1000 0001', token: 'old' });
    expect(stale.statusCode).toBe(403);
    expect(stale.body).toContain('value="1000 0001"');
  });

  it('warns of a key that fails, and goes on', async () => {
    const caller = await someone();
    await caller.atProfession();
    await caller.send('profession', { answer: 'look_up', number: numbers.doubtful });
    expect((await caller.page()).body).toContain('faute de frappe');
  });
});

describe('running through numbers', () => {
  it('counts the wizard’s look-ups with the directory’s own, whatever the session', async () => {
    const address = '198.51.100.20';
    for (let tried = 0; tried < lookUpsAllowed.missesAnHour; tried++) {
      const caller = await someone('fr', address);
      await caller.atProfession();
      expect((await caller.answer('profession', 'look_up', unknown)).status).toBe(422);
    }
    const caller = await someone('fr', address);
    await caller.atProfession();
    expect((await caller.answer('profession', 'look_up', numbers.nurse)).status).toBe(429);
    const page = await caller.send('profession', { answer: 'look_up', number: numbers.nurse });
    expect(page.statusCode).toBe(429);
    expect(page.body).toContain(`value="${numbers.nurse}"`);
    const direct = await server.app.inject({
      url: `/api/directory/${numbers.nurse}`,
      remoteAddress: address,
    });
    expect(direct.statusCode).toBe(429);
    expect((await caller.answer('profession', 'nurse')).status).toBe(200);
  });

  it('costs the same whether somebody is found or not', async () => {
    const address = '198.51.100.21';
    const caller = await someone('fr', address);
    await caller.atProfession();
    for (let tried = 0; tried < lookUpsAllowed.anHour - 1; tried++) {
      const number = tried % 20 === 0 ? unknown : numbers.nurse;
      const { status } = await caller.answer('profession', 'look_up', number);
      if (status === 429) throw new Error(`refused after ${tried}`);
    }
    expect((await caller.answer('profession', 'look_up', numbers.nurse)).status).toBe(200);
    expect((await caller.answer('profession', 'look_up', numbers.nurse)).status).toBe(429);
  });
});

describe('what a look-up finds', () => {
  it('has no value that the flow does not know', () => {
    const known = factValues(currentFlow);
    const line = { category: 'C', siteFiness: null, authority: null };
    for (const profession of ['10', '60', '91', '26', null]) {
      for (const mode of ['L', 'S', 'B', null]) {
        for (const sector of ['SA01', 'SA07', 'SA33', 'SA99', null]) {
          for (const category of ['C', 'M', 'E']) {
            const { facts } = findingOf(
              {
                identifier: { kind: 'rpps', number: numbers.nurse },
                familyName: null,
                givenName: null,
                activities: [{ ...line, profession, mode, sector, category }],
              },
              { kind: 'rpps', number: numbers.nurse, keyHolds: true },
            );
            for (const [fact, value] of Object.entries(facts)) {
              expect([...(known.get(fact as keyof typeof facts) ?? [])]).toContain(value);
            }
          }
        }
      }
    }
  });
});
