import { createHash, randomBytes } from 'node:crypto';
import { and, eq, gt, lte, or, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { preparedOnce } from '../database/prepared.ts';
import { hotlines } from '../routing/hotlines.table.ts';
import { type AgentRole, agentHotlines, agentSessions, agents, type Presence } from './agents.table.ts';

/** Who is signed in, as of this request. */
export interface AgentIdentity {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: AgentRole;
  /** The hotlines whose cases the agent may see and answer: every one for a supervisor. */
  readonly hotlines: readonly string[];
  readonly presence: Presence;
  readonly capacity: number;
  readonly sessionId: string;
}

/** A session ends this long after signing in, whatever happens. */
export const sessionLifetimeMs = 12 * 3_600_000;
/** A session ends when nothing was asked for this long. */
export const sessionIdleMs = 3_600_000;
/** How much later than the truth `last_seen_at` may be: every request writing it would cost more than it tells. */
const lastSeenPrecisionMs = 60_000;

/** Opens a session. @returns the secret that the cookie carries; only its hash is stored. */
export async function openSession(db: Database, agentId: string, now: Date): Promise<string> {
  const secret = randomBytes(32).toString('base64url');
  const expiresAt = new Date(now.getTime() + sessionLifetimeMs);
  await db.delete(agentSessions).where(and(eq(agentSessions.agentId, agentId), hasEnded(now)));
  await db
    .insert(agentSessions)
    .values({ id: sessionId(secret), agentId, createdAt: now, lastSeenAt: now, expiresAt });
  return secret;
}

/** Whose session this is, and that it was used; undefined when it has ended or never was. */
export async function findSession(
  db: Database,
  secret: string,
  now: Date,
): Promise<AgentIdentity | undefined> {
  const idleSince = new Date(now.getTime() - sessionIdleMs);
  const [found] = await selectSession(db).execute({ id: sessionId(secret), now, idleSince });
  if (!found) return undefined;
  const { lastSeenAt, ...agent } = found;
  if (now.getTime() - lastSeenAt.getTime() >= lastSeenPrecisionMs) {
    await db.update(agentSessions).set({ lastSeenAt: now }).where(eq(agentSessions.id, agent.sessionId));
  }
  return agent;
}

/** Of these sessions, those that still hold, with what their agents may do now; watching is not using. */
export async function sessionsStillOpen(
  db: Database,
  ids: readonly string[],
  now: Date,
): Promise<ReadonlyMap<string, AgentIdentity>> {
  const idleSince = new Date(now.getTime() - sessionIdleMs);
  const found = await identities(db, sql`${agentSessions.id} = any(${sql.param(ids)})`, now, idleSince);
  return new Map(found.map(({ lastSeenAt: _, ...agent }) => [agent.sessionId, agent]));
}

/** Ends a session; the agent who has no other left is away. */
export async function closeSession(
  db: Database,
  agent: Pick<AgentIdentity, 'id' | 'sessionId'>,
  now: Date,
): Promise<void> {
  await db.transaction(async (tx) => {
    // One sign-out of an agent at a time: two at once would each see the other's session.
    await tx.select().from(agents).where(eq(agents.id, agent.id)).for('update');
    await tx
      .delete(agentSessions)
      .where(
        and(eq(agentSessions.agentId, agent.id), or(eq(agentSessions.id, agent.sessionId), hasEnded(now))),
      );
    const left = await tx.$count(agentSessions, eq(agentSessions.agentId, agent.id));
    if (left > 0) return;
    await tx.update(agents).set({ presence: 'away', presenceSince: now }).where(eq(agents.id, agent.id));
  });
}

const selectSession = preparedOnce((db) =>
  identities(
    db,
    sql`${agentSessions.id} = ${sql.placeholder('id')}`,
    sql`${sql.placeholder('now')}::timestamptz`,
    sql`${sql.placeholder('idleSince')}::timestamptz`,
  ).prepare('agent_session'),
);

/** The one query of a signed-in request: session, agent and hotlines. */
function identities(db: Database, which: SQL, now: Date | SQL, idleSince: Date | SQL) {
  const own = sql`array(select ${agentHotlines.hotlineId} from ${agentHotlines}
    where ${agentHotlines.agentId} = ${agents.id} order by 1)`;
  const every = sql`array(select ${hotlines.id} from ${hotlines} order by ${hotlines.position})`;
  return db
    .select({
      id: agents.id,
      name: agents.name,
      email: agents.email,
      role: agents.role,
      hotlines: sql<string[]>`case when ${agents.role} = 'supervisor' then ${every} else ${own} end`,
      presence: agents.presence,
      capacity: agents.capacity,
      sessionId: agentSessions.id,
      lastSeenAt: agentSessions.lastSeenAt,
    })
    .from(agentSessions)
    .innerJoin(agents, eq(agents.id, agentSessions.agentId))
    .where(
      and(which, agents.active, gt(agentSessions.expiresAt, now), gt(agentSessions.lastSeenAt, idleSince)),
    );
}

/** Holds on sessions that can still be used. */
export function holds(now: Date): SQL | undefined {
  const idleSince = new Date(now.getTime() - sessionIdleMs);
  return and(gt(agentSessions.expiresAt, now), gt(agentSessions.lastSeenAt, idleSince));
}

function hasEnded(now: Date): SQL | undefined {
  const idleSince = new Date(now.getTime() - sessionIdleMs);
  return or(lte(agentSessions.expiresAt, now), lte(agentSessions.lastSeenAt, idleSince));
}

function sessionId(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
