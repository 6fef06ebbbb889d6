import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { aCase } from '../testing/builders.ts';
import type { Position } from './position.ts';
import { wizardSessions } from './wizard.table.ts';

const database = testDatabase();
const server = testApp(database);

async function start(body: object = {}, headers: Record<string, string> = {}): Promise<Position> {
  const response = await server.app.inject({
    method: 'POST',
    url: '/api/wizard/sessions',
    payload: body,
    headers,
  });
  expect(response.statusCode).toBe(201);
  return response.json();
}

function answer(id: string, payload: object) {
  return server.app.inject({ method: 'POST', url: `/api/wizard/sessions/${id}/answers`, payload });
}

/** Answers that must be taken, one after the other. */
async function answers(id: string, ...given: readonly (readonly [string, string])[]): Promise<Position> {
  let position: Position | undefined;
  for (const [node, choice] of given) {
    const response = await answer(id, { node, answer: choice });
    expect(response.json()).toMatchObject({ id });
    position = response.json();
  }
  if (!position) throw new Error('no answer given');
  return position;
}

async function stored(id: string) {
  const [row] = await database.db.select().from(wizardSessions).where(eq(wizardSessions.id, id));
  return row;
}

describe('starting a diagnosis', () => {
  it('needs no body', async () => {
    const response = await server.app.inject({ method: 'POST', url: '/api/wizard/sessions' });
    expect(response.statusCode).toBe(201);
    expect(response.json()).toMatchObject({ trail: [], node: { kind: 'question' } });
  });

  it('answers with the first question, in French by default', async () => {
    const position = await start();
    expect(Object.keys(position).sort()).toEqual(['flow', 'flowVersion', 'id', 'incidents', 'node', 'trail']);
    expect(position).toMatchObject({ flow: 'connection', trail: [] });
    expect(position.node).toMatchObject({ id: 'way', kind: 'question' });
    expect(position.node.title).toBe('Comment entrez-vous dans Vaccin Covid\u202f?');
    expect(position.node.options).toContainEqual({ id: 'ecps', label: 'L’e-CPS' });
    expect(position.node.options).toContainEqual({ id: 'it_works', label: 'Ça marche maintenant' });
    expect(await stored(position.id)).toMatchObject({ language: 'fr', answers: [], version: 1 });
  });

  it('speaks the language asked for, else that of the request', async () => {
    const inEnglish = 'How do you get into Vaccin Covid?';
    expect((await start({ language: 'en' })).node.title).toBe(inEnglish);
    expect((await start({}, { 'accept-language': 'en-GB,en;q=0.9,fr;q=0.5' })).node.title).toBe(inEnglish);
    expect((await start({ language: 'fr' }, { 'accept-language': 'en' })).node.title).not.toBe(inEnglish);
  });

  it('refuses unknown fields and languages', async () => {
    for (const payload of [{ language: 'de' }, { language: 'fr', admin: true }, []]) {
      const response = await server.app.inject({ method: 'POST', url: '/api/wizard/sessions', payload });
      expect(response.statusCode).toBe(400);
      expect(response.headers['content-type']).toContain('application/problem+json');
    }
  });
});

