import { randomBytes } from 'node:crypto';
import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { Problem } from '../problem.ts';
import type { Language } from '../texts.ts';
import { incidentSubscriptions, incidents } from './incidents.table.ts';

/**
 * Notes that somebody wants to be told when an open incident is over. One address is noted once for each incident,
 * however it was typed and whoever asks: asking again changes nothing, and nobody learns that it was there.
 * @param given.email a checked address.
 * @returns whether it is new.
 * @throws Problem 404 `no-such-incident`; 409 `incident-over` when there is nothing to wait for any more.
 */
export async function subscribe(
  db: Database,
  given: { readonly incidentId: number; readonly email: string; readonly language: Language },
  now: Date,
): Promise<boolean> {
  const { incidentId, email, language } = given;
  const token = randomBytes(24).toString('base64url');
  return db.transaction(async (tx) => {
    // Held against its closing: whoever is noted while it is open is among those who are written to.
    const [incident] = await tx
      .select({ closedAt: incidents.closedAt })
      .from(incidents)
      .where(eq(incidents.id, incidentId))
      .for('share');
    if (!incident) throw new Problem(404, 'no-such-incident');
    if (incident.closedAt !== null) throw new Problem(409, 'incident-over');
    const { rowCount } = await tx
      .insert(incidentSubscriptions)
      .values({ incidentId, email, language, token, createdAt: now })
      .onConflictDoNothing();
    return rowCount === 1;
  });
}

/** The wish of that secret link, if there is one. */
export async function findSubscription(db: Database, token: string) {
  const [found] = await db
    .select({
      id: incidentSubscriptions.id,
      language: incidentSubscriptions.language,
      noted: sql<boolean>`${incidentSubscriptions.email} is not null`,
    })
    .from(incidentSubscriptions)
    .where(eq(incidentSubscriptions.token, token));
  return found;
}

/** Takes an address back: it is erased at once. Asked twice, it changes nothing. @returns whether anything changed. */
export async function unsubscribe(db: Database, token: string, now: Date): Promise<boolean> {
  const { rowCount } = await db
    .update(incidentSubscriptions)
    .set({ email: null, unsubscribedAt: now })
    .where(and(eq(incidentSubscriptions.token, token), isNull(incidentSubscriptions.unsubscribedAt)));
  return rowCount === 1;
}
