import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as oidc from 'openid-client';
import { Type } from 'typebox';
import type { Dependencies } from '../dependencies.ts';
import { registerForms } from '../http/forms.ts';
import { strictObject } from '../http/validation.ts';
import { Problem, ProblemSchema } from '../problem.ts';
import type { Issuer } from './issuers.ts';
import { closeSession } from './professional-sessions.ts';
import { homePath, ownPath, recordsPages } from './records-pages.ts';
import { clearSessionCookie, findProfessional, setSessionCookie } from './require-professional.ts';
import { openTokens } from './seal-tokens.ts';
import { attemptLifetimeMs, beginAttempt, newBrowserSecret, takeAttempt } from './sign-in-attempts.ts';
import { failureOf, SignInFailure } from './sign-in-failure.ts';
import { signInPages } from './sign-in-pages.ts';
import { signInProfessional } from './sign-in-professional.ts';

const browserCookie = 'sign_in_browser';
const scope = 'openid scope_all';

/** An address signs in as often as this: a hospital's staff share one. */
const attempts = { max: 600, timeWindow: '10 minutes' };

interface IssuerParams {
  readonly issuer: string;
}

/** Leaving for the issuer, coming back from it, and signing out: `/auth/psc/…`, `/auth/amelipro/…`, `/auth/logout`. */
export async function authRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  await registerForms(app);
  const { config, db, clock, identity } = deps;
  const { sendFailure } = signInPages(deps);
  const pages = recordsPages(deps);
  const secure = config.publicUrl.startsWith('https:');
  // Lax: the answer comes by a link from the issuer's site.
  const cookie = { path: '/auth', httpOnly: true, sameSite: 'lax', secure, signed: true } as const;
  const tags = ['professionals'];

  function issuerOf(request: FastifyRequest<{ Params: IssuerParams }>): Issuer {
    const issuer = identity.issuers.find(request.params.issuer);
    if (!issuer) throw new Problem(404, 'no-such-way-in');
    return issuer;
  }

  /** The secret of the browser that asks; its own as long as an attempt of it may be on its way. */
  function browserOf(request: FastifyRequest): string | undefined {
    const given = request.cookies[browserCookie];
    const { valid, value } =
      given === undefined ? { valid: false, value: null } : request.unsignCookie(given);
    return valid && value !== null ? value : undefined;
  }

  app.get<{ Params: IssuerParams; Querystring: { return_to?: string } }>(
    '/auth/:issuer/login',
    {
      config: { rateLimit: attempts },
      schema: {
        tags,
        summary: 'Leave for the issuer to sign in',
        params: strictObject({ issuer: Type.String() }),
        querystring: strictObject({
          return_to: Type.Optional(Type.String()),
          lang: Type.Optional(Type.String()),
        }),
      },
    },
    async (request, reply) => {
      const issuer = issuerOf(request);
      const returnTo = ownPath(request.query.return_to);
      const browser = browserOf(request) ?? newBrowserSecret();
      try {
        const configuration = await issuer.discover().catch((error: unknown) => {
          throw failureOf(error);
        });
        const [state, nonce, verifier] = [
          oidc.randomState(),
          oidc.randomNonce(),
          oidc.randomPKCECodeVerifier(),
        ];
        const { key } = issuer.settings;
        await beginAttempt(db, { state, nonce, verifier, browser, issuer: key, returnTo }, clock.now());
        reply.setCookie(browserCookie, browser, { ...cookie, maxAge: attemptLifetimeMs / 1000 });
        const address = oidc.buildAuthorizationUrl(configuration, {
          redirect_uri: callbackOf(issuer),
          scope,
          acr_values: issuer.settings.acr,
          state,
          nonce,
          code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
        });
        return reply.redirect(address.href, 303);
      } catch (error) {
        return fail(request, reply, issuer, error, returnTo);
      }
    },
  );

  function callbackOf({ settings }: Issuer): string {
    return `${config.publicUrl}/auth/${settings.key}/callback`;
  }

  app.get<{ Params: IssuerParams }>(
    '/auth/:issuer/callback',
    {
      config: { rateLimit: attempts },
      schema: {
        tags,
        summary: 'Come back from the issuer',
        params: strictObject({ issuer: Type.String() }),
      },
    },
    async (request, reply) => {
      const issuer = issuerOf(request);
      const url = new URL(request.url, config.publicUrl);
      const state = url.searchParams.get('state') ?? '';
      const attempt = await takeAttempt(db, state, browserOf(request) ?? '', clock.now());
      const returnTo = attempt?.returnTo ?? homePath;
      try {
        if (attempt?.issuer !== issuer.settings.key) throw new SignInFailure('attempt-over');
        const { secret, mustChoose } = await signInProfessional(deps, issuer, { url, state, attempt });
        // In the place of the session that the browser had: nobody could close it any more.
        const before = await findProfessional(request, deps);
        if (before) await closeSession(db, before.sessionId);
        setSessionCookie(reply, secret, deps);
        return reply.redirect(
          mustChoose ? `/structure?return_to=${encodeURIComponent(returnTo)}` : returnTo,
          303,
        );
      } catch (error) {
        return fail(request, reply, issuer, error, returnTo);
      }
    },
  );

  function fail(
    request: FastifyRequest,
    reply: FastifyReply,
    { settings }: Issuer,
    error: unknown,
    returnTo: string,
  ): FastifyReply {
    // Ours, then: told and logged like any other.
    if (!(error instanceof SignInFailure)) throw error;
    // What went wrong, and never with what: the issuer's answer holds secrets.
    const reason = error.cause instanceof Error ? error.cause.message : undefined;
    request.log.warn({ failure: error.kind, issuer: settings.key, reason }, 'a sign-in failed');
    return sendFailure(request, reply, { issuer: settings.key, kind: error.kind, returnTo });
  }

  app.post(
    '/auth/logout',
    {
      schema: {
        tags,
        summary: 'Sign out, here and at the issuer',
        description:
          'A form is led to the issuer’s own sign-out, and from there back. A program gets its address, to open in the browser.',
        response: {
          200: Type.Object({ endSession: Type.Union([Type.String(), Type.Null()]) }),
          401: ProblemSchema,
          403: ProblemSchema,
        },
      },
    },
    async (request, reply) => {
      const program = request.headers['content-type']?.startsWith('application/json') ?? false;
      const professional = await findProfessional(request, deps);
      if (!professional) {
        if (program) throw new Problem(401, 'sign-in-needed');
        return reply.redirect('/connexion?fin=ici', 303);
      }
      if (!program && !pages.tokenHolds(request)) throw new Problem(403, 'stale-form');
      const closed = await closeSession(db, professional.sessionId);
      clearSessionCookie(reply, deps);
      const endSession = closed ? await endSessionAddress(closed) : null;
      if (program) return reply.send({ endSession });
      return reply.redirect(endSession ?? '/connexion?fin=ici', 303);
    },
  );

  /** Where the issuer ends its own session; null when it cannot be known, and then only ours has ended. */
  async function endSessionAddress(closed: {
    readonly issuer: string;
    readonly tokens: Buffer;
  }): Promise<string | null> {
    const issuer = identity.issuers.find(closed.issuer);
    const tokens = openTokens(config.secrets, closed.tokens);
    if (!issuer || !tokens) return null;
    try {
      const configuration = await issuer.discover();
      return oidc.buildEndSessionUrl(configuration, {
        id_token_hint: tokens.idToken,
        post_logout_redirect_uri: `${config.publicUrl}/connexion?fin=partout`,
      }).href;
    } catch {
      // Down, or without such an address: the professional is signed out here all the same.
      return null;
    }
  }
}
