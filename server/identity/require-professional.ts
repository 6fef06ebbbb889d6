import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dependencies } from '../dependencies.ts';
import { programsPath } from '../http/error-handling.ts';
import { Problem } from '../problem.ts';
import type { Professional, SessionProof } from './professional.ts';
import { findSession, recallSession, sessionLifetimeMs } from './professional-sessions.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The professional who asks. @throws Problem 401 `sign-in-needed` on a route that did not look for one. */
    readonly professional: Professional;
  }
  interface FastifyInstance {
    /**
     * Keeps what a form holds, unread by its route, while its sender does something `first`, and answers with a page that
     * says so (records/kept-forms). Absent where the records are not: then a form is refused like any other request.
     */
    readonly keepForm?: (
      request: FastifyRequest,
      reply: FastifyReply,
      first: 'sign-in' | 'choose-structure',
    ) => Promise<FastifyReply>;
  }
}

const cookieName = 'professional_session';

type SessionDependencies = Pick<Dependencies, 'db' | 'clock'>;

/** Gives requests their `professional`; called once, before any plugin whose routes need it. */
export function registerProfessionals(app: FastifyInstance): void {
  app.decorateRequest('professional', {
    getter() {
      const professional = signedIn.get(this);
      if (!professional) throw new Problem(401, 'sign-in-needed');
      return professional;
    },
  });
}

const signedIn = new WeakMap<FastifyRequest, Professional>();

/**
 * A hook that lets only a signed-in professional through, whatever they may do: `requireRight` (require-right.ts) asks that too.
 * Whoever reads a page is led to the sign-in, and back to the page afterwards; a form is kept meanwhile, and answered 401:
 * what was typed must not be lost to a redirect.
 * @throws Problem 401 `sign-in-needed` to programs.
 */
export function requireProfessional(
  deps: SessionDependencies,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined> {
  return async (request, reply) => {
    if (await findProfessional(request, deps)) return undefined;
    if (isForm(request) && request.server.keepForm) {
      return request.server.keepForm(request, reply, 'sign-in');
    }
    if (request.method !== 'GET' || programsPath.test(request.url)) {
      throw new Problem(401, 'sign-in-needed');
    }
    return reply.redirect(`/connexion?return_to=${encodeURIComponent(request.url)}`, 303);
  };
}

/** Whether a person sent a form of a page. */
export function isForm({ method, url, headers }: FastifyRequest): boolean {
  const type = headers['content-type'] ?? '';
  return method === 'POST' && !programsPath.test(url) && type.startsWith('application/x-www-form-urlencoded');
}

/** The professional whose session the request carries, who is from then on `request.professional`. */
export async function findProfessional(
  request: FastifyRequest,
  deps: SessionDependencies,
): Promise<Professional | undefined> {
  const secret = secretOf(request);
  if (secret === undefined) return undefined;
  const session = await findSession(deps.db, secret, deps.clock.now());
  if (!session) return undefined;
  signedIn.set(request, session.professional);
  if (session.mustChoose) undecided.add(request);
  return session.professional;
}

/**
 * The professional whose session it was when it was last read, who is then `request.professional`, if `mayEnter` says so;
 * the proof that the route's first statement must hold (session-proof.ts). Undefined: the session is to be read.
 */
export async function recallProfessional(
  request: FastifyRequest,
  deps: SessionDependencies,
  mayEnter: (professional: Professional) => Promise<boolean>,
): Promise<SessionProof | undefined> {
  const secret = secretOf(request);
  const recalled = secret === undefined ? undefined : recallSession(deps.db, secret, deps.clock.now());
  if (!recalled || !(await mayEnter(recalled.professional))) return undefined;
  signedIn.set(request, recalled.professional);
  return recalled.proof;
}

/** The secret in the request's cookie, signed by us. */
function secretOf(request: FastifyRequest): string | undefined {
  const cookie = request.cookies[cookieName];
  if (cookie === undefined) return undefined;
  const { valid, value } = request.unsignCookie(cookie);
  return valid ? value : undefined;
}

const undecided = new WeakSet<FastifyRequest>();

/** Whether the professional of the request has several exercises, and has chosen none yet. */
export function mustChoose(request: FastifyRequest): boolean {
  return undecided.has(request);
}

/** Puts a session's secret in the caller's cookie. */
export function setSessionCookie(
  reply: FastifyReply,
  secret: string,
  deps: Pick<Dependencies, 'config'>,
): void {
  reply.setCookie(cookieName, secret, {
    ...cookieOptions(deps),
    signed: true,
    maxAge: sessionLifetimeMs / 1000,
  });
}

export function clearSessionCookie(reply: FastifyReply, deps: Pick<Dependencies, 'config'>): void {
  reply.clearCookie(cookieName, cookieOptions(deps));
}

function cookieOptions({ config }: Pick<Dependencies, 'config'>) {
  const secure = config.publicUrl.startsWith('https:');
  // Lax: the callback comes from the issuer's site, and must find the session that it is signed in over.
  return { path: '/', httpOnly: true, sameSite: 'lax', secure } as const;
}
