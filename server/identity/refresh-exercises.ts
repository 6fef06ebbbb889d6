import { eq } from 'drizzle-orm';
import * as oidc from 'openid-client';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Database } from '../database/client.ts';
import { professionalSessions } from './identity.table.ts';
import type { Issuers } from './issuers.ts';
import type { Professional } from './professional.ts';
import { rememberStructure } from './remember-structure.ts';
import { openTokens, sealTokens, type Tokens } from './seal-tokens.ts';
import { SignInFailure } from './sign-in-failure.ts';
import { readUserinfo } from './userinfo.ts';

interface RefreshContext {
  readonly config: Pick<Config, 'secrets'>;
  readonly db: Database;
  readonly clock: Clock;
  readonly identity: { readonly issuers: Issuers };
}

/** An access token is not used in its last seconds: it would end on its way. */
const marginMs = 10_000;

/**
 * Asks the issuer again what the professional may act as, with a new access token when the last one has ended. What they
 * act as stays chosen if it is still theirs.
 * @throws SignInFailure, or what openid-client throws when the issuer does not answer or takes the tokens no more: the
 * session goes on as it was.
 */
export async function refreshExercises(
  context: RefreshContext,
  { id, sessionId, nationalIdentifier }: Pick<Professional, 'id' | 'sessionId' | 'nationalIdentifier'>,
): Promise<void> {
  const { db, identity, clock } = context;
  const before = await tokensOf(context, sessionId);
  const issuer = before && identity.issuers.find(before.issuer);
  if (!issuer) throw new SignInFailure('attempt-over');
  const configuration = await issuer.discover();
  const accessToken = await currentAccessToken(context, configuration, sessionId);
  const described = readUserinfo(await oidc.fetchUserInfo(configuration, accessToken, oidc.skipSubjectCheck));
  if (described?.nationalIdentifier !== nationalIdentifier) throw new SignInFailure('nobody');
  const { exercises } = described;
  const [only] = exercises;
  const kept = exercises.find(({ key }) => key === before.actingAs?.key);
  const actingAs = kept ?? (exercises.length === 1 ? only : null) ?? null;
  await db
    .update(professionalSessions)
    .set({ exercises, actingAs })
    .where(eq(professionalSessions.id, sessionId));
  await rememberStructure(db, id, actingAs, clock.now());
}

/** What is stored of a session, its tokens opened; `lock` keeps others away until the transaction ends. */
async function tokensOf(
  { db, config }: Pick<RefreshContext, 'db' | 'config'>,
  sessionId: string,
  lock = false,
) {
  const query = db.select().from(professionalSessions).where(eq(professionalSessions.id, sessionId));
  const [session] = await (lock ? query.for('update') : query);
  const tokens = session && openTokens(config.secrets, session.tokens);
  return session && tokens ? { ...session, tokens } : undefined;
}

/** The session's access token, or a new one: one refresh at a time, since the issuer takes each refresh token once. */
async function currentAccessToken(
  context: RefreshContext,
  configuration: oidc.Configuration,
  sessionId: string,
): Promise<string> {
  return context.db.transaction(async (tx) => {
    const session = await tokensOf({ db: tx, config: context.config }, sessionId, true);
    if (!session) throw new SignInFailure('attempt-over');
    const tokens = await currentTokens(context, configuration, session.tokens);
    if (tokens !== session.tokens) {
      await tx
        .update(professionalSessions)
        .set({ tokens: sealTokens(context.config.secrets, tokens) })
        .where(eq(professionalSessions.id, sessionId));
    }
    return tokens.accessToken;
  });
}

async function currentTokens(
  { clock }: RefreshContext,
  configuration: oidc.Configuration,
  tokens: Tokens,
): Promise<Tokens> {
  const now = clock.now().getTime();
  if (Date.parse(tokens.accessUntil) - now > marginMs) return tokens;
  if (tokens.refreshToken === null) throw new SignInFailure('attempt-over');
  const granted = await oidc.refreshTokenGrant(configuration, tokens.refreshToken);
  return {
    accessToken: granted.access_token,
    accessUntil: new Date(now + (granted.expiresIn() ?? 0) * 1000).toISOString(),
    refreshToken: granted.refresh_token ?? tokens.refreshToken,
    idToken: granted.id_token ?? tokens.idToken,
  };
}
