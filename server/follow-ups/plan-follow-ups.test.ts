import { asc, desc, eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { caseMessages, cases } from '../cases/cases.table.ts';
import { outbox } from '../database/outbox.table.ts';
import { theNotice } from '../routing/builders.ts';
import { aCase, anAgent } from '../testing/builders.ts';
import { testDatabase } from '../testing/test-database.ts';
import { currentFlow } from '../wizard/registry.ts';
import { announceMessage } from './announce-message.ts';
import { followUps } from './follow-ups.table.ts';
import { planCaseFollowUps, waitsForUpdate } from './plan-follow-ups.ts';

const database = testDatabase();
const now = new Date('2026-11-23T10:00:05+01:00');
const openedAt = new Date('2026-11-23T10:00:00+01:00');

function plan(caseId: number) {
  return planCaseFollowUps(database.db, { caseId, configuration: theNotice(), updateDays: 2, now });
}

/** The mails of a case, in an order that does not depend on which was planned first, each with the jobs that the outbox holds for it. */
async function planned(caseId: number) {
  const mails = await database.db
    .select()
    .from(followUps)
    .where(eq(followUps.caseId, caseId))
    .orderBy(asc(followUps.dueAt), asc(followUps.kind), asc(followUps.round));
  const jobs = await database.db.select().from(outbox);
  return mails.map(({ id, kind, round, dueAt, state }) => ({
    kind,
    round,
    dueAt,
    state,
    jobs: jobs
      .filter(({ job, payload }) => job === 'send-follow-up' && payload.followUpId === id)
      .map(({ payload, notBefore, relayedAt }) => ({ keys: Object.keys(payload), notBefore, relayedAt })),
  }));
}

test('an opened case gets its mails, each with one job that waits until the mail is due', async () => {
  const { id } = await aCase(database.db, { openedAt });
  expect(await plan(id)).toBe(2);
  const tomorrow = new Date('2026-11-24T10:00:00+01:00');
  const job = { keys: ['followUpId'], relayedAt: null };
  expect(await planned(id)).toEqual([
    {
      kind: 'case_opened',
      round: 1,
      dueAt: openedAt,
      state: 'planned',
      jobs: [{ ...job, notBefore: openedAt }],
    },
    {
      kind: 'did_it_work',
      round: 1,
      dueAt: tomorrow,
      state: 'planned',
      jobs: [{ ...job, notBefore: tomorrow }],
    },
  ]);
});

test('planning again, or many times at once, changes nothing', async () => {
  const { id } = await aCase(database.db, { openedAt });
  const counts = await Promise.all(Array.from({ length: 8 }, () => plan(id)));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2);
  expect(await plan(id)).toBe(0);
  expect((await planned(id)).map(({ kind, jobs }) => [kind, jobs.length])).toEqual([
    ['case_opened', 1],
    ['did_it_work', 1],
  ]);
});

test.each([
  ['without consent', { followUps: false }],
  ['reached by telephone only', { contactEmail: null, contactPhone: '+33612345678' }],
])('a practitioner %s gets no mail', async (_who, contact) => {
  const { id } = await aCase(database.db, { openedAt, ...contact });
  expect(await plan(id)).toBe(0);
  expect(await planned(id)).toEqual([]);
});

test('an address is written to about five cases a day, however it is typed; those that follow open without mails', async () => {
  const contact = { contactEmail: `O'Neil\\x@Exemple.test`, openedAt };
  const counts: number[] = [];
  for (const typed of ['O', 'o', 'O', 'o', 'O', 'o']) {
    const contactEmail = contact.contactEmail.replace('O', typed);
    counts.push(await plan((await aCase(database.db, { ...contact, contactEmail })).id));
  }
  expect(counts).toEqual([2, 2, 2, 2, 2, 0]);
  const last = await database.db.select().from(cases).orderBy(desc(cases.id)).limit(1);
  expect((await planned(last[0]?.id ?? 0)).map(({ state, jobs }) => [state, jobs])).toEqual([
    ['cancelled', []],
    ['cancelled', []],
  ]);
  const other = await aCase(database.db, { ...contact, contactEmail: `o'neil\\x@exemple.test2` });
  expect(await plan(other.id)).toBe(2);
  const openedNextDay = new Date(openedAt.getTime() + 24 * 3_600_000);
  expect(await plan((await aCase(database.db, { ...contact, openedAt: openedNextDay })).id)).toBe(2);
});

test('who waits for a correction is asked about it too, once; the answer is one of the flow’s', async () => {
  const node = currentFlow.nodes.contacts;
  expect(node?.kind === 'instruction' ? node.options.map(({ id }) => id) : []).toContain('waiting');
  const words = { fr: 'x', en: 'x' };
  const trail = [{ node: 'contacts', answer: 'waiting', title: words, label: words }];
  expect(waitsForUpdate(trail)).toBe(true);
  expect(waitsForUpdate([{ node: 'contacts', answer: 'correct' }])).toBe(false);
  const { id } = await aCase(database.db, { openedAt, trail });
  expect([await plan(id), await plan(id)]).toEqual([3, 0]);
  const asked = (await planned(id)).find(({ kind }) => kind === 'update_through');
  expect(asked).toMatchObject({ round: 1, dueAt: new Date('2026-11-25T10:00:00+01:00') });
});

test('a case that is gone, and a hotline that is not configured', async () => {
  expect(await plan(999_999)).toBe(0);
  const { id } = await aCase(database.db, { openedAt, hotlineId: 'unknown' });
  await expect(plan(id)).rejects.toThrow('no hotline "unknown"');
});

async function aMessage(caseId: number, message: Partial<typeof caseMessages.$inferInsert> = {}) {
  const agent = await anAgent(database.db);
  const [stored] = await database.db
    .insert(caseMessages)
    .values({
      caseId,
      author: 'agent',
      agentId: agent.id,
      internal: false,
      body: 'Bonjour',
      at: now,
      ...message,
    })
    .returning();
  if (!stored) throw new Error('the message was not stored');
  return stored.id;
}

test('each message of the desk is announced once', async () => {
  const { id } = await aCase(database.db, { openedAt });
  const [first, second] = [await aMessage(id), await aMessage(id)];
  const counts = await Promise.all(
    [first, first, second].map((messageId) => announceMessage(database.db, { messageId, now })),
  );
  expect(counts.toSorted()).toEqual([0, 1, 1]);
  expect((await planned(id)).map(({ kind, round, jobs }) => [kind, round, jobs.length])).toEqual([
    ['message_from_desk', first, 1],
    ['message_from_desk', second, 1],
  ]);
});

test.each([
  ['a note between agents', {}, { internal: true }],
  ['what the practitioner wrote', {}, { author: 'practitioner', agentId: null }],
  ['a message to somebody who wants no mail', { followUps: false }, {}],
  ['a message to a telephone', { contactEmail: null, contactPhone: '+33612345678' }, {}],
] as const)('%s is not announced', async (_what, contact, message) => {
  const { id } = await aCase(database.db, { openedAt, ...contact });
  const messageId = await aMessage(id, message);
  expect(await announceMessage(database.db, { messageId, now })).toBe(0);
  expect(await planned(id)).toEqual([]);
});
