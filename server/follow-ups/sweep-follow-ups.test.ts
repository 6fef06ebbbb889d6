import { eq } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { caseEvents, caseMessages, type cases } from '../cases/cases.table.ts';
import { outbox } from '../database/outbox.table.ts';
import { aCase, anAgent } from '../testing/builders.ts';
import { testDatabase } from '../testing/test-database.ts';
import { followUps } from './follow-ups.table.ts';
import { sweepFollowUps } from './sweep-follow-ups.ts';

const database = testDatabase();
const now = new Date('2026-11-24T10:00:00+01:00');
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const hours = 60;

beforeEach(async () => {
  await database.db.delete(outbox);
  await database.db.delete(followUps);
});

const sweep = (at = now) => sweepFollowUps(database.db, at);

async function aFollowUp(columns: Partial<typeof followUps.$inferInsert>) {
  const { id: caseId } = await aCase(database.db);
  const [stored] = await database.db
    .insert(followUps)
    .values({ caseId, kind: 'did_it_work', round: 1, dueAt: now, ...columns })
    .returning();
  if (!stored) throw new Error('the follow-up was not stored');
  return stored;
}

/** What the outbox holds that was not handed over yet. */
async function waiting() {
  const rows = await database.db.select().from(outbox);
  return rows.filter(({ relayedAt }) => relayedAt === null).map(({ job, payload }) => ({ job, payload }));
}

/** A job handed over that long ago. */
async function relayed(job: string, payload: Record<string, number>, relayedAt: Date | null) {
  const at = relayedAt ?? now;
  await database.db.insert(outbox).values({ job, payload, notBefore: at, createdAt: at, relayedAt });
}

describe('a mail that is overdue', () => {
  test('is handed over again, once per sweep that finds it', async () => {
    const { id } = await aFollowUp({ dueAt: ago(11) });
    await relayed('send-follow-up', { followUpId: id }, ago(60));
    expect(await sweep()).toEqual({ requeued: 1, failed: 0 });
    expect(await waiting()).toEqual([{ job: 'send-follow-up', payload: { followUpId: id } }]);
    expect(await sweep()).toEqual({ requeued: 0, failed: 0 });
  });

  test('is left to the queue while its job is young, or waits to be handed over', async () => {
    const young = await aFollowUp({ dueAt: ago(30) });
    await relayed('send-follow-up', { followUpId: young.id }, ago(9));
    const unrelayed = await aFollowUp({ dueAt: ago(30) });
    await relayed('send-follow-up', { followUpId: unrelayed.id }, null);
    expect(await sweep()).toEqual({ requeued: 0, failed: 0 });
  });

  test.each([
    ['is not due for ten minutes', { dueAt: ago(9) }],
    ['was sent', { dueAt: ago(60), state: 'sent' }],
    ['was cancelled', { dueAt: ago(60), state: 'cancelled' }],
    ['failed', { dueAt: ago(60), state: 'failed' }],
    ['is being sent', { dueAt: ago(60), state: 'sending', attempts: 1, sendingSince: ago(9) }],
    [
      'is sent elsewhere',
      { kind: 'incident_over', dueAt: ago(60), state: 'sending', attempts: 1, sendingSince: ago(30) },
    ],
  ] as const)('is not one that %s', async (_why, columns) => {
    await aFollowUp(columns);
    expect(await sweep()).toEqual({ requeued: 0, failed: 0 });
  });

  test('is also one whose delivery was cut short', async () => {
    await aFollowUp({ dueAt: ago(60), state: 'sending', attempts: 1, sendingSince: ago(11) });
    expect(await sweep()).toEqual({ requeued: 1, failed: 0 });
  });
});

