import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { openSession } from '#server/agents/agent-sessions.ts';
import { agentHotlines, agents } from '#server/database/schema.ts';
import type { Dependencies } from '#server/dependencies.ts';

/** Agents who are available for a hotline and signed in. @returns each one's id and request headers. */
export async function signedInAgents(
  app: FastifyInstance,
  { db, clock }: Dependencies,
  wanted: { readonly count: number; readonly hotline: string; readonly capacity: number },
): Promise<readonly { readonly id: string; readonly headers: { readonly cookie: string } }[]> {
  const now = clock.now();
  const people = Array.from({ length: wanted.count }, (_, n) => ({
    id: randomUUID(),
    email: `agent${n}@banc.test`,
    name: `Agent ${n}`,
    // Nobody signs in with it: sessions are opened below.
    passwordHash: 'none',
    presence: 'available' as const,
    presenceSince: now,
    capacity: wanted.capacity,
  }));
  await db.insert(agents).values(people);
  await db.insert(agentHotlines).values(people.map(({ id }) => ({ agentId: id, hotlineId: wanted.hotline })));
  return Promise.all(
    people.map(async ({ id }) => {
      const secret = await openSession(db, id, now);
      return { id, headers: { cookie: `agent_session=${app.signCookie(secret)}` } };
    }),
  );
}
