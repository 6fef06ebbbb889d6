import { randomUUID } from 'node:crypto';
import { asc, eq } from 'drizzle-orm';
import { beforeAll, describe, expect, test } from 'vitest';
import { callbacks } from '#server/callbacks/callbacks.table.ts';
import { recordCall } from '#server/callbacks/record-call.ts';
import { Problem } from '#server/problem.ts';
import { theNotice } from '#server/routing/builders.ts';
import { aCase, anAgent, type TestAgent } from '#server/testing/builders.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { addNote } from './add-note.ts';
import type { AgentCommand } from './agent-command.ts';
import { assignCase } from './assign-case.ts';
import { type CaseState, caseEvents, caseStates, cases } from './cases.table.ts';
import type { CaseRecord } from './change-case.ts';
import { claimCase } from './claim-case.ts';
import { mergeCases } from './merge-cases.ts';
import { releaseCase } from './release-case.ts';
import { reopenCase } from './reopen-case.ts';
import { resolveCase } from './resolve-case.ts';
import { sendMessage } from './send-message.ts';
import { setPriority } from './set-priority.ts';
import { type CommandName, commands } from './status.ts';
import { transferCase } from './transfer-case.ts';

const database = testDatabase();
const now = new Date('2026-11-23T10:30:00+01:00');
const people: Record<'owner' | 'colleague' | 'supervisor' | 'foreigner', TestAgent> = Object.create(null);

beforeAll(async () => {
  const { db } = database;
  // Room enough for a case of each test: capacity is tested elsewhere.
  people.owner = await anAgent(db, { name: 'Odile', capacity: 500 });
  people.colleague = await anAgent(db, { name: 'Colin', capacity: 500 });
  people.supervisor = await anAgent(db, {
    name: 'Sylvie',
    role: 'supervisor',
    hotlines: ['etablissements', 'liberaux'],
    capacity: 500,
  });
  people.foreigner = await anAgent(db, { name: 'Fanny', hotlines: ['liberaux'] });
});

const terms = { slotMinutes: 20, places: 2, noticeMinutes: 30, days: 7 };
let places = 0;

/** A callback of the case of that number, if there is one; none where one is booked already. */
async function aBookedCallback(number: string): Promise<void> {
  const [record] = await database.db.select().from(cases).where(eq(cases.number, number));
  if (!record) return;
  places += 1;
  const { id: caseId, hotlineId } = record;
  const when = { startsAt: now, endsAt: new Date(now.getTime() + 1), bookedAt: now };
  const callback = { caseId, hotlineId, zone: 'Europe/Paris', place: places, ...when };
  await database.db.insert(callbacks).values(callback).onConflictDoNothing();
}

/** Each command as an agent gives it, and the events that it leaves. */
const give: Readonly<
  Record<CommandName, { run: (given: AgentCommand) => Promise<CaseRecord>; events: readonly string[] }>
> = {
  claim: { run: (given) => claimCase(database.db, given, now), events: ['claimed'] },
  release: { run: (given) => releaseCase(database.db, given, now), events: ['released'] },
  transfer: {
    run: (given) => transferCase(database.db, { ...given, hotline: 'liberaux' }, now),
    events: ['transferred_away', 'transferred'],
  },
  assign: {
    run: async (given) => {
      const to = await anAgent(database.db);
      return assignCase(database.db, { ...given, to: to.id }, now);
    },
    events: ['transferred'],
  },
  resolve: { run: (given) => resolveCase(database.db, given, now), events: ['resolved'] },
  reopen: { run: (given) => reopenCase(database.db, given, now), events: ['reopened'] },
  prioritise: {
    run: (given) => setPriority(database.db, { ...given, priority: 'urgent' }, now),
    events: ['priority_changed'],
  },
  note: {
    run: (given) => addNote(database.db, { ...given, body: 'À rappeler' }, now),
    events: ['note_added'],
  },
  callback: {
    run: async (given) => {
      await aBookedCallback(given.number);
      const rules = { configuration: theNotice(), terms };
      return recordCall(database.db, { ...given, outcome: 'reached' }, rules, now);
    },
    events: ['callback_reached'],
  },
  message: {
    run: (given) => sendMessage(database.db, { ...given, body: 'Bonjour' }, now),
    events: ['message_sent'],
  },
  ask: {
    run: (given) => sendMessage(database.db, { ...given, body: 'Bonjour ?', awaitReply: true }, now),
    events: ['message_sent'],
  },
  merge: {
    run: async (given) => {
      const target = await aCase(database.db);
      return mergeCases(database.db, { ...given, into: target.number }, now);
    },
    events: ['merged'],
  },
};

const names = Object.keys(give) as CommandName[];
const everyCommandInEveryState = names.flatMap((name) => caseStates.map((state) => ({ name, state })));

async function aCaseIn(state: CaseState): Promise<CaseRecord> {
  const assigneeId = state === 'waiting' ? null : people.owner.id;
  const assigneeSlot = state === 'in_progress' ? await nextSlot() : null;
  return aCase(database.db, { state, assigneeId, assigneeSlot });
}

