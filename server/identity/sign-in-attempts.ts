import { createHash, randomBytes } from 'node:crypto';
import { and, eq, lte } from 'drizzle-orm';
import type { Database } from '../database/client.ts';
import { signInAttempts } from './identity.table.ts';

/** An answer of the issuer that comes later than this is nobody's. */
export const attemptLifetimeMs = 10 * 60_000;

export interface Attempt {
  readonly issuer: string;
  readonly nonce: string;
  /** Of PKCE. */
  readonly verifier: string;
  readonly returnTo: string;
}

/** A secret by which a browser is known again during a sign-in. */
export function newBrowserSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Stores an attempt under its `state`, for the browser of that secret; those that are over go. */
export async function beginAttempt(
  db: Database,
  { state, browser, ...attempt }: Attempt & { readonly state: string; readonly browser: string },
  now: Date,
): Promise<void> {
  await db
    .delete(signInAttempts)
    .where(lte(signInAttempts.createdAt, new Date(now.getTime() - attemptLifetimeMs)));
  await db
    .insert(signInAttempts)
    .values({ id: digest(state), browser: digest(browser), createdAt: now, ...attempt });
}

/**
 * The attempt of that `state`, once: it is gone when it was asked for, in time or not. Undefined when it never was, is over,
 * or began in another browser: there it is left for the one in which it began.
 */
export async function takeAttempt(
  db: Database,
  state: string,
  browser: string,
  now: Date,
): Promise<Attempt | undefined> {
  const [taken] = await db
    .delete(signInAttempts)
    .where(and(eq(signInAttempts.id, digest(state)), eq(signInAttempts.browser, digest(browser))))
    .returning();
  if (!taken || now.getTime() - taken.createdAt.getTime() >= attemptLifetimeMs) return undefined;
  const { issuer, nonce, verifier, returnTo } = taken;
  return { issuer, nonce, verifier, returnTo };
}

function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