describe('a mail that is hopeless', () => {
  test.each([
    [
      'was cut short twice',
      { dueAt: ago(60), state: 'sending', attempts: 2, sendingSince: ago(11) },
      'outcome_unknown',
    ],
    ['is two days late', { dueAt: ago(48 * hours + 1) }, 'too_late'],
    [
      'is two days late, cut short',
      { dueAt: ago(48 * hours + 1), state: 'sending', attempts: 1, sendingSince: ago(11) },
      'too_late',
    ],
  ] as const)('because it %s is given up, and the agents see it once', async (_why, columns, code) => {
    const { id, caseId } = await aFollowUp(columns);
    const both = await Promise.all([sweep(), sweep()]);
    expect(both.map(({ failed }) => failed).toSorted()).toEqual([0, 1]);
    expect(await sweep()).toEqual({ requeued: 0, failed: 0 });
    const [row] = await database.db.select().from(followUps).where(eq(followUps.id, id));
    expect(row).toMatchObject({ state: 'failed', failure: code });
    const events = await database.db.select().from(caseEvents).where(eq(caseEvents.caseId, caseId));
    expect(events.filter(({ kind }) => kind === 'mail_failed').map(({ data }) => data.code)).toEqual([code]);
  });

  test('is not one that is being sent this very moment, however late', async () => {
    await aFollowUp({ dueAt: ago(72 * hours), state: 'sending', attempts: 2, sendingSince: ago(5) });
    expect(await sweep()).toEqual({ requeued: 0, failed: 0 });
  });
});

describe('a plan that the queue lost', () => {
  const opened = (columns: Partial<typeof cases.$inferInsert> = {}) =>
    aCase(database.db, { openedAt: ago(60), ...columns });

  test('of an opened case is made again, once', async () => {
    const { id } = await opened();
    await relayed('case-opened', { caseId: id }, ago(50));
    expect(await sweep()).toEqual({ requeued: 1, failed: 0 });
    expect(await waiting()).toEqual([{ job: 'case-opened', payload: { caseId: id } }]);
    expect(await sweep()).toEqual({ requeued: 0, failed: 0 });
  });

  test('of an opened case is made again after the second try was lost too, but not for ever', async () => {
    const { id } = await opened();
    await relayed('case-opened', { caseId: id }, ago(50));
    await relayed('case-opened', { caseId: id }, ago(20));
    expect(await sweep()).toEqual({ requeued: 1, failed: 0 });
    const weekend = await opened({ openedAt: ago(49 * hours) });
    await relayed('case-opened', { caseId: weekend.id }, ago(20));
    expect(await sweep()).toEqual({ requeued: 0, failed: 0 });
  });

  test('is not one that is young, made, or not wanted', async () => {
    const young = await opened();
    await relayed('case-opened', { caseId: young.id }, ago(9));
    const made = await opened();
    await relayed('case-opened', { caseId: made.id }, ago(50));
    await database.db
      .insert(followUps)
      .values({ caseId: made.id, kind: 'case_opened', round: 1, dueAt: now, state: 'sent' });
    const unwanted = await opened({ followUps: false });
    await relayed('case-opened', { caseId: unwanted.id }, ago(50));
    const telephone = await opened({ contactEmail: null, contactPhone: '+33612345678' });
    await relayed('case-opened', { caseId: telephone.id }, ago(50));
    expect(await sweep()).toEqual({ requeued: 0, failed: 0 });
  });

  test('of a message of the desk is made again, once', async () => {
    const { id: caseId } = await opened();
    const { id: agentId } = await anAgent(database.db);
    const message = {
      caseId,
      author: 'agent',
      agentId,
      internal: false,
      body: 'Bonjour',
      at: ago(40),
    } as const;
    const stored = await database.db
      .insert(caseMessages)
      .values([message, { ...message, internal: true }, message])
      .returning();
    const [lost, note, announced] = stored.map(({ id }) => id);
    for (const messageId of [lost, note, announced]) {
      await relayed('message-sent', { messageId: messageId ?? 0 }, ago(30));
    }
    await database.db
      .insert(followUps)
      .values({ caseId, kind: 'message_from_desk', round: announced ?? 0, dueAt: ago(30), state: 'sent' });
    expect(await sweep()).toEqual({ requeued: 1, failed: 0 });
    expect(await waiting()).toEqual([{ job: 'message-sent', payload: { messageId: lost } }]);
    expect(await sweep()).toEqual({ requeued: 0, failed: 0 });
  });
});
