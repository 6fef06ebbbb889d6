import { eq } from 'drizzle-orm';
import * as oidc from 'openid-client';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Database } from '../database/client.ts';
import { professionals } from './identity.table.ts';
import type { Issuer } from './issuers.ts';
import type { Exercise } from './professional.ts';
import { openSession } from './professional-sessions.ts';
import { sealTokens } from './seal-tokens.ts';
import type { Attempt } from './sign-in-attempts.ts';
import { failureOf, SignInFailure } from './sign-in-failure.ts';
import { type Described, readUserinfo } from './userinfo.ts';

interface SignInContext {
  readonly config: Pick<Config, 'secrets'>;
  readonly db: Database;
  readonly clock: Clock;
}

/** What came back to our callback, and the attempt that it answers. */
export interface IssuerAnswer {
  readonly url: URL;
  readonly state: string;
  readonly attempt: Attempt;
}

export interface SignedIn {
  /** What the session's cookie carries. */
  readonly secret: string;
  /** Several exercises: one is to be chosen. */
  readonly mustChoose: boolean;
}

/**
 * Takes the issuer's answer: exchanges the code (state, nonce, PKCE, signature, audience and dates are checked by
 * openid-client), checks the level, asks who it is, remembers them and opens a session.
 * @throws SignInFailure for whatever went wrong with the issuer.
 */
export async function signInProfessional(
  context: SignInContext,
  issuer: Issuer,
  answer: IssuerAnswer,
): Promise<SignedIn> {
  const { db, clock, config } = context;
  const { tokens, described } = await askIssuer(issuer, answer).catch((error: unknown) => {
    throw failureOf(error);
  });
  const now = clock.now();
  const { id, lastExercise } = await rememberProfessional(db, described, now);
  const [only] = described.exercises;
  const mustChoose = described.exercises.length > 1;
  const actingAs = mustChoose ? null : (only ?? null);
  if (actingAs && actingAs.key !== lastExercise) await rememberExercise(db, id, actingAs);
  const secret = await openSession(
    db,
    {
      professionalId: id,
      issuer: issuer.settings.key,
      exercises: described.exercises,
      actingAs,
      tokens: sealTokens(config.secrets, {
        accessToken: tokens.access_token,
        accessUntil: new Date(now.getTime() + (tokens.expiresIn() ?? 0) * 1000).toISOString(),
        refreshToken: tokens.refresh_token ?? null,
        idToken: tokens.id_token,
      }),
    },
    now,
  );
  return { secret, mustChoose };
}

/** Everything for which the issuer is needed, before anything is stored. */
async function askIssuer(issuer: Issuer, { url, state, attempt }: IssuerAnswer) {
  const configuration = await issuer.discover();
  const tokens = await oidc.authorizationCodeGrant(configuration, url, {
    expectedState: state,
    expectedNonce: attempt.nonce,
    pkceCodeVerifier: attempt.verifier,
    idTokenExpected: true,
  });
  const claims = tokens.claims();
  const { id_token } = tokens;
  if (!claims || !id_token) throw new SignInFailure('invalid-answer');
  if (!isLevelEnough(claims.acr, issuer.settings.acr)) throw new SignInFailure('level');
  const described = readUserinfo(await oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub));
  if (!described) throw new SignInFailure('nobody');
  return { tokens: { ...tokens, id_token, expiresIn: () => tokens.expiresIn() }, described };
}

/** `eidas2` and `eidas3` are above `eidas1`; any other level must be the very one asked for. */
export function isLevelEnough(given: unknown, asked: string): boolean {
  if (typeof given !== 'string') return false;
  const [level, wanted] = [given, asked].map((acr) => /^eidas([1-3])$/.exec(acr)?.[1]);
  return level && wanted ? Number(level) >= Number(wanted) : given === asked;
}

/** Stores who signed in, as their issuer describes them today. */
export async function rememberProfessional(db: Database, described: Described, now: Date) {
  const { nationalIdentifier, rpps, familyName, givenNames } = described;
  const [stored] = await db
    .insert(professionals)
    .values({ nationalIdentifier, rpps, familyName, givenNames, knownSince: now, lastSignInAt: now })
    .onConflictDoUpdate({
      target: professionals.nationalIdentifier,
      set: { rpps, familyName, givenNames, lastSignInAt: now },
    })
    .returning({ id: professionals.id, lastExercise: professionals.lastExercise });
  if (!stored) throw new Error('the professional was not stored');
  return stored;
}

/** What they act as now is proposed first the next time. */
export async function rememberExercise(
  db: Database,
  professionalId: string,
  { key, profession, category }: Exercise,
): Promise<void> {
  await db
    .update(professionals)
    .set({ lastExercise: key, profession, category })
    .where(eq(professionals.id, professionalId));
}