describe('answering', () => {
  it('moves on and carries the trail in words', async () => {
    const { id } = await start();
    const position = await answers(id, ['way', 'ecps'], ['problem', 'codes'], ['code_missing', 'sms']);
    expect(position.node).toMatchObject({ id: 'sms_not_received', kind: 'instruction' });
    expect(position.node.body).toMatch(/\n\n1\. .+\n2\. /);
    expect(position.trail).toEqual([
      { node: 'way', answer: 'ecps', label: 'L’e-CPS' },
      { node: 'problem', answer: 'codes', label: 'Un code ou un e-mail n’arrive pas' },
      { node: 'code_missing', answer: 'sms', label: 'Le code par SMS' },
    ]);
    const read = await server.app.inject(`/api/wizard/sessions/${id}`);
    expect(read.statusCode).toBe(200);
    expect(read.json()).toEqual(position);
  });

  it('discards what followed an earlier question that is answered again', async () => {
    const { id } = await start();
    await answers(id, ['way', 'ecps'], ['problem', 'codes'], ['code_missing', 'sms']);
    const position = await answers(id, ['way', 'card']);
    expect(position.trail.map(({ node, answer }) => [node, answer])).toEqual([['way', 'card']]);
    expect(position.node.id).toBe('problem');
    expect(await stored(id)).toMatchObject({ answers: [{ node: 'way', answer: 'card' }] });
  });

  it('ends at an outcome, whose trail can still be changed', async () => {
    const { id } = await start();
    expect(await answers(id, ['way', 'it_works'])).toMatchObject({
      outcome: 'resolved',
      node: { kind: 'outcome', options: [] },
    });
    const again = await answer(id, { node: 'resolved', answer: 'it_works' });
    expect([again.statusCode, again.json().type]).toEqual([409, '/problems/session-finished']);
    expect((await answers(id, ['way', 'insured'])).outcome).toBe('redirected');
    expect((await answers(id, ['way', 'ecps'])).outcome).toBeUndefined();
  });

  it('refuses a session that does not exist', async () => {
    for (const id of [randomUUID(), 'nonsense', '__proto__', '1 or 1=1']) {
      expect((await answer(encodeURIComponent(id), { node: 'way', answer: 'ecps' })).statusCode).toBe(404);
      const read = await server.app.inject(`/api/wizard/sessions/${encodeURIComponent(id)}`);
      expect([read.statusCode, read.json().type]).toEqual([404, '/problems/no-such-session']);
    }
  });

  it('refuses a question that is neither answered nor current', async () => {
    const { id } = await start();
    const response = await answer(id, { node: 'code_missing', answer: 'sms' });
    expect([response.statusCode, response.json().type]).toEqual([409, '/problems/question-not-here']);
    expect(await stored(id)).toMatchObject({ answers: [], version: 1 });
  });

  it('refuses an option that is not offered there, naming it', async () => {
    const { id } = await start();
    await answers(id, ['way', 'card']);
    // Of another node, of another way in, of nothing.
    for (const option of ['sms', 'codes', 'nonsense']) {
      const response = await answer(id, { node: 'problem', answer: option });
      expect(response.statusCode).toBe(400);
      expect(response.json().errors).toEqual([
        { path: '/answer', message: 'La valeur n’est pas dans la liste.' },
      ]);
    }
    expect(await stored(id)).toMatchObject({ version: 2 });
  });

  it('refuses an answer to questions of another version', async () => {
    const { id, flowVersion } = await start();
    const response = await answer(id, { node: 'way', answer: 'ecps', flowVersion: flowVersion + 1 });
    expect([response.statusCode, response.json().type]).toEqual([409, '/problems/questions-changed']);
    expect((await answer(id, { node: 'way', answer: 'ecps', flowVersion })).statusCode).toBe(200);
  });

  it('moves a session of an older version on, with the answers that still fit', async () => {
    const { id, flowVersion } = await start();
    await answers(id, ['way', 'ecps'], ['problem', 'codes']);
    await database.db
      .update(wizardSessions)
      .set({
        flowVersion: flowVersion - 1,
        answers: [
          { node: 'way', answer: 'ecps' },
          { node: 'a_question_since_removed', answer: 'yes' },
          { node: 'problem', answer: 'codes' },
        ],
      })
      .where(eq(wizardSessions.id, id));
    const read = await server.app.inject(`/api/wizard/sessions/${id}`);
    expect(read.json()).toMatchObject({ flowVersion, node: { id: 'problem' }, trail: [{ node: 'way' }] });
    await answers(id, ['problem', 'app']);
    expect(await stored(id)).toMatchObject({
      flowVersion,
      answers: [
        { node: 'way', answer: 'ecps' },
        { node: 'problem', answer: 'app' },
      ],
    });
  });

  it('leaves a session alone once a case was opened from it', async () => {
    const { id } = await start();
    await answers(id, ['way', 'ecps']);
    await aCase(database.db, { wizardSessionId: id });
    const response = await answer(id, { node: 'problem', answer: 'codes' });
    expect([response.statusCode, response.json().type]).toEqual([409, '/problems/session-frozen']);
    expect(await stored(id)).toMatchObject({ version: 2 });
    expect((await server.app.inject(`/api/wizard/sessions/${id}`)).statusCode).toBe(200);
  });

  it('takes two tabs answering at once one after the other, never mixed', async () => {
    const { id } = await start();
    const choices = ['ecps', 'card', 'unknown', 'insured'];
    const responses = await Promise.all(choices.map((choice) => answer(id, { node: 'way', answer: choice })));
    expect(responses.map((response) => response.statusCode)).toEqual([200, 200, 200, 200]);
    const row = await stored(id);
    expect(row?.version).toBe(5);
    expect(row?.answers).toHaveLength(1);
    // Each tab was told where its own answer leads.
    expect(responses.map((response) => response.json().trail[0].answer)).toEqual(choices);
  });

  it('lets only the answer that still fits win when two tabs answer different questions', async () => {
    const { id } = await start();
    await answers(id, ['way', 'ecps']);
    const [earlier, later] = await Promise.all([
      answer(id, { node: 'way', answer: 'insured' }),
      answer(id, { node: 'problem', answer: 'codes' }),
    ]);
    expect(earlier?.statusCode).toBe(200);
    expect([200, 409]).toContain(later?.statusCode);
    expect((await stored(id))?.answers).toEqual([{ node: 'way', answer: 'insured' }]);
  });
});

