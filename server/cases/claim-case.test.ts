import { eq, sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { agents } from '#server/agents/agents.table.ts';
import { setPresence } from '#server/agents/presence.ts';
import { Problem } from '#server/problem.ts';
import { aCase, anAgent } from '#server/testing/builders.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { caseEvents, caseMessages, cases } from './cases.table.ts';
import { type CaseRecord, changeCase } from './change-case.ts';
import { claimCase } from './claim-case.ts';
import { claimNextCase } from './claim-next-case.ts';
import { releaseCase } from './release-case.ts';

const database = testDatabase();
const now = new Date('2026-11-23T10:30:00+01:00');

beforeEach(async () => {
  await database.db.delete(caseMessages);
  await database.db.delete(caseEvents);
  await database.db.delete(cases);
});

const outcomeOf = <Result>(attempt: Promise<Result>) =>
  attempt.catch((error: unknown) => {
    if (error instanceof Problem) return error;
    throw error;
  });

const stored = async (id: number) => (await database.db.select().from(cases).where(eq(cases.id, id)))[0];

/** Waits until that many statements wait for a lock. */
async function untilBlocked(count: number): Promise<void> {
  for (;;) {
    const { rows } = await database.db.execute<{ blocked: number }>(sql`
      select count(*)::int as blocked from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`);
    if (rows[0] && rows[0].blocked >= count) return;
  }
}

describe('claiming a case', () => {
  test('gives it to the agent, in the lowest of their places', async () => {
    const agent = await anAgent(database.db);
    const [first, second] = [await aCase(database.db), await aCase(database.db)];
    const claimed = await claimCase(database.db, { agent, number: first.number, version: 1 }, now);
    expect(claimed).toEqual({
      ...first,
      state: 'in_progress',
      assigneeId: agent.id,
      assigneeSlot: 1,
      version: 2,
    });
    expect(await claimCase(database.db, { agent, number: second.number }, now)).toMatchObject({
      assigneeSlot: 2,
    });
    await releaseCase(database.db, { agent, number: first.number }, now);
    expect(await claimCase(database.db, { agent, number: first.number }, now)).toMatchObject({
      assigneeSlot: 1,
    });
  });

  test('by two agents at once, fifty times: one has it, the other is told who', async () => {
    const rivals = [
      await anAgent(database.db, { capacity: 50 }),
      await anAgent(database.db, { capacity: 50 }),
    ];
    const winners = new Set<string | undefined>();
    for (let round = 0; round < 50; round += 1) {
      const { id, number } = await aCase(database.db);
      // Each begins first in turn, so that neither wins by being first in the list.
      const order = round % 2 === 0 ? rivals : rivals.toReversed();
      const outcomes = await Promise.all(
        order.map((agent) => outcomeOf(claimCase(database.db, { agent, number, version: 1 }, now))),
      );
      const won = outcomes.filter((each): each is CaseRecord => !(each instanceof Problem));
      const lost = outcomes.filter((each) => each instanceof Problem);
      expect([won.length, lost.length]).toEqual([1, 1]);
      const winner = rivals.find((agent) => agent.id === won[0]?.assigneeId);
      expect(lost[0]).toMatchObject({
        statusCode: 409,
        code: 'already-claimed',
        extensions: { owner: { id: winner?.id, name: winner?.name } },
      });
      expect(await stored(id)).toMatchObject({ assigneeId: winner?.id, version: 2 });
      winners.add(winner?.id);
      await releaseCase(
        database.db,
        { agent: { ...rivals[0], ...winner } as (typeof rivals)[0], number },
        now,
      );
    }
    expect(winners.size).toBe(2);
  });

  test('by one agent on many connections at once never exceeds their capacity', async () => {
    const agent = await anAgent(database.db, { capacity: 3 });
    const waiting = await Promise.all(Array.from({ length: 8 }, () => aCase(database.db)));
    const outcomes = await Promise.all(
      waiting.map(({ number }) => outcomeOf(claimCase(database.db, { agent, number }, now))),
    );
    const won = outcomes.filter((each): each is CaseRecord => !(each instanceof Problem));
    expect(won.map((each) => each.assigneeSlot).sort()).toEqual([1, 2, 3]);
    for (const lost of outcomes.filter((each) => each instanceof Problem)) {
      expect(lost).toMatchObject({ statusCode: 409, code: 'no-place-left', parameters: { count: 3 } });
    }
  });

  test('by one agent on two connections, with one place left, gives one case', async () => {
    for (let round = 0; round < 20; round += 1) {
      const agent = await anAgent(database.db, { capacity: 1 });
      const waiting = [await aCase(database.db), await aCase(database.db)];
      const outcomes = await Promise.all(
        waiting.map(({ number }) => outcomeOf(claimCase(database.db, { agent, number }, now))),
      );
      expect(outcomes.filter((each) => each instanceof Problem)).toHaveLength(1);
    }
  });

  test('is refused to an agent who is not available', async () => {
    const { number } = await aCase(database.db);
    for (const presence of ['away', 'wrap_up'] as const) {
      const agent = await anAgent(database.db, { presence });
      const outcome = await outcomeOf(claimCase(database.db, { agent, number }, now));
      expect(outcome).toMatchObject({ statusCode: 409, code: 'not-available' });
    }
  });

  test('believes the accounts, not what the session said of them', async () => {
    const { number, id } = await aCase(database.db);
    const agent = await anAgent(database.db, { hotlines: ['liberaux'] });
    const pretending = { ...agent, hotlines: ['etablissements'], role: 'supervisor' as const };
    await outcomeOf(claimCase(database.db, { agent: pretending, number }, now));
    expect(await stored(id)).toMatchObject({ state: 'waiting', version: 1 });
  });

  test('waits for an agent who is stepping away, then gives them nothing', async () => {
    const agent = await anAgent(database.db);
    const { id, number } = await aCase(database.db);
    const { claim } = await database.db.transaction(async (tx) => {
      await setPresence(tx, agent.id, 'away', now);
      const claim = outcomeOf(claimCase(database.db, { agent, number }, now));
      await untilBlocked(1);
      return { claim };
    });
    expect(await claim).toMatchObject({ code: 'not-available' });
    expect(await stored(id)).toMatchObject({ state: 'waiting', assigneeId: null });
  });

  test('under way is finished before its agent steps away', async () => {
    const agent = await anAgent(database.db);
    const { number } = await aCase(database.db);
    const { leaving } = await database.db.transaction(async (tx) => {
      await claimCase(tx, { agent, number }, now);
      const leaving = setPresence(database.db, agent.id, 'away', now);
      await untilBlocked(1);
      return { leaving };
    });
    await leaving;
    const [after] = await database.db.select().from(agents).where(eq(agents.id, agent.id));
    expect(after?.presence).toBe('away');
  });

  test('goes through when something else changed the case meanwhile and no version was given', async () => {
    const agent = await anAgent(database.db);
    const { id, number } = await aCase(database.db);
    const { claims } = await database.db.transaction(async (tx) => {
      await changeCase(tx, {
        where: [eq(cases.id, id)],
        set: { priorityRank: 0 },
        at: now,
        by: { kind: 'system' },
        events: [{ kind: 'priority_changed' }],
      });
      const claims = [
        outcomeOf(claimCase(database.db, { agent, number, version: 1 }, now)),
        outcomeOf(claimCase(database.db, { agent, number }, now)),
      ];
      await untilBlocked(2);
      return { claims };
    });
    const [versioned, unversioned] = await Promise.all(claims);
    expect(unversioned).toMatchObject({ version: 3, priorityRank: 0, assigneeId: agent.id });
    // Depending on which of the two came first, the other is stale or lost.
    expect(versioned).toMatchObject({ statusCode: 409 });
  });

  test('takes up again a case that its agent had pending, and nobody else’s', async () => {
    const [agent, other] = [await anAgent(database.db), await anAgent(database.db)];
    const { number } = await aCase(database.db, { state: 'pending', assigneeId: agent.id });
    const refused = await outcomeOf(claimCase(database.db, { agent: other, number }, now));
    expect(refused).toMatchObject({ code: 'already-claimed', extensions: { owner: { id: agent.id } } });
    const taken = await claimCase(database.db, { agent, number }, now);
    expect(taken).toMatchObject({ state: 'in_progress', assigneeSlot: 1 });
  });
});

describe('claiming the next case', () => {
  const at = (minutes: number) => new Date(Date.parse('2026-11-23T08:00:00+01:00') + minutes * 60_000);

  test('gives who came back, then the most urgent, then who waits longest, of all the agent’s hotlines', async () => {
    const { db } = database;
    const oldest = await aCase(db, { waitingSince: at(0) });
    const second = await aCase(db, { waitingSince: at(1), hotlineId: 'liberaux' });
    const urgent = await aCase(db, { waitingSince: at(30), priorityRank: 0, hotlineId: 'liberaux' });
    const returned = await aCase(db, { waitingSince: at(40), priorityRank: 3, returnedAt: at(50) });
    const before = await aCase(db, { waitingSince: at(41), priorityRank: 3, returnedAt: at(45) });
    const agent = await anAgent(db, { hotlines: ['etablissements', 'liberaux'], capacity: 9 });
    const order: (string | undefined)[] = [];
    for (let n = 0; n < 6; n += 1) order.push((await claimNextCase(db, agent, now))?.number);
    expect(order).toEqual([
      ...[before, returned, urgent, oldest, second].map(({ number }) => number),
      undefined,
    ]);
  });

  test('gives nothing of other hotlines, and everything to a supervisor', async () => {
    const { db } = database;
    const { id } = await aCase(db, { hotlineId: 'liberaux' });
    expect(await claimNextCase(db, await anAgent(db), now)).toBeUndefined();
    const supervisor = await anAgent(db, { role: 'supervisor', hotlines: [] });
    expect(await claimNextCase(db, supervisor, now)).toMatchObject({ id });
  });

  test('gives each of many agents who ask at once another case, the first ones', async () => {
    const { db } = database;
    const waiting = [];
    for (let n = 0; n < 14; n += 1) waiting.push(await aCase(db, { waitingSince: at(n) }));
    const asking = await Promise.all(Array.from({ length: 10 }, () => anAgent(db)));
    const given = await Promise.all(asking.map((agent) => claimNextCase(db, agent, now)));
    const ids = given.map((each) => each?.id);
    expect(new Set(ids).size).toBe(10);
    expect(ids).not.toContain(undefined);
    expect(ids.toSorted()).toEqual(
      waiting
        .slice(0, 10)
        .map(({ id }) => id)
        .toSorted(),
    );
  });

  test('by one agent on many connections gives as many as they have places', async () => {
    const { db } = database;
    await Promise.all(Array.from({ length: 6 }, () => aCase(db)));
    const agent = await anAgent(db, { capacity: 2 });
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () => outcomeOf(claimNextCase(db, agent, now))),
    );
    expect(outcomes.filter((each) => each instanceof Problem)).toHaveLength(4);
    expect(await db.$count(cases, eq(cases.assigneeId, agent.id))).toBe(2);
  });

  test('waits for the only case while another is being given it, who then is not', async () => {
    const { db } = database;
    const { id } = await aCase(db);
    const agent = await anAgent(db);
    const { claim } = await db.transaction(async (tx) => {
      await tx.select().from(cases).where(eq(cases.id, id)).for('update');
      const claim = claimNextCase(db, agent, now);
      await untilBlocked(1);
      return { claim };
    });
    expect(await claim).toMatchObject({ id, assigneeId: agent.id });
  });

  test('says why when the agent can be given none', async () => {
    const { db } = database;
    await aCase(db);
    const away = await anAgent(db, { presence: 'away' });
    const full = await anAgent(db, { capacity: 0 });
    expect(await outcomeOf(claimNextCase(db, away, now))).toMatchObject({ code: 'not-available' });
    expect(await outcomeOf(claimNextCase(db, full, now))).toMatchObject({ code: 'no-place-left' });
  });
});
