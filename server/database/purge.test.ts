import { randomUUID } from 'node:crypto';
import { asc } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { agentSessions } from '../agents/agents.table.ts';
import { caseEvents, cases } from '../cases/cases.table.ts';
import { aCase, anAgent } from '../testing/builders.ts';
import { testDatabase } from '../testing/test-database.ts';
import { wizardSessions } from '../wizard/wizard.table.ts';
import { outbox } from './outbox.table.ts';
import { purgeOld } from './purge.ts';

const database = testDatabase();
const now = new Date('2026-11-24T03:20:00+01:00');
const daysAgo = (days: number) => new Date(now.getTime() - days * 24 * 60 * 60_000);

test('what has served its time goes, everything else stays, and a second purge finds nothing', async () => {
  const { db } = database;
  const session = { language: 'fr', flow: 'connection', flowVersion: 1, answers: [] } as const;
  const ids = { old: randomUUID(), touched: randomUUID() };
  await db.insert(wizardSessions).values([
    { ...session, id: ids.old, createdAt: daysAgo(90), updatedAt: daysAgo(30.1) },
    { ...session, id: ids.touched, createdAt: daysAgo(90), updatedAt: daysAgo(29.9) },
  ]);
  // A case outlives the session it came from.
  await aCase(db, { wizardSessionId: ids.old, openedAt: daysAgo(31) });
  const { id: agentId } = await anAgent(db);
  await db.insert(agentSessions).values(
    [daysAgo(0), daysAgo(-0.1)].map((expiresAt, index) => ({
      id: `session-${index}`,
      agentId,
      createdAt: daysAgo(1),
      lastSeenAt: daysAgo(1),
      expiresAt,
    })),
  );
  const row = { job: 'case-opened', payload: { caseId: 1 }, notBefore: daysAgo(60), createdAt: daysAgo(60) };
  await db.insert(outbox).values([
    { ...row, relayedAt: daysAgo(14.1) },
    { ...row, relayedAt: daysAgo(13.9) },
    { ...row, relayedAt: null },
  ]);

  expect(await purgeOld(db, now)).toEqual({ wizardSessions: 1, agentSessions: 1, outbox: 1 });
  expect(await purgeOld(db, now)).toEqual({ wizardSessions: 0, agentSessions: 0, outbox: 0 });
  expect((await db.select().from(wizardSessions)).map(({ id }) => id)).toEqual([ids.touched]);
  expect((await db.select().from(agentSessions)).map(({ id }) => id)).toEqual(['session-1']);
  const left = await db.select().from(outbox).orderBy(asc(outbox.id));
  expect(left.map(({ relayedAt }) => relayedAt)).toEqual([daysAgo(13.9), null]);
  expect(await db.select().from(cases)).toHaveLength(1);
  expect(await db.select().from(caseEvents)).toHaveLength(1);
});
