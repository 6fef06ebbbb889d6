import { eq, sql } from 'drizzle-orm';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Problem } from '#server/problem.ts';
import { aCase, anAgent } from '#server/testing/builders.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { caseEvents, caseStates, cases } from './cases.table.ts';
import type { CaseRecord } from './change-case.ts';
import { type CaseFilter, listCases } from './list-cases.ts';
import { writeCursor } from './list-cursor.ts';

const database = testDatabase();
const both = ['etablissements', 'liberaux'];
const at = (minutes: number) => new Date(Date.parse('2026-11-23T08:00:00+01:00') + minutes * 60_000);

const numbers = async (filter: Partial<CaseFilter>) =>
  (await listCases(database.db, { hotlines: both, limit: 50, ...filter })).rows.map((row) => row.number);

/** Every page of a list, one after the other. */
async function pages(filter: Partial<CaseFilter>): Promise<readonly (readonly string[])[]> {
  const found: string[][] = [];
  let after: string | undefined;
  do {
    const { rows, next } = await listCases(database.db, { hotlines: both, limit: 2, ...filter, after });
    found.push(rows.map((row) => row.number));
    after = next;
  } while (after !== undefined);
  return found;
}

async function forgetCases(): Promise<void> {
  await database.db.delete(caseEvents);
  await database.db.delete(cases);
}

describe('the queue', () => {
  let agent: { readonly id: string };
  const named: Record<string, CaseRecord> = {};
  const inOrder = ['returned first', 'returned', 'urgent', 'oldest', 'in hand', 'pending', 'libéral', 'last'];
  const numbersOf = (names: readonly string[]) => names.map((name) => named[name]?.number);

  beforeAll(async () => {
    const { db } = database;
    await forgetCases();
    agent = await anAgent(db, { name: 'Alice' });
    named.last = await aCase(db, { waitingSince: at(0), priorityRank: 3 });
    named.oldest = await aCase(db, { waitingSince: at(1) });
    named['in hand'] = await aCase(db, {
      waitingSince: at(2),
      state: 'in_progress',
      assigneeId: agent.id,
      assigneeSlot: 1,
    });
    named.pending = await aCase(db, { waitingSince: at(3), state: 'pending', assigneeId: agent.id });
    named.libéral = await aCase(db, { waitingSince: at(4), hotlineId: 'liberaux' });
    named.urgent = await aCase(db, { waitingSince: at(5), priorityRank: 0 });
    named.returned = await aCase(db, { waitingSince: at(6), returnedAt: at(20), priorityRank: 3 });
    named['returned first'] = await aCase(db, { waitingSince: at(7), returnedAt: at(10) });
    await aCase(db, { waitingSince: at(0), state: 'resolved', resolvedAt: at(5) });
    await aCase(db, { waitingSince: at(0), state: 'closed' });
  });

  test('holds the open cases in the order in which they are served', async () => {
    expect(await numbers({})).toEqual(numbersOf(inOrder));
  });

  test('is the same, page after page, of any length', async () => {
    for (const limit of [1, 2, 3, 7, 8, 9]) {
      const found = await pages({ limit });
      expect(found.flat()).toEqual(numbersOf(inOrder));
      expect(found.map((each) => each.length)).not.toContain(0);
    }
  });

  test('goes on after a page whose last case has left meanwhile', async () => {
    const first = await listCases(database.db, { hotlines: both, limit: 3 });
    const gone = writeCursor({
      order: 'queue',
      returnedAt: null,
      rank: 0,
      waitingSince: at(5).toISOString(),
      id: 1_000_000,
    });
    expect(first.next).toBeDefined();
    expect(await numbers({ after: gone })).toEqual(numbersOf(inOrder.slice(3)));
  });

  test('can be that of one hotline, one state, one agent', async () => {
    expect(await numbers({ hotlines: ['liberaux'] })).toEqual(numbersOf(['libéral']));
    expect(await numbers({ hotlines: [] })).toEqual([]);
    expect(await numbers({ state: 'in_progress' })).toEqual(numbersOf(['in hand']));
    expect(await numbers({ state: 'pending' })).toEqual(numbersOf(['pending']));
    expect(await numbers({ state: 'waiting', hotlines: ['etablissements'] })).toEqual(
      numbersOf(['returned first', 'returned', 'urgent', 'oldest', 'last']),
    );
    expect(await numbers({ assigneeId: agent.id })).toEqual(numbersOf(['in hand', 'pending']));
  });

  test('names who has a case', async () => {
    const { rows } = await listCases(database.db, { hotlines: both, state: 'in_progress', limit: 5 });
    expect(rows).toMatchObject([{ assigneeId: agent.id, assigneeName: 'Alice', state: 'in_progress' }]);
  });

  test('tells equal cases apart by their age', async () => {
    const equal = await Promise.all(
      Array.from({ length: 5 }, () => aCase(database.db, { hotlineId: 'x', waitingSince: at(9) })),
    );
    const ids = equal.toSorted((a, b) => a.id - b.id).map((each) => each.number);
    expect((await pages({ hotlines: ['x'] })).flat()).toEqual(ids);
  });
});

