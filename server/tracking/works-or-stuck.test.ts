import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { cases } from '#server/cases/cases.table.ts';
import { sentence, storedAboutCases } from '#server/testing/page-visitor.ts';
import { pageOf, practitioner } from '#server/testing/practitioner.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);
const visitor = practitioner(database, server);

describe('"it works now"', () => {
  test.each(['waiting', 'in_progress', 'pending'] as const)('resolves a case that is %s', async (state) => {
    const record = await visitor.inState(state);
    let rings = 0;
    const stop = server.deps.doorbell.onRing(() => {
      rings += 1;
    });
    const response = await visitor.press(record, 'ca-marche');
    stop();
    expect(response.statusCode).toBe(303);
    expect(response.headers.location).toBe(`${pageOf(record)}?fait=works`);
    expect(rings).toBe(1);
    expect(await visitor.now(record)).toMatchObject({
      state: 'resolved',
      resolvedAt: server.clock.now(),
      assigneeSlot: null,
      version: 2,
    });
    expect(await visitor.eventsOf(record)).toEqual(['opened', 'practitioner_confirmed']);
    const page = await visitor.get(String(response.headers.location));
    expect(page.body).toContain(sentence('tracking.done.works'));
  });

  test('said again changes nothing; said of what an agent resolved, it is noted once', async () => {
    const waiting = await visitor.inState('waiting');
    await visitor.press(waiting, 'ca-marche');
    const before = await storedAboutCases(database.db);
    await visitor.press(waiting, 'ca-marche');
    expect(await storedAboutCases(database.db)).toEqual(before);
    const resolved = await visitor.inState('resolved');
    await visitor.press(resolved, 'ca-marche');
    await visitor.press(resolved, 'ca-marche');
    expect(await visitor.eventsOf(resolved)).toEqual(['opened', 'practitioner_confirmed']);
    expect((await visitor.now(resolved)).resolvedAt).toEqual(resolved.resolvedAt);
  });

  test('pressed ten times at once is one fact', async () => {
    const record = await visitor.inState('in_progress');
    const address = pageOf(record);
    const token = await visitor.tokenAt(address);
    await Promise.all(Array.from({ length: 10 }, () => visitor.post(`${address}/ca-marche`, { token })));
    expect(await visitor.eventsOf(record)).toEqual(['opened', 'practitioner_confirmed']);
  });
});

describe('"still stuck"', () => {
  test.each(['waiting', 'pending', 'resolved'] as const)(
    'brings a case that is %s, and that an agent had, to the front',
    async (state) => {
      const record = await visitor.claimedBefore(await visitor.inState(state));
      const response = await visitor.press(record, 'toujours-bloque');
      expect(response.headers.location).toBe(`${pageOf(record)}?fait=stuck`);
      expect(await visitor.now(record)).toMatchObject({
        state: 'waiting',
        returnedAt: server.clock.now(),
        resolvedAt: null,
        assigneeId: null,
        assigneeSlot: null,
      });
      expect(await visitor.eventsOf(record)).toEqual(['opened', 'claimed', 'practitioner_returned']);
      const page = await visitor.get(`${pageOf(record)}?fait=stuck`);
      expect(page.body).toContain(sentence('tracking.done.stuck'));
      expect(page.body).toContain(sentence('tracking.states.returned.label'));
      expect(page.body).not.toContain('/toujours-bloque');
    },
  );

  test('leaves a case in progress with its agent, and tells them', async () => {
    const record = await visitor.inState('in_progress');
    const { headers } = await visitor.press(record, 'toujours-bloque');
    expect(await visitor.now(record)).toMatchObject({
      state: 'in_progress',
      assigneeId: record.assigneeId,
      returnedAt: null,
      version: 2,
    });
    expect(await visitor.eventsOf(record)).toEqual(['opened', 'practitioner_returned']);
    expect((await visitor.get(String(headers.location))).body).toContain(
      sentence('tracking.done.stuck_in_progress'),
    );
  });

  test('keeps the time since which a case waits', async () => {
    const record = await visitor.claimedBefore(await visitor.inState('waiting'));
    await visitor.press(record, 'toujours-bloque');
    expect((await visitor.now(record)).waitingSince).toEqual(record.waitingSince);
  });

  test('of a case that nobody took yet is kept with its words, and goes past nobody', async () => {
    const record = await visitor.inState('waiting');
    const page = await visitor.get(pageOf(record));
    expect(page.body).toContain(sentence('tracking.stuck_hint_in_place'));
    const { headers } = await visitor.press(record, 'toujours-bloque', { message: 'Toujours rien' });
    const place = { state: 'waiting', returnedAt: null, waitingSince: record.waitingSince };
    expect(await visitor.now(record)).toMatchObject(place);
    expect(await visitor.eventsOf(record)).toEqual(['opened', 'practitioner_returned', 'message_received']);
    expect(await visitor.messagesOf(record)).toEqual(['Toujours rien']);
    const told = await visitor.get(String(headers.location));
    expect(told.body).toContain(sentence('tracking.done.stuck_in_place'));
    // Nor by way of "it works now".
    await visitor.press(record, 'ca-marche');
    await visitor.press(record, 'toujours-bloque');
    expect(await visitor.now(record)).toMatchObject({ ...place, resolvedAt: null });
  });

  test.each(['waiting', 'in_progress', 'resolved'] as const)(
    'said again of a case that was %s changes nothing',
    async (state) => {
      const record = await visitor.inState(state);
      await visitor.press(record, 'toujours-bloque', { message: 'Toujours rien' });
      const before = await storedAboutCases(database.db);
      const token = await visitor.tokenAt(pageOf(record));
      await visitor.post(`${pageOf(record)}/toujours-bloque`, { token, message: 'Toujours rien' });
      await visitor.post(`${pageOf(record)}/toujours-bloque`, { token });
      expect(await storedAboutCases(database.db)).toEqual(before);
      expect(await visitor.messagesOf(record)).toEqual(['Toujours rien']);
    },
  );

  test('of a closed case is refused, and says where to go', async () => {
    const open = await visitor.inState('waiting');
    const token = await visitor.tokenAt(pageOf(open));
    await database.db.update(cases).set({ state: 'closed' }).where(eq(cases.id, open.id));
    const before = await storedAboutCases(database.db);
    for (const path of ['ca-marche', 'toujours-bloque', 'messages']) {
      const response = await visitor.post(`${pageOf(open)}/${path}`, {
        token,
        message: 'Encore bloquée',
      });
      expect(response.statusCode).toBe(409);
      expect(response.body).toContain(sentence('problems.request-closed.title'));
      expect(response.body).toContain('Encore bloquée</textarea>');
      expect(response.body).toContain('href="/"');
    }
    expect(await storedAboutCases(database.db)).toEqual(before);
  });
});
