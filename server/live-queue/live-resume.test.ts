import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { cases } from '#server/cases/cases.table.ts';
import { changeCase } from '#server/cases/change-case.ts';
import { aCase } from '#server/testing/builders.ts';
import { liveDesk } from '#server/testing/live-desk.ts';
import { testApp } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';

const database = testDatabase();
const server = testApp(database);
const { connect, watch, post, arrive } = liveDesk(database, server);

describe('a client that comes back', () => {
  const note = (id: number) =>
    changeCase(database.db, {
      where: [eq(cases.id, id)],
      set: {},
      at: server.clock.now(),
      by: { kind: 'system' },
      events: [{ kind: 'note_added' }],
    });

  test('is told what it missed, and nothing twice', async () => {
    const client = await watch();
    const { id, number } = await arrive();
    const { seq } = await client.next('event');
    await client.end();
    for (let n = 0; n < 5; n += 1) await note(id);
    const back = await connect();
    back.say({ type: 'resume', after: seq });
    const snapshot = await back.next('snapshot');
    expect(snapshot).toMatchObject({ seq, rows: [{ number, version: 6 }] });
    const events = [];
    for (let n = 0; n < 5; n += 1) events.push(await back.next('event'));
    expect(events.map((event) => [event.seq, event.version, event.row?.version])).toEqual(
      Array.from({ length: 5 }, (_, n) => [seq + 1 + n, 2 + n, 6]),
    );
    await post(`${number}/notes`, { body: 'Suite' });
    expect(await back.next('event')).toMatchObject({ seq: seq + 6 });
  });

  test('while others write misses nothing, wherever it was cut', async () => {
    const written = await Promise.all(Array.from({ length: 6 }, () => aCase(database.db)));
    const { snapshot, ...first } = await watch();
    await first.end();
    const rounds = 12;
    const total = written.length * rounds;
    const write = async (id: number) => {
      for (let round = 0; round < rounds; round += 1) {
        await note(id);
        server.deps.doorbell.ring();
      }
    };
    const writing = Promise.all(written.map(({ id }) => write(id)));
    const seen: number[] = [];
    let after = snapshot.seq;
    let visits = 0;
    while (seen.length < total) {
      visits += 1;
      const client = await connect();
      client.say({ type: 'resume', after });
      expect((await client.next('snapshot')).seq).toBe(after);
      // A few events each time, then the line is cut.
      for (let n = 0; n < 7 && seen.length < total; n += 1) {
        after = (await client.next('event')).seq;
        seen.push(after);
      }
      client.socket.terminate();
    }
    await writing;
    expect(seen).toEqual(Array.from({ length: total }, (_, n) => snapshot.seq + 1 + n));
    expect(visits).toBeGreaterThan(5);
  });

  test('with a place that is not in the log starts over', async () => {
    const { id } = await arrive();
    const client = await watch();
    const { seq } = client.snapshot;
    const ahead = await connect();
    ahead.say({ type: 'resume', after: seq + 1000 });
    expect((await ahead.next('snapshot')).seq).toBe(seq);
    await Promise.all([client.end(), ahead.end()]);
    // More than a client is told again, one by one.
    await Promise.all(Array.from({ length: 501 }, () => note(id)));
    const behind = await connect();
    behind.say({ type: 'resume', after: seq });
    expect((await behind.next('snapshot')).seq).toBe(seq + 501);
  });

  test('can ask again on the same connection', async () => {
    const client = await watch();
    const { number } = await arrive();
    const { seq } = await client.next('event');
    client.say({ type: 'resume', after: seq - 1 });
    expect((await client.next('snapshot')).seq).toBe(seq - 1);
    expect(await client.next('event')).toMatchObject({ seq, number });
  });
});
