import { expect, test } from 'vitest';
import { bookCallback } from '#server/callbacks/book-callback.ts';
import { aCase, anAgent } from '#server/testing/builders.ts';
import { deskVisitor } from '#server/testing/desk-visitor.ts';
import { sentence } from '#server/testing/page-visitor.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);

async function called(iso: string) {
  const record = await aCase(database.db, { contactPhone: '+33612345678' });
  const { config, routing } = server.deps;
  const rules = { configuration: await routing.current(), terms: config.callbacks };
  const booking = { token: record.trackingToken, startsAt: new Date(iso) };
  await bookCallback(database.db, booking, rules, server.clock.now());
  server.deps.doorbell.ring();
  return record;
}

test('a call is seen in the queue, in the list and on its case, and what became of it is said', async () => {
  const visitor = await deskVisitor(server, await anAgent(database.db));
  const record = await called('2026-11-23T14:20:00+01:00');
  const queue = (await visitor.get('/desk')).body;
  expect(queue).toContain('<strong data-count="callbacks">1</strong>');
  expect(queue).toMatch(/badge-callback"><time datetime="2026-11-23T13:20:00.000Z" data-due>/);
  const list = (await visitor.get('/desk/rappels')).body;
  expect(list).toContain(record.number);
  expect(list).toContain('06 12 34 56 78');
  const page = `/desk/dossiers/${record.number}`;
  expect((await visitor.get(page)).body).toContain(sentence('callbacks.desk.reached'));
  expect((await visitor.post(`${page}/rappel-joint`)).statusCode).toBe(303);
  const after = (await visitor.get(page)).body;
  expect(after).not.toContain('rappel-joint');
  expect(after).toContain('appelé et joint le praticien');
  // Said twice: a colleague was faster.
  expect((await visitor.post(`${page}/rappel-joint`)).statusCode).toBe(409);
});

test('who was not reached is called again; a refused form keeps what was typed', async () => {
  const visitor = await deskVisitor(server, await anAgent(database.db));
  const record = await called('2026-11-23T15:00:00+01:00');
  const page = `/desk/dossiers/${record.number}`;
  const fields = { again: '2026-11-23T15:01:00.000Z', 'callback-message': 'Je vous ai appelée.' };
  const refused = await visitor.post(`${page}/rappel-manque`, fields);
  expect(refused.statusCode).toBe(409);
  expect(refused.body).toContain('Je vous ai appelée.</textarea>');
  const again = { ...fields, again: '2026-11-23T15:00:00.000Z' };
  expect((await visitor.post(`${page}/rappel-manque`, again)).statusCode).toBe(303);
  const after = (await visitor.get(page)).body;
  expect(after).toContain('Je vous ai appelée.');
  expect(after).toContain('data-due>Rappel 16:00');
});