test('pages tell microseconds apart, for what SQL itself dated', async () => {
  const made = await Promise.all(Array.from({ length: 4 }, () => aCase(database.db, { hotlineId: 'y' })));
  const ids = made.map(({ id }) => id).toSorted((a, b) => b - a);
  for (const [place, id] of ids.entries()) {
    const instant = sql`timestamptz '2026-11-23T09:00:00.123+01' + ${place} * interval '1 microsecond'`;
    await database.db.update(cases).set({ waitingSince: instant }).where(eq(cases.id, id));
  }
  const expected = ids.map((id) => made.find((each) => each.id === id)?.number);
  expect((await pages({ hotlines: ['y'], limit: 1 })).flat()).toEqual(expected);
});

describe('finished cases and searches', () => {
  beforeEach(forgetCases);

  test('come newest first, page after page', async () => {
    const made: string[] = [];
    for (let n = 0; n < 5; n += 1) made.unshift((await aCase(database.db, { state: 'resolved' })).number);
    await aCase(database.db, { state: 'closed' });
    const found = await pages({ state: 'resolved' });
    expect(found).toEqual([made.slice(0, 2), made.slice(2, 4), made.slice(4)]);
  });

  test.each([
    'VC-',
    'number',
    'vc-number',
    'eloise',
    'ÉLOÏSE',
    'mar',
    "d'Ornano",
    'd’ornano él',
    'Martin-D’Ornano',
    'eloise.martin@ch',
    '10003456789',
    '10003',
    '06 12 34 56 78',
    '0612',
    '+33 6 12 34 56 78',
    '33612345678',
  ])('find a case in any state by %s', async (typed) => {
    const details = {
      contactName: 'Éloïse Martin-d’Ornano',
      contactEmail: 'Eloise.Martin@ch-exemple.test',
      contactPhone: '+33612345678',
      rpps: '10003456789',
    };
    const inEachState = [];
    for (const state of ['waiting', 'resolved', 'closed'] as const) {
      inEachState.unshift(await aCase(database.db, { ...details, state }));
    }
    await aCase(database.db, { contactName: 'Paul', contactEmail: 'paul@exemple.test', number: 'X-1' });
    const [newest] = inEachState;
    const q = typed.replace('number', newest?.number.slice(3) ?? '');
    const expected = typed.includes('number') ? [newest] : inEachState;
    expect(await numbers({ q })).toEqual(expected.map((each) => each?.number));
  });

  test.each([
    'durand camille x',
    'urand',
    '%',
    '_',
    "' | '",
    "\\' & 'c",
    ':*',
    'camille & !durand',
    'à'.repeat(200),
  ])('find nothing, and do not fail, for %s', async (q) => {
    await aCase(database.db);
    expect(await numbers({ q })).toEqual([]);
  });

  test('keep to the hotlines and the state that were asked', async () => {
    const open = await aCase(database.db);
    const done = await aCase(database.db, { state: 'resolved', hotlineId: 'liberaux' });
    expect(await numbers({ q: 'camille' })).toEqual([done.number, open.number]);
    expect(await numbers({ q: 'camille', hotlines: ['etablissements'] })).toEqual([open.number]);
    expect(await numbers({ q: 'camille', state: 'resolved' })).toEqual([done.number]);
    expect(await numbers({ q: '  ', state: 'waiting' })).toEqual([open.number]);
    expect((await pages({ q: 'camille', limit: 1 })).flat()).toEqual([done.number, open.number]);
  });
});

describe('where a page begins', () => {
  const queueCursor = (changes: { waitingSince?: string; returnedAt?: string; id?: number }) =>
    writeCursor({
      order: 'queue',
      returnedAt: null,
      rank: 1,
      waitingSince: '2026-11-23T09:00:00.000Z',
      id: 1,
      ...changes,
    });

  test.each([
    ['nothing of ours', 'bonjour'],
    ['JSON that is not a cursor', Buffer.from('{"id":1}').toString('base64url')],
    ['another order', writeCursor({ order: 'newest', id: 4 })],
    ['a date that does not exist', queueCursor({ waitingSince: '2026-13-45T99:00:00.000Z' })],
    ['a year before all others', queueCursor({ waitingSince: '0000-01-01T00:00:00.000Z' })],
    ['a day that is not in the calendar', queueCursor({ returnedAt: '2026-02-30T00:00:00.000Z' })],
    ['a number beyond all others', queueCursor({ id: 1e300 })],
    ['a number that the database cannot hold', queueCursor({ id: 1e19 })],
  ])('is refused when it is %s', async (_, after) => {
    const attempt = listCases(database.db, { hotlines: both, limit: 5, after });
    await expect(attempt).rejects.toThrow(Problem);
    await expect(attempt).rejects.toMatchObject({
      statusCode: 400,
      errors: [{ path: '/querystring/after' }],
    });
  });
});

test('every state can be listed', async () => {
  await forgetCases();
  for (const state of caseStates) {
    const assigned = state === 'in_progress' && {
      assigneeId: (await anAgent(database.db)).id,
      assigneeSlot: 1,
    };
    const { number } = await aCase(database.db, { state, ...assigned });
    expect(await numbers({ state })).toEqual([number]);
  }
});
