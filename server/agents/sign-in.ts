import { and, eq } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { Problem } from '../problem.ts';
import { openSession } from './agent-sessions.ts';
import { agents } from './agents.table.ts';
import { verifyPassword } from './passwords.ts';
import { arrive } from './presence.ts';

/**
 * Opens a session for who knows the password, and makes them available: who signs in comes to work. @returns the secret that the cookie carries.
 * @throws Problem 401 `sign-in-refused`, the same for an unknown address, a wrong password and a closed account.
 */
export async function signIn(
  db: Database,
  given: { readonly email: string; readonly password: string },
  now: Date,
): Promise<string> {
  const email = given.email.trim().toLowerCase();
  const [agent] = await db
    .select({ id: agents.id, passwordHash: agents.passwordHash })
    .from(agents)
    .where(and(eq(agents.email, email), agents.active));
  const right = await verifyPassword(given.password, agent?.passwordHash);
  if (!agent || !right) throw new Problem(401, 'sign-in-refused');
  const secret = await openSession(db, agent.id, now);
  await arrive(db, agent.id, now);
  return secret;
}