describe('hostile input', () => {
  const hostile: readonly [string, unknown][] = [
    ['sixty thousand characters', 'x'.repeat(60_000)],
    ['markup', '<script>alert(1)</script>'],
    ['SQL', "ecps'; drop table wizard_sessions; --"],
    ['a NUL byte', 'ecps\0'],
    ['half a surrogate pair', 'ecps\ud800'],
    ['right-to-left text', '\u202eecps مرحبا'],
    ['emoji', '💉👩🏽‍⚕️'],
    ['a prototype name', '__proto__'],
    ['another prototype name', 'constructor'],
    ['a method name', 'toString'],
    ['nothing', ''],
    ['null', null],
    ['a number', 1],
    ['a list', ['ecps']],
    ['an object', { ecps: true }],
  ];

  it.each(hostile)('refuses %s as an answer', async (_, value) => {
    const { id } = await start();
    const response = await answer(id, { node: 'way', answer: value });
    expect(response.statusCode).toBe(400);
    expect(response.json().errors[0].path).toBe('/answer');
    expect(await stored(id)).toMatchObject({ answers: [], version: 1 });
  });

  it.each(hostile)('refuses %s as a question', async (_, value) => {
    const { id } = await start();
    const response = await answer(id, { node: value, answer: 'ecps' });
    expect([400, 409]).toContain(response.statusCode);
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(await stored(id)).toMatchObject({ answers: [], version: 1 });
  });

  it.each([
    ['text/xml', '<answer/>', 415],
    ['application/x-www-form-urlencoded', 'node=way&answer=ecps', 415],
    ['multipart/form-data; boundary=x', '--x--', 415],
    ['application/json', '{"node":"way"', 400],
    ['application/json', '{"node":"way","answer":"ecps","__proto__":{"admin":true}}', 400],
    ['application/json', '', 400],
  ])('refuses %s %s', async (contentType, payload, status) => {
    const { id } = await start();
    const response = await server.app.inject({
      method: 'POST',
      url: `/api/wizard/sessions/${id}/answers`,
      headers: { 'content-type': contentType },
      payload,
    });
    expect(response.statusCode).toBe(status);
    expect(await stored(id)).toMatchObject({ answers: [], version: 1 });
  });

  it('refuses another site', async () => {
    const response = await server.app.inject({
      method: 'POST',
      url: '/api/wizard/sessions',
      headers: { origin: 'https://elsewhere.example' },
      payload: {},
    });
    expect(response.statusCode).toBe(403);
  });
});

describe('a flood of new sessions', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };

  it.each([
    ['/api/wizard/sessions', 'application/problem+json', { payload: {} }],
    ['/diagnostic', 'text/html', { headers: form, payload: 'token=' }],
  ])('by %s is slowed for its own address only', async (url, type, sent) => {
    const begin = (remoteAddress: string) =>
      server.app.inject({ method: 'POST', url, remoteAddress, ...sent });
    for (let count = 0; count < 300; count++) {
      expect((await begin('203.0.113.7')).statusCode).not.toBe(429);
    }
    const refused = await begin('203.0.113.7');
    expect(refused.statusCode).toBe(429);
    expect(refused.headers['content-type']).toContain(type);
    expect(refused.body).toContain('Attendez une minute');
    expect((await begin('203.0.113.8')).statusCode).not.toBe(429);
  });
});

describe('the flow as data', () => {
  it('gives nodes and edges with their conditions', async () => {
    const response = await server.app.inject('/api/wizard/flows/connection');
    expect(response.statusCode).toBe(200);
    const flow = response.json();
    expect(flow).toMatchObject({ id: 'connection', start: 'way' });
    expect(flow.nodes).toContainEqual({ id: 'escalate', kind: 'outcome', outcome: 'escalate' });
    expect(flow.edges).toContainEqual({
      from: 'problem',
      option: 'codes',
      to: 'code_missing',
      when: { fact: 'way', in: ['ecps'] },
      exit: false,
    });
  });

  it.each(['nothing', '__proto__', 'constructor'])('knows no flow %s', async (flow) => {
    expect((await server.app.inject(`/api/wizard/flows/${flow}`)).statusCode).toBe(404);
  });
});
