import { and, asc, eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { claimCase } from '../cases/claim-case.ts';
import { resolveCase } from '../cases/resolve-case.ts';
import { returnCase } from '../cases/return-case.ts';
import { outbox } from '../database/outbox.table.ts';
import { theNotice } from '../routing/builders.ts';
import { aCase, anAgent } from '../testing/builders.ts';
import { testDatabase } from '../testing/test-database.ts';
import { followUps } from './follow-ups.table.ts';
import { planCaseFollowUps } from './plan-follow-ups.ts';
import { planCaseQuestionAgain } from './plan-question-again.ts';

const database = testDatabase();
const openedAt = new Date('2026-11-23T10:00:00+01:00');
const askedAt = new Date('2026-11-24T10:00:03+01:00');
const returnedAt = new Date('2026-11-24T10:30:00+01:00');
const resolvedAt = new Date('2026-11-24T11:00:00+01:00');
const configuration = theNotice();

/** A case whose first question went out, unless it is said to be still planned. */
async function anAskedCase({ asked = true } = {}) {
  const { db } = database;
  const opened = await aCase(db, { openedAt });
  await planCaseFollowUps(db, { caseId: opened.id, configuration, updateDays: 2, now: openedAt });
  if (asked) {
    await db
      .update(followUps)
      .set({ state: 'sent', sentAt: askedAt })
      .where(and(eq(followUps.caseId, opened.id), eq(followUps.kind, 'did_it_work')));
  }
  return opened;
}

async function resolve(number: string) {
  const agent = await anAgent(database.db);
  await claimCase(database.db, { agent, number }, resolvedAt);
  await resolveCase(database.db, { agent, number }, resolvedAt);
}

async function questions(caseId: number) {
  const rows = await database.db
    .select({ round: followUps.round, dueAt: followUps.dueAt, state: followUps.state })
    .from(followUps)
    .where(and(eq(followUps.caseId, caseId), eq(followUps.kind, 'did_it_work')))
    .orderBy(asc(followUps.round));
  return rows;
}

const again = (caseId: number) =>
  planCaseQuestionAgain(database.db, { caseId, configuration, now: resolvedAt });

test('resolving a case leaves the job that may ask again', async () => {
  const opened = await anAskedCase();
  await resolve(opened.number);
  const jobs = await database.db.select().from(outbox).where(eq(outbox.job, 'case-resolved'));
  expect(jobs.map(({ payload }) => payload)).toContainEqual({ caseId: opened.id });
});

test('who came back still stuck is asked once more, the working day after the case was resolved again', async () => {
  const opened = await anAskedCase();
  await returnCase(database.db, { token: opened.trackingToken }, returnedAt);
  await resolve(opened.number);
  expect(await again(opened.id)).toBe(1);
  expect(await again(opened.id)).toBe(0);
  expect(await questions(opened.id)).toEqual([
    { round: 1, dueAt: new Date('2026-11-24T10:00:00+01:00'), state: 'sent' },
    { round: 2, dueAt: new Date('2026-11-25T10:00:00+01:00'), state: 'planned' },
  ]);
});

test('who said nothing is not asked twice', async () => {
  const opened = await anAskedCase();
  await resolve(opened.number);
  expect(await again(opened.id)).toBe(0);
});

test('a question that is still to be sent is not doubled', async () => {
  const opened = await anAskedCase({ asked: false });
  await returnCase(database.db, { token: opened.trackingToken }, returnedAt);
  await resolve(opened.number);
  expect(await again(opened.id)).toBe(0);
});

test('a case that is open again is not asked about', async () => {
  const opened = await anAskedCase();
  await resolve(opened.number);
  await returnCase(database.db, { token: opened.trackingToken }, new Date('2026-11-24T12:00:00+01:00'));
  expect(await again(opened.id)).toBe(0);
});
