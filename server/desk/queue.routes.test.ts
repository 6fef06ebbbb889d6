import { describe, expect, test } from 'vitest';
import { claimCase } from '../cases/claim-case.ts';
import { aCase, anAgent } from '../testing/builders.ts';
import { deskVisitor } from '../testing/desk-visitor.ts';
import { testApp, testTexts } from '../testing/test-app.ts';
import { testDatabase } from '../testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);
const say = (key: string, parameters = {}) => testTexts.say('fr', key, parameters);

/** The rows of a section, by case number, as they follow each other on the page. */
function rowsOf(page: string, state: string): readonly string[] {
  const section = page.split(`data-section="${state}"`)[1]?.split('</tbody>')[0] ?? '';
  return [...section.matchAll(/data-number="([^"]+)"/g)].map(([, number = '']) => number);
}

describe('the queue', () => {
  test('shows my lines’ cases in the order in which they are served, and no others’', async () => {
    const at = (minute: number) => new Date(Date.UTC(2026, 10, 23, 8, minute));
    const line = { hotlineId: 'liberaux' };
    const later = await aCase(database.db, { ...line, openedAt: at(20), waitingSince: at(20) });
    const urgent = await aCase(database.db, { ...line, waitingSince: at(30), priorityRank: 0 });
    const back = await aCase(database.db, { ...line, waitingSince: at(40), returnedAt: at(40) });
    const earlier = await aCase(database.db, { ...line, openedAt: at(10), waitingSince: at(10) });
    const foreign = await aCase(database.db);
    const visitor = await deskVisitor(server, await anAgent(database.db, { hotlines: ['liberaux'] }));

    const { body } = await visitor.get('/desk');
    expect(rowsOf(body, 'waiting')).toEqual([back, urgent, earlier, later].map(({ number }) => number));
    expect(body).not.toContain(foreign.number);
    expect(body).toContain('<strong data-count="waiting">4</strong>');
    expect(body).toContain(say('desk.row.returned'));
    // Opened at 09:10 in Paris, looked at at 10:00.
    expect(body).toMatch(/data-since>50\s*min</);
  });

  test('shows one line or all of mine, and never another’s whatever the address asks', async () => {
    const here = await aCase(database.db);
    const agent = await anAgent(database.db, { hotlines: ['etablissements', 'liberaux'] });
    const both = await deskVisitor(server, agent);
    expect(rowsOf((await both.get('/desk')).body, 'waiting')).toContain(here.number);
    const one = (await both.get('/desk?ligne=liberaux')).body;
    expect(rowsOf(one, 'waiting')).not.toContain(here.number);
    expect(one).toMatch(/href="\/desk\?ligne(=|&#x3D;)liberaux" aria-current="page"/);

    const other = await deskVisitor(server, await anAgent(database.db, { hotlines: ['liberaux'] }));
    expect(rowsOf((await other.get('/desk?ligne=etablissements')).body, 'waiting')).not.toContain(
      here.number,
    );
  });

  test('escapes what practitioners write', async () => {
    await aCase(database.db, { contactName: '"><script>alert(1)</script>', profession: '<img src=x>' });
    const { body } = await (await deskVisitor(server, await anAgent(database.db))).get('/desk');
    expect(body).not.toContain('<script>alert');
    expect(body).not.toContain('<img src');
    expect(body).toContain('&lt;script&gt;alert(1)');
  });

  test('tells an agent without a line why there is nothing', async () => {
    const visitor = await deskVisitor(server, await anAgent(database.db, { hotlines: [] }));
    expect((await visitor.get('/desk')).body).toContain(say('desk.queue.noLine'));
  });
});