/** A place of the owner's that no claim will ever take: claims take the lowest. */
let slot = 10_000;
async function nextSlot(): Promise<number> {
  slot += 1;
  return slot;
}

const outcomeOf = (attempt: Promise<CaseRecord>) =>
  attempt.catch((error: unknown) => {
    if (error instanceof Problem) return error;
    throw error;
  });

const stored = async (id: number) => (await database.db.select().from(cases).where(eq(cases.id, id)))[0];
const eventsOf = async (id: number) =>
  (
    await database.db.select().from(caseEvents).where(eq(caseEvents.caseId, id)).orderBy(asc(caseEvents.id))
  ).map((event) => event.kind);

describe('a command by the one who has the case', () => {
  test.each(everyCommandInEveryState)('$name, on a $state case', async ({ name, state }) => {
    const before = await aCaseIn(state);
    const given = { agent: people.owner, number: before.number, version: before.version };
    const outcome = await outcomeOf(give[name].run(given));
    const { from, to } = commands[name];
    if (from.some((each) => each === state)) {
      const expected = to === 'same' ? state : to;
      expect(outcome).toMatchObject({ state: expected, version: before.version + 1 });
      expect(await stored(before.id)).toEqual(outcome);
      expect(await eventsOf(before.id)).toEqual(['opened', ...give[name].events]);
    } else {
      const code = name === 'claim' && state === 'in_progress' ? 'already-claimed' : 'wrong-state';
      expect(outcome).toMatchObject({ statusCode: 409, code });
      expect(await stored(before.id)).toEqual(before);
      expect(await eventsOf(before.id)).toEqual(['opened']);
    }
  });
});

describe('a command by a colleague', () => {
  const owned = (['in_progress', 'pending'] as const).flatMap((state) =>
    names
      .filter((name) => commands[name].from.some((each) => each === state))
      .map((name) => ({ name, state })),
  );

  test.each(owned)('$name, on a $state case of somebody else', async ({ name, state }) => {
    const before = await aCaseIn(state);
    const outcome = await outcomeOf(give[name].run({ agent: people.colleague, number: before.number }));
    if (name === 'note' || name === 'callback') return expect(outcome).toMatchObject({ version: 2 });
    const lost = { statusCode: 409, code: 'already-claimed' };
    const refused = { statusCode: 403, code: 'not-the-owner' };
    expect(outcome).toMatchObject({
      ...(name === 'claim' ? lost : refused),
      extensions: { owner: { id: people.owner.id, name: 'Odile' } },
    });
    expect(await stored(before.id)).toEqual(before);
  });

  test.each(owned.filter(({ name }) => name !== 'claim'))(
    '$name, on a $state case of somebody else, when the colleague supervises',
    async ({ name, state }) => {
      const before = await aCaseIn(state);
      const outcome = await outcomeOf(give[name].run({ agent: people.supervisor, number: before.number }));
      expect(outcome).toMatchObject({ version: 2 });
    },
  );
});

describe('any command', () => {
  test.each(names)('%s, on a case of a hotline that the agent does not answer', async (name) => {
    const before = await aCaseIn(commands[name].from[0]);
    const outcome = await outcomeOf(give[name].run({ agent: people.foreigner, number: before.number }));
    expect(outcome).toMatchObject({ statusCode: 403, code: 'foreign-hotline' });
    expect(await stored(before.id)).toEqual(before);
  });

  test.each(names)('%s, on a case that does not exist', async (name) => {
    const outcome = await outcomeOf(give[name].run({ agent: people.owner, number: 'VC-1' }));
    expect(outcome).toMatchObject({ statusCode: 404, code: 'case-not-found' });
  });

  test.each(names)('%s, on a version that is no longer the case’s', async (name) => {
    const before = await aCaseIn(commands[name].from[0]);
    const outcome = await outcomeOf(
      give[name].run({ agent: people.owner, number: before.number, version: before.version + 1 }),
    );
    expect(outcome).toMatchObject({ statusCode: 409, code: 'stale-version' });
    expect(await stored(before.id)).toEqual(before);
  });
});

