import { asc, eq, type SQL, sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { outbox } from '#server/database/outbox.table.ts';
import { aCase, anAgent } from '#server/testing/builders.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { caseEvents, caseMessages, cases } from './cases.table.ts';
import { changeCase } from './change-case.ts';

const database = testDatabase();
const at = new Date('2026-11-23T10:05:00+01:00');

const eventsOf = (caseId: number) =>
  database.db.select().from(caseEvents).where(eq(caseEvents.caseId, caseId)).orderBy(asc(caseEvents.id));

describe('a change to a case', () => {
  test('gives the changed case, typed, one version on', async () => {
    const before = await aCase(database.db);
    const after = await changeCase(database.db, {
      where: [eq(cases.number, before.number), eq(cases.version, 1)],
      set: { priorityRank: 0 },
      at,
      by: { kind: 'system' },
      events: [{ kind: 'priority_changed', data: { from: 'normal', to: 'urgent' } }],
    });
    expect(after).toEqual({ ...before, priorityRank: 0, version: 2 });
  });

  test('stores its event, its message and its jobs with it', async () => {
    const before = await aCase(database.db);
    const agent = await anAgent(database.db);
    const notBefore = new Date('2026-11-24T09:00:00+01:00');
    await changeCase(database.db, {
      where: [eq(cases.id, before.id)],
      set: { hotlineId: 'liberaux' },
      at,
      by: { kind: 'agent', agentId: agent.id },
      events: [
        { kind: 'transferred_away', hotlineId: 'etablissements', data: { to: 'liberaux' } },
        { kind: 'transferred', data: { from: 'etablissements' } },
      ],
      message: { body: 'D’accord', internal: false },
      outbox: [
        { job: 'case-said', about: 'message' },
        { job: 'case-moved', about: 'case', notBefore },
      ],
    });

    expect(await eventsOf(before.id)).toMatchObject([
      { kind: 'opened', version: 1, actor: 'practitioner', agentId: null, data: {}, seq: null },
      {
        kind: 'transferred_away',
        hotlineId: 'etablissements',
        version: 2,
        at,
        actor: 'agent',
        agentId: agent.id,
        data: { to: 'liberaux' },
        seq: null,
      },
      { kind: 'transferred', hotlineId: 'liberaux', version: 2, data: { from: 'etablissements' } },
    ]);
    const [message, ...others] = await database.db
      .select()
      .from(caseMessages)
      .where(eq(caseMessages.caseId, before.id));
    expect(message).toMatchObject({
      author: 'agent',
      agentId: agent.id,
      internal: false,
      body: 'D’accord',
      at,
    });
    expect(others).toEqual([]);
    expect(await database.db.select().from(outbox).orderBy(asc(outbox.job))).toMatchObject([
      { job: 'case-moved', payload: { caseId: before.id }, notBefore, createdAt: at, relayedAt: null },
      { job: 'case-said', payload: { messageId: message?.id }, notBefore: at, createdAt: at },
    ]);
  });

  test('that meets another case than it expected leaves nothing behind', async () => {
    const before = await aCase(database.db);
    const jobs = await database.db.$count(outbox);
    const change = await changeCase(database.db, {
      where: [eq(cases.id, before.id), eq(cases.version, 7)],
      set: { state: 'closed' },
      at,
      by: { kind: 'system' },
      events: [{ kind: 'closed' }],
      message: { body: 'perdu', internal: true },
      outbox: [{ job: 'case-closed', about: 'case' }],
    });
    expect(change).toBeUndefined();
    expect(await eventsOf(before.id)).toHaveLength(1);
    expect(await database.db.$count(caseMessages, eq(caseMessages.caseId, before.id))).toBe(0);
    expect(await database.db.$count(outbox)).toBe(jobs);
    expect(await database.db.select().from(cases).where(eq(cases.id, before.id))).toEqual([before]);
  });

  test('waits for the change before it, then sees what that one left', async () => {
    const { db } = database;
    const { id } = await aCase(db);
    const priority = (rank: number, condition: SQL) => ({
      where: [eq(cases.id, id), condition] as const,
      set: { priorityRank: rank },
      at,
      by: { kind: 'system' } as const,
      events: [{ kind: 'priority_changed', data: { rank } }] as const,
    });
    const { waiting } = await db.transaction(async (tx) => {
      await changeCase(tx, priority(0, eq(cases.version, 1)));
      const waiting = [
        changeCase(db, priority(1, eq(cases.version, 1))),
        changeCase(db, priority(3, eq(cases.state, 'waiting'))),
      ];
      await untilBlocked(waiting.length);
      return { waiting };
    });
    const outcomes = await Promise.all(waiting);
    expect(outcomes.map((each) => each?.version)).toEqual([undefined, 3]);
    const events = await eventsOf(id);
    expect(events.map((event) => event.data)).toEqual([{}, { rank: 0 }, { rank: 3 }]);
  });

  test('numbers the history of a case in the order of its versions, however many write at once', async () => {
    const { db } = database;
    const { id } = await aCase(db);
    const writers = Array.from({ length: 20 }, (_, writer) =>
      changeCase(db, {
        where: [eq(cases.id, id)],
        set: {},
        at,
        by: { kind: 'system' },
        events: [{ kind: 'note_added', data: { writer } }],
      }),
    );
    await Promise.all(writers);
    const versions = (await eventsOf(id)).map((event) => event.version);
    expect(versions).toEqual(Array.from({ length: 21 }, (_, place) => place + 1));
  });
});

/** Returns once `count` statements wait for a lock. */
async function untilBlocked(count: number): Promise<void> {
  for (;;) {
    const { rows } = await database.db.execute<{ blocked: number }>(sql`
      select count(*)::int as blocked from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`);
    if (rows[0] && rows[0].blocked >= count) return;
  }
}