describe('claiming from the queue', () => {
  test('gives the case to the agent, rings, and opens its page', async () => {
    const { number } = await aCase(database.db);
    const agent = await anAgent(database.db);
    const visitor = await deskVisitor(server, agent);
    let rings = 0;
    const stop = server.deps.doorbell.onRing(() => {
      rings += 1;
    });
    const answer = await visitor.post('/desk/prendre', { number });
    stop();
    expect(rings).toBe(1);
    expect(answer.statusCode).toBe(303);
    expect(answer.headers.location).toBe(`/desk/dossiers/${number}`);
    expect((await visitor.get(`/desk/dossiers/${number}`)).body).toContain(say('desk.case.heldByYou'));
    // A second click on the same button is no claim lost to oneself.
    expect((await visitor.post('/desk/prendre', { number })).headers.location).toBe(answer.headers.location);
  });

  test('of a case that a colleague took first says who has it', async () => {
    const { number } = await aCase(database.db);
    const first = await anAgent(database.db, { name: 'Béatrice <b>' });
    await claimCase(database.db, { agent: first, number }, server.clock.now());
    const answer = await (await deskVisitor(server, await anAgent(database.db))).post('/desk/prendre', {
      number,
    });
    expect(answer.statusCode).toBe(409);
    expect(answer.body).toContain('Béatrice &lt;b&gt; a déjà pris ce dossier');
    expect(answer.body).toContain('data-queue');
  });

  test('is refused to who is away, with what to do', async () => {
    const { number } = await aCase(database.db);
    const visitor = await deskVisitor(server, await anAgent(database.db, { presence: 'away' }));
    const answer = await visitor.post('/desk/prendre', { number });
    expect(answer.statusCode).toBe(409);
    expect(answer.body).toContain(say('problems.not-available.detail'));
    await visitor.post('/desk/presence', { presence: 'available', back: '/desk' });
    expect((await visitor.post('/desk/prendre', { number })).statusCode).toBe(303);
  });

  test('is refused for another line’s case', async () => {
    const { number } = await aCase(database.db, { hotlineId: 'liberaux' });
    const answer = await (await deskVisitor(server, await anAgent(database.db))).post('/desk/prendre', {
      number,
    });
    expect(answer.statusCode).toBe(403);
    expect(answer.body).toContain(say('problems.foreign-hotline.detail'));
  });

  test.each(['/desk/prendre', '/desk/suivant', '/desk/presence'])(
    '%s with a forged token changes nothing',
    async (url) => {
      const { number } = await aCase(database.db);
      const visitor = await deskVisitor(server, await anAgent(database.db));
      const answer = await visitor.post(url, { token: 'forged', number, presence: 'away' });
      expect(answer.statusCode).toBe(403);
      expect(answer.body).toContain(say('problems.stale-form.detail'));
      const page = (await visitor.get('/desk')).body;
      expect(rowsOf(page, 'waiting')).toContain(number);
      expect(page).toContain('value="available" data-presence="available" aria-pressed="true"');
    },
  );
});

test('the next case is the first of the queue; when nobody waits, that is said once', async () => {
  const line = { hotlineId: 'nouvelle' };
  await database.connection.pool.query(
    `insert into hotlines (id, position, name_fr, name_en, phone, cost_fr, cost_en)
     values ('nouvelle', 99, 'Nouvelle', 'New', '0000', 'gratuit', 'free')`,
  );
  await aCase(database.db, line);
  const urgent = await aCase(database.db, { ...line, priorityRank: 0 });
  const visitor = await deskVisitor(server, await anAgent(database.db, { hotlines: ['nouvelle'] }));
  const first = await visitor.post('/desk/suivant');
  expect(first.headers.location).toBe(`/desk/dossiers/${urgent.number}`);
  await visitor.post('/desk/suivant');
  const none = await visitor.post('/desk/suivant');
  expect(none.headers.location).toBe('/desk');
  const flash = none.cookies.find(({ name }) => name === 'desk_flash');
  expect(flash).toMatchObject({ httpOnly: true, path: '/desk' });
  const told = await visitor.get('/desk', { desk_flash: flash?.value ?? '' });
  expect(told.body).toContain(say('desk.done.nothingWaiting'));
  expect(told.cookies).toContainEqual(expect.objectContaining({ name: 'desk_flash', value: '' }));
  const forged = await visitor.get('/desk', { desk_flash: 'nothingWaiting' });
  expect(forged.body).not.toContain(say('desk.done.nothingWaiting'));
});

test('a presence that does not exist is refused, and no other site is come back to', async () => {
  const visitor = await deskVisitor(server, await anAgent(database.db));
  expect((await visitor.post('/desk/presence', { presence: 'asleep' })).statusCode).toBe(400);
  const back = await visitor.post('/desk/presence', { presence: 'away', back: 'https://elsewhere.test' });
  expect(back.headers.location).toBe('/desk');
});

test('the line looked at last is shown again, until another is chosen', async () => {
  const agent = await anAgent(database.db, { hotlines: ['etablissements', 'liberaux'] });
  const visitor = await deskVisitor(server, agent);
  const current = (body: string) =>
    /href="([^"]*)" aria-current="page">/.exec(body.split('class="tabs"')[1] ?? '')?.[1];
  const chosen = await visitor.get('/desk?ligne=liberaux');
  const desk_line = chosen.cookies.find(({ name }) => name === 'desk_line')?.value ?? '';
  expect(current((await visitor.get('/desk', { desk_line })).body)).toContain('liberaux');
  expect(current((await visitor.get('/desk?ligne=toutes', { desk_line })).body)).toContain('toutes');
  expect(current((await visitor.get('/desk', { desk_line: 'nowhere' })).body)).toContain('toutes');
});