describe('what a command leaves', () => {
  test('a released case waits where it waited, and nobody has it', async () => {
    const before = await aCaseIn('in_progress');
    const after = await releaseCase(database.db, { agent: people.owner, number: before.number }, now);
    expect(after).toMatchObject({ assigneeId: null, assigneeSlot: null, waitingSince: before.waitingSince });
  });

  test('a resolved case remembers who solved it and when, and takes no place', async () => {
    const before = await aCaseIn('in_progress');
    const after = await resolveCase(database.db, { agent: people.owner, number: before.number }, now);
    expect(after).toMatchObject({ assigneeId: people.owner.id, assigneeSlot: null, resolvedAt: now });
  });

  test('a reopened case waits from now on', async () => {
    const before = await aCaseIn('resolved');
    const after = await reopenCase(database.db, { agent: people.colleague, number: before.number }, now);
    expect(after).toMatchObject({ waitingSince: now, resolvedAt: null, assigneeId: null });
  });

  test('a transferred case is told to both hotlines, and its practitioner waits as long since', async () => {
    const before = await aCaseIn('in_progress');
    const given = { agent: people.owner, number: before.number, hotline: 'liberaux' };
    const after = await transferCase(database.db, given, now);
    expect(after).toMatchObject({
      hotlineId: 'liberaux',
      assigneeId: null,
      waitingSince: before.waitingSince,
    });
    const events = await database.db
      .select()
      .from(caseEvents)
      .where(eq(caseEvents.caseId, before.id))
      .orderBy(asc(caseEvents.id));
    expect(events.map(({ kind, hotlineId, data }) => [kind, hotlineId, data])).toEqual([
      ['opened', 'etablissements', {}],
      ['transferred_away', 'etablissements', { to: 'liberaux' }],
      ['transferred', 'liberaux', { from: 'etablissements' }],
    ]);
  });

  test('no case is transferred to a line that is not in service, by its own calendar', async () => {
    await database.connection.pool.query(
      `insert into hotlines (id, position, name_fr, name_en, phone, cost_fr, cost_en, valid_to)
       values ('finie', 90, 'Ligne', 'Line', '0000', 'gratuit', 'free', '2026-11-23')`,
    );
    const { number } = await aCaseIn('waiting');
    const given = { agent: people.owner, number, hotline: 'finie' };
    await expect(
      transferCase(database.db, given, new Date('2026-11-23T00:00:00+01:00')),
    ).rejects.toMatchObject({
      statusCode: 400,
      errors: [{ path: '/hotline' }],
    });
    const lastMoment = new Date('2026-11-22T23:59:59+01:00');
    expect(await transferCase(database.db, given, lastMoment)).toMatchObject({ hotlineId: 'finie' });
  });

  test.each(['etablissements', 'nulle-part'])('no case is transferred to %s', async (hotline) => {
    const { number } = await aCaseIn('waiting');
    const outcome = await outcomeOf(transferCase(database.db, { agent: people.owner, number, hotline }, now));
    expect(outcome).toMatchObject({ statusCode: 400, errors: [{ path: '/hotline' }] });
  });

  test('a case is handed only to a colleague who could claim it', async () => {
    const before = await aCaseIn('in_progress');
    const hand = (to: string) =>
      outcomeOf(assignCase(database.db, { agent: people.owner, number: before.number, to }, now));
    const away = await anAgent(database.db, { presence: 'away' });
    const full = await anAgent(database.db, { capacity: 0 });
    expect(await hand(away.id)).toMatchObject({ statusCode: 409, code: 'assignee-unavailable' });
    expect(await hand(full.id)).toMatchObject({ statusCode: 409, code: 'assignee-unavailable' });
    expect(await hand(randomUUID())).toMatchObject({ statusCode: 409, code: 'assignee-unavailable' });
    expect(await hand(people.foreigner.id)).toMatchObject({ statusCode: 400, errors: [{ path: '/agent' }] });
    expect(await hand(people.owner.id)).toMatchObject({ statusCode: 400, errors: [{ path: '/agent' }] });
    expect(await stored(before.id)).toEqual(before);
    expect(await hand(people.colleague.id)).toMatchObject({ assigneeId: people.colleague.id });
  });

  test('a merged case names the one that is followed, which names it, and stays merged', async () => {
    const [one, other] = [await aCaseIn('waiting'), await aCaseIn('in_progress')];
    const given = { agent: people.owner, number: one.number };
    const merged = await mergeCases(database.db, { ...given, into: other.number }, now);
    expect(merged).toMatchObject({ state: 'closed', mergedInto: other.id });
    expect(await stored(other.id)).toMatchObject({ state: 'in_progress', version: other.version + 1 });
    expect(await eventsOf(other.id)).toEqual(['opened', 'merged']);
    expect(await outcomeOf(reopenCase(database.db, given, now))).toMatchObject({ code: 'case-merged' });
    expect(await addNote(database.db, { ...given, body: 'Doublon' }, now)).toMatchObject({ state: 'closed' });
  });

  test('a case is merged neither into itself, nor into nothing, nor into a foreign or merged one', async () => {
    const { number } = await aCaseIn('waiting');
    const foreign = await aCase(database.db, { hotlineId: 'liberaux' });
    const gone = await aCase(database.db, { state: 'closed', mergedInto: foreign.id });
    for (const into of [number, 'VC-1', foreign.number, gone.number]) {
      const outcome = await outcomeOf(mergeCases(database.db, { agent: people.owner, number, into }, now));
      expect(outcome).toMatchObject({ statusCode: 400, errors: [{ path: '/into' }] });
    }
  });

  test('two cases merged into each other at once leave one of them', async () => {
    const [one, other] = [await aCaseIn('waiting'), await aCaseIn('waiting')];
    const merge = (from: CaseRecord, into: CaseRecord) =>
      outcomeOf(
        mergeCases(database.db, { agent: people.owner, number: from.number, into: into.number }, now),
      );
    const outcomes = await Promise.all([merge(one, other), merge(other, one)]);
    expect(outcomes.filter((each) => each instanceof Problem)).toHaveLength(1);
    const states = [(await stored(one.id))?.state, (await stored(other.id))?.state];
    expect(states.sort()).toEqual(['closed', 'waiting']);
  });
});
