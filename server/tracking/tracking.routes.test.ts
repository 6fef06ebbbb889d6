import { describe, expect, test } from 'vitest';
import { caseMessages } from '#server/cases/cases.table.ts';
import { aCase, anAgent } from '#server/testing/builders.ts';
import { sentence, storedAboutCases } from '#server/testing/page-visitor.ts';
import { pageOf, practitioner } from '#server/testing/practitioner.ts';
import { testApp, testTexts } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);
const visitor = practitioner(database, server);

describe('the page of a case', () => {
  test('says where it stands, whom to call, and what was said', async () => {
    const record = await aCase(database.db, { message: 'Code jamais reçu' });
    const agent = await anAgent(database.db, { name: 'Sam Petit' });
    const at = new Date('2026-11-23T09:40:00+01:00');
    await database.db.insert(caseMessages).values([
      {
        caseId: record.id,
        author: 'agent',
        agentId: agent.id,
        internal: false,
        body: 'Avez-vous réessayé ?',
        at,
      },
      { caseId: record.id, author: 'agent', agentId: agent.id, internal: true, body: 'note entre nous', at },
    ]);
    const { statusCode, body, headers } = await visitor.get(pageOf(record));
    expect(statusCode).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toContain('<meta name="robots" content="noindex">');
    expect(body).toContain(sentence('tracking.title', { number: record.number }));
    expect(body).toContain(sentence('tracking.states.waiting.label'));
    expect(body).toContain('0 800 08 12 07');
    expect(body).toContain('opening-open');
    expect(body).toContain('Code jamais reçu');
    expect(body).toContain('Avez-vous réessayé ?');
    expect(body).toContain('Comment vous connectez-vous ?');
    expect(body).not.toContain('note entre nous');
    expect(body).not.toContain('Sam Petit');
  });

  test.each(['waiting', 'in_progress', 'pending', 'resolved', 'closed'] as const)(
    'knows %s',
    async (state) => {
      const record = await visitor.inState(state);
      const { body } = await visitor.get(pageOf(record));
      expect(body).toContain(sentence(`tracking.states.${state}.label`));
    },
  );

  test.each([
    [{ contactEmail: 'Sam@Exemple.test' }, { contactEmail: 'sam@exemple.test' }],
    [{ contactPhone: '+33612345678' }, { contactPhone: '+33612345678', contactName: 'CAMILLE DURAND' }],
  ])('leads from a merged case to the one of the same person it is followed in', async (one, same) => {
    const target = await aCase(database.db, one);
    const record = await visitor.inState('closed', { mergedInto: target.id, ...same });
    const { body } = await visitor.get(pageOf(record));
    expect(body).toContain(`href="/suivi/${target.trackingToken}"`);
    expect(body).toContain(sentence('tracking.followed_in', { number: target.number }));
    expect(body).not.toContain('/messages');
  });

  test.each([
    [{}, {}],
    [{ contactPhone: '+33612345678' }, { contactPhone: '+33612345679' }],
    // The number of the hospital in which both work.
    [{ contactPhone: '+33140000000' }, { contactPhone: '+33140000000', contactName: 'Sam Petit' }],
    [
      { contactEmail: null, contactPhone: '+33612345678' },
      { contactEmail: 'sam@exemple.test', contactPhone: null },
    ],
  ])('says of a case merged into somebody else’s only its number', async (one, other) => {
    const target = await aCase(database.db, one);
    const record = await visitor.inState('closed', { mergedInto: target.id, ...other });
    const { body } = await visitor.get(pageOf(record));
    expect(body).not.toContain(target.trackingToken);
    expect(body).toContain(sentence('tracking.states.merged.text', { number: target.number }));
    expect(body).toContain(sentence('tracking.joined'));
  });

  test('speaks the case’s language, or the one asked for, and keeps it through what is done there', async () => {
    const record = await aCase(database.db, { language: 'en' });
    const address = pageOf(record);
    expect((await visitor.get(address)).body).toContain('<html lang="en">');
    const french = await visitor.get(`${address}?lang=fr`);
    expect(french.body).toContain('<html lang="fr">');
    expect(french.body).toContain(`action="${address}/ca-marche?lang&#x3D;fr"`);
    const token = await visitor.tokenAt(address);
    const done = await visitor.post(`${address}/ca-marche?lang=fr`, { token });
    expect(done.headers.location).toBe(`${address}?lang=fr&fait=works`);
  });

  test('shows hostile words as words', async () => {
    const message = '<script>alert(1)</script> \u202eabc {{7*7}}';
    const record = await aCase(database.db, { message });
    const { body } = await visitor.get(pageOf(record));
    expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(body).not.toContain('<script>alert');
  });
});

describe('a link that is not right', () => {
  test('by one character leads nowhere, in the reader’s language, whatever is pressed', async () => {
    const record = await aCase(database.db);
    const last = record.trackingToken.at(-1) === 'A' ? 'B' : 'A';
    const wrong = record.trackingToken.slice(0, -1) + last;
    const before = await storedAboutCases(database.db);
    const page = await visitor.get(`/suivi/${wrong}`, { 'accept-language': 'en' });
    expect(page.statusCode).toBe(404);
    expect(page.body).toContain(testTexts.say('en', 'problems.no-such-tracking.title'));
    const token = await visitor.tokenAt(pageOf(record));
    for (const path of ['ca-marche', 'toujours-bloque', 'messages', 'arret', 'reponse']) {
      const response = await visitor.post(`/suivi/${wrong}/${path}`, {
        token,
        message: 'À copier',
        suivi: '1',
        reponse: 'works',
      });
      expect(response.statusCode).toBe(404);
      expect(response.body).toContain('À copier</textarea>');
    }
    expect(await storedAboutCases(database.db)).toEqual(before);
  });

  test.each(['x', "'%20or%201=1--", '%00', 'a'.repeat(90), '😀'])(
    'like %s is a clear refusal',
    async (token) => {
      const { statusCode, body } = await visitor.get(`/suivi/${encodeURI(token)}`);
      expect([400, 404]).toContain(statusCode);
      expect(body).toContain('<html lang="fr">');
    },
  );
});
