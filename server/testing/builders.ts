import { randomBytes, randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { openSession } from '#server/agents/agent-sessions.ts';
import { agentHotlines, agents } from '#server/agents/agents.table.ts';
import { cases } from '#server/cases/cases.table.ts';
import { type CaseRecord, caseOpening } from '#server/cases/change-case.ts';
import type { Database } from '#server/database/client.ts';
import type { TestApp } from './test-app.ts';

/** The instant of a fresh `testClock()`. */
const testStart = new Date('2026-11-23T10:00:00+01:00');

let built = 0;

/** Stores a waiting case of `etablissements`, opened an hour ago, with its `opened` event. */
export async function aCase(
  db: Database,
  overrides: Partial<typeof cases.$inferInsert> = {},
): Promise<CaseRecord> {
  built += 1;
  const openedAt = overrides.openedAt ?? new Date(testStart.getTime() - 3_600_000 + built);
  const [opened] = await caseOpening(
    db,
    {
      hotlineId: 'etablissements',
      openedAt,
      waitingSince: openedAt,
      contactName: 'Camille Durand',
      contactEmail: `camille.durand.${built}@exemple.test`,
      language: 'fr',
      followUps: true,
      routingReason: { code: 'place', setting: 'establishment', known: 'declared' },
      wizardSessionId: randomUUID(),
      flow: 'connection',
      flowVersion: 1,
      trail: [
        {
          node: 'way',
          answer: 'ecps',
          title: { fr: 'Comment vous connectez-vous ?', en: 'How do you sign in?' },
          label: { fr: 'Avec la e-CPS', en: 'With the e-CPS' },
        },
      ],
      summary: { fr: 'e-CPS : code non reçu', en: 'e-CPS: code not received' },
      trackingToken: randomBytes(24).toString('base64url'),
      ...overrides,
    },
    { at: openedAt, by: { kind: 'practitioner' }, events: [{ kind: 'opened' }] },
  );
  if (!opened) throw new Error('this wizard session already has a case');
  const [stored] = await db.select().from(cases).where(eq(cases.id, opened.id));
  if (!stored) throw new Error('the case was not stored');
  return stored;
}

export type TestAgent = typeof agents.$inferSelect & { readonly hotlines: readonly string[] };

/** Stores an available agent of `etablissements`, who cannot sign in by password unless one is given. */
export async function anAgent(db: Database, overrides: Partial<TestAgent> = {}): Promise<TestAgent> {
  built += 1;
  const { hotlines = ['etablissements'], ...columns } = overrides;
  const [agent] = await db
    .insert(agents)
    .values({
      id: randomUUID(),
      email: `agent.${built}@demo.test`,
      name: `Agent ${built}`,
      passwordHash: 'none',
      presence: 'available',
      presenceSince: testStart,
      ...columns,
    })
    .returning();
  if (!agent) throw new Error('the agent was not stored');
  if (hotlines.length > 0) {
    await db.insert(agentHotlines).values(hotlines.map((hotlineId) => ({ agentId: agent.id, hotlineId })));
  }
  return { ...agent, hotlines };
}

/** The `cookie` header of an agent who has just signed in. */
export async function signedIn({ app, deps }: TestApp, agent: Pick<TestAgent, 'id'>): Promise<string> {
  const secret = await openSession(deps.db, agent.id, deps.clock.now());
  return `agent_session=${encodeURIComponent(app.signCookie(secret))}`;
}
