import pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { sampleExtract } from '#ops/directory/sample-extract.ts';
import { samplePeople } from '#ops/directory/sample-people.ts';
import { directoryImports } from '#server/database/schema.ts';
import { importDirectory } from '#server/directory/import-directory.ts';
import { importLock } from '#server/directory/import-record.ts';
import { testFolder } from '#server/directory/testing/an-extract.ts';
import { lookUpsAllowed } from '../directory/directory-limits.ts';
import { aCase, anAgent, signedIn } from '../testing/builders.ts';
import { testApp, testTexts } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';

const database = testDatabase();
const folder = testFolder();
const test = testApp(database);
let cookie = '';

async function get(url: string, asking = cookie) {
  const answer = await test.app.inject({ url, headers: { cookie: asking } });
  return {
    status: answer.statusCode,
    html: answer.body.replaceAll('&#x27;', "'").replaceAll('&#x3D;', '='),
    json: () => answer.json(),
  };
}

beforeAll(async () => {
  const file = folder.write('annuaire.txt', [...sampleExtract({ rows: 300 })].join(''));
  const outcome = await importDirectory(database.url, { file, force: false, clock: test.clock });
  expect(outcome.kind).toBe('imported');
  cookie = await signedIn(test, await anAgent(database.db));
});

describe('looking somebody up', () => {
  it('is for agents', async () => {
    expect((await test.app.inject({ url: '/desk/annuaire?numero=10000000413' })).statusCode).toBe(303);
  });

  it('by number shows professions, activities, authority and what to ask', async () => {
    const { number, familyName } = samplePeople.doctorWithBoth;
    const { status, html } = await get(`/desk/annuaire?numero=${number}`);
    expect(status).toBe(200);
    expect(html).toContain(familyName);
    expect(html).toContain('Médecin');
    expect(html).toContain('SA01');
    expect(html).toContain('SA08');
    expect(html).toContain('Ordre des médecins');
    expect(html).toContain('demandez pour quelle activité');
    // Whatever a form's token happens to hold.
    expect(html.replaceAll(/name="token" value="[^"]*"/g, '')).not.toMatch(/0199|@exemple\.test/);
  });

  it('by name and département leads to each of those found', async () => {
    const { number } = samplePeople.standInDoctor;
    const name = encodeURIComponent(samplePeople.standInDoctor.familyName);
    const { html } = await get(`/desk/annuaire?nom=${name}&departement=33`);
    expect(html).toContain(`/desk/annuaire?numero=${number}`);
  });

  it.each([
    ['numero=12', 'href="#numero"'],
    ['nom=m&departement=33', 'href="#nom"'],
    ['nom=martin', 'href="#departement"'],
  ])('says what is wrong with %s, and keeps it', async (query, link) => {
    const { status, html } = await get(`/desk/annuaire?${query}`);
    expect(status).toBe(422);
    expect(html).toContain(link);
    expect(html).toContain(`value="${query.split(/[=&]/)[1]}"`);
    // Who looks somebody up was changing nothing.
    expect(html).not.toContain(testTexts.say('fr', 'desk.refused.title'));
  });

  it('says when nobody has the number, and is counted agent by agent', async () => {
    const guesser = await signedIn(test, await anAgent(database.db));
    for (let tried = 0; tried < lookUpsAllowed.missesAnHour; tried++) {
      const { html } = await get('/desk/annuaire?numero=10999999992', guesser);
      expect(html).toContain('ne connaît pas ce numéro');
    }
    const { number } = samplePeople.pharmacist;
    expect((await get(`/desk/annuaire?numero=${number}`, guesser)).status).toBe(429);
    expect((await get(`/desk/annuaire?numero=${number}`)).status).toBe(200);
  });

  it('is one click away from a case', async () => {
    const { number: rpps } = samplePeople.hospitalDoctor;
    const agent = await anAgent(database.db);
    const { number } = await aCase(database.db, { rpps });
    const { html } = await get(`/desk/dossiers/${number}`, await signedIn(test, agent));
    expect(html).toContain(`href="/desk/annuaire?numero=${rpps}"`);
  });
});

describe('which directory it is', () => {
  it('is said on the queue and on its own page', async () => {
    for (const url of ['/desk', '/desk/annuaire']) {
      const { html } = await get(url);
      expect(html).toMatch(
        /Annuaire importé le 23 novembre 2026 à 10:00.: \d+ professionnels \(fichier annuaire\.txt\)\./,
      );
      expect(html).not.toContain('Un import est en cours');
    }
  });

  it('says whether an import runs now: one that was killed does not', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await database.db.insert(directoryImports).values({
        state: 'running',
        fileName: 'suivant.txt',
        fileSize: 1,
        forced: false,
        startedAt: test.clock.now(),
      });
      expect((await get('/desk')).html).not.toContain('suivant.txt');
      await client.query('select pg_advisory_lock($1)', [importLock]);
      expect((await get('/desk')).html).toContain('Un import est en cours');
      const ready = (await get('/health/ready')).json();
      expect(ready.checks.directory).toContain('An import has been running since');
    } finally {
      await client.end();
    }
  });
});
