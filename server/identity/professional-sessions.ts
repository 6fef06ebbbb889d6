import { createHash, randomBytes } from 'node:crypto';
import { and, eq, gt, lte, or, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { preparedOnce } from '../database/prepared.ts';
import { professionalSessions, professionals } from './identity.table.ts';
import type { Exercise, Professional, SessionProof } from './professional.ts';
import { rememberStructure } from './remember-structure.ts';
import { sessionIdleMs, sessionVersion } from './session-proof.ts';

/** A session ends this long after signing in, whatever happens: as Pro Santé Connect's own. */
export const sessionLifetimeMs = 4 * 3_600_000;
/** How much later than the truth `last_seen_at` may be: every request writing it would cost more than it tells. */
const lastSeenPrecisionMs = 60_000;

export interface NewSession {
  readonly professionalId: string;
  /** Key of the configured issuer. */
  readonly issuer: string;
  readonly exercises: readonly Exercise[];
  /** Null until one is chosen. */
  readonly actingAs: Exercise | null;
  /** Sealed (seal-tokens.ts). */
  readonly tokens: Buffer;
}

/** Opens a session. @returns the secret that the cookie carries; only its hash is stored. */
export async function openSession(db: Database, session: NewSession, now: Date): Promise<string> {
  const secret = randomBytes(32).toString('base64url');
  // Everybody's that have ended: few, and none is to keep anybody's tokens.
  await db.delete(professionalSessions).where(hasEnded(now));
  await db.insert(professionalSessions).values({
    ...session,
    id: sessionId(secret),
    createdAt: now,
    lastSeenAt: now,
    expiresAt: new Date(now.getTime() + sessionLifetimeMs),
  });
  await rememberStructure(db, session.professionalId, session.actingAs, now);
  return secret;
}

/** A session that holds. */
export interface FoundSession {
  readonly professional: Professional;
  /** There are several exercises, and none is chosen yet. */
  readonly mustChoose: boolean;
}

/** Whose session this is, and that it was used; undefined when it has ended or never was. */
export async function findSession(
  db: Database,
  secret: string,
  now: Date,
): Promise<FoundSession | undefined> {
  const idleSince = new Date(now.getTime() - sessionIdleMs);
  const [found] = await selectSession(db).execute({ id: sessionId(secret), now, idleSince });
  if (!found) return undefined;
  const { lastSeenAt, mustChoose, version, ...professional } = found;
  if (isToBeWritten(lastSeenAt, now)) {
    await db
      .update(professionalSessions)
      .set({ lastSeenAt: now })
      .where(eq(professionalSessions.id, professional.sessionId));
  } else if (!mustChoose) remember(db, { professional, lastSeenAt, version });
  return { professional, mustChoose };
}

/** Whose session it was when this process last read it. */
export interface RecalledSession {
  readonly professional: Professional;
  /** To be asked of the database by whatever is done for them (session-proof.ts): it may have ended since. */
  readonly proof: SessionProof;
}

/**
 * Whose session this was a moment ago, without a query; undefined when it is to be read: never read here, no structure
 * chosen then, or its last use to be written.
 */
export function recallSession(db: Database, secret: string, now: Date): RecalledSession | undefined {
  const found = remembered.get(db)?.get(sessionId(secret));
  if (!found || isToBeWritten(found.lastSeenAt, now)) return undefined;
  const { professional, version } = found;
  return { professional, proof: { sessionId: professional.sessionId, version } };
}

interface RememberedSession {
  readonly professional: Professional;
  readonly lastSeenAt: Date;
  readonly version: string;
}

/** Sessions read last, by their ids, those read first going first: as many as professionals one process serves at once. */
const remembered = new WeakMap<Database, Map<string, RememberedSession>>();
const mostRemembered = 5_000;

function remember(db: Database, session: RememberedSession): void {
  const sessions = remembered.get(db) ?? new Map<string, RememberedSession>();
  remembered.set(db, sessions);
  const { sessionId: id } = session.professional;
  sessions.delete(id);
  sessions.set(id, session);
  if (sessions.size <= mostRemembered) return;
  for (const first of sessions.keys()) {
    sessions.delete(first);
    break;
  }
}

function isToBeWritten(lastSeenAt: Date, now: Date): boolean {
  return now.getTime() - lastSeenAt.getTime() >= lastSeenPrecisionMs;
}

/** Ends a session of ours; what it is at the issuer is not touched. @returns by whom it was opened, and its sealed tokens. */
export async function closeSession(
  db: Database,
  id: string,
): Promise<{ readonly issuer: string; readonly tokens: Buffer } | undefined> {
  remembered.get(db)?.delete(id);
  const [closed] = await db
    .delete(professionalSessions)
    .where(eq(professionalSessions.id, id))
    .returning({ issuer: professionalSessions.issuer, tokens: professionalSessions.tokens });
  return closed;
}

const selectSession = preparedOnce((db) =>
  db
    .select({
      id: professionals.id,
      nationalIdentifier: professionals.nationalIdentifier,
      rpps: professionals.rpps,
      familyName: professionals.familyName,
      givenNames: professionals.givenNames,
      actingAs: professionalSessions.actingAs,
      sessionId: professionalSessions.id,
      mustChoose: sql<boolean>`${professionalSessions.actingAs} is null
        and jsonb_array_length(${professionalSessions.exercises}) > 0`,
      lastSeenAt: professionalSessions.lastSeenAt,
      version: sessionVersion,
    })
    .from(professionalSessions)
    .innerJoin(professionals, eq(professionals.id, professionalSessions.professionalId))
    .where(
      and(
        eq(professionalSessions.id, sql.placeholder('id')),
        gt(professionalSessions.expiresAt, sql`${sql.placeholder('now')}::timestamptz`),
        gt(professionalSessions.lastSeenAt, sql`${sql.placeholder('idleSince')}::timestamptz`),
      ),
    )
    .prepare('professional_session'),
);

function hasEnded(now: Date): SQL | undefined {
  const idleSince = new Date(now.getTime() - sessionIdleMs);
  return or(lte(professionalSessions.expiresAt, now), lte(professionalSessions.lastSeenAt, idleSince));
}

function sessionId(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
