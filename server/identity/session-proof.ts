import { eq, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { preparedOnce } from '../database/prepared.ts';
import { professionalSessions, professionals } from './identity.table.ts';
import type { SessionProof } from './professional.ts';

/** A session ends when nothing was asked for this long. */
export const sessionIdleMs = 30 * 60_000;

/**
 * What the rows of a session and of its professional are: the transactions that wrote them. Whatever changes one, on
 * whichever server (signed out, another structure chosen, seen again), gives another.
 */
export const sessionVersion: SQL<string> = sql<string>`${professionalSessions}.xmin::text || '.' || ${professionals}.xmin::text`;

/**
 * Condition of a statement prepared with it, run with `proofValues`: the session stands at that instant, as it was read
 * before. What the statement reads or writes under it, only a session that holds has it read or written.
 */
export const sessionStands: SQL<boolean> = sql<boolean>`exists (
  select from ${professionalSessions} join ${professionals} on ${eq(professionals.id, professionalSessions.professionalId)}
  where ${professionalSessions.id} = ${sql.placeholder('provenSession')}::text
    and ${sessionVersion} = ${sql.placeholder('provenVersion')}::text
    and ${professionalSessions.expiresAt} > ${sql.placeholder('provenAt')}::timestamptz
    and ${professionalSessions.lastSeenAt} > ${sql.placeholder('provenIdleSince')}::timestamptz)`;

/** Values of `sessionStands`; none without a proof. */
export function proofValues(proof: SessionProof | undefined, now: Date): Readonly<Record<string, string>> {
  if (!proof) return {};
  return {
    provenSession: proof.sessionId,
    provenVersion: proof.version,
    provenAt: now.toISOString(),
    provenIdleSince: new Date(now.getTime() - sessionIdleMs).toISOString(),
  };
}

/** The session no longer stands as it was read before: nothing was read or written, and it is to be read again. */
export class SessionNotProven extends Error {
  constructor() {
    super('the session is not what it was');
    this.name = 'SessionNotProven';
  }
}

/**
 * Proves a session by a statement of its own, for what reads in several.
 * @throws SessionNotProven when it has ended, or is another; nothing without a proof.
 */
export async function proveSession(tx: Database, proof: SessionProof | undefined, now: Date): Promise<void> {
  if (!proof) return;
  const [proven] = await selectProven(tx).execute(proofValues(proof, now));
  if (!proven) throw new SessionNotProven();
}

const selectProven = preparedOnce((db) =>
  db
    .select({ stands: sql<boolean>`true` })
    .from(sql`(values (true)) one`)
    .where(sessionStands)
    .prepare('professional_session_proof'),
);
