import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dependencies } from '../dependencies.ts';
import { Problem } from '../problem.ts';
import { type AgentIdentity, closeSession, findSession, sessionLifetimeMs } from './agent-sessions.ts';
import { signIn } from './sign-in.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The agent who asks. @throws Problem 401 `sign-in-needed` on a route that did not look for one. */
    readonly agent: AgentIdentity;
  }
}

const cookieName = 'agent_session';

type SessionDependencies = Pick<Dependencies, 'db' | 'clock'>;

/** Gives requests their `agent`; called once, before any plugin whose routes need it. */
export function registerAgents(app: FastifyInstance): void {
  app.decorateRequest('agent', {
    getter() {
      const agent = signedIn.get(this);
      if (!agent) throw new Problem(401, 'sign-in-needed');
      return agent;
    },
  });
}

const signedIn = new WeakMap<FastifyRequest, AgentIdentity>();

/** A hook that lets only a signed-in agent through. @throws Problem 401 `sign-in-needed`. */
export function requireAgent(deps: SessionDependencies): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    if (!(await findAgent(request, deps))) throw new Problem(401, 'sign-in-needed');
  };
}

/** The agent whose session the request carries, who is from then on `request.agent`. */
export async function findAgent(
  request: FastifyRequest,
  deps: SessionDependencies,
): Promise<AgentIdentity | undefined> {
  const cookie = request.cookies[cookieName];
  const { valid, value } = cookie === undefined ? unsigned : request.unsignCookie(cookie);
  if (!valid) return undefined;
  const agent = await findSession(deps.db, value, deps.clock.now());
  if (agent) signedIn.set(request, agent);
  return agent;
}

const unsigned = { valid: false, value: null } as const;

/**
 * Signs the caller in, in the place of the session that their request carries: its cookie is replaced, and nobody could
 * close it any more.
 * @throws Problem 401 `sign-in-refused`; that session goes on.
 */
export async function signInByCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  given: { readonly email: string; readonly password: string },
  deps: Pick<Dependencies, 'config' | 'db' | 'clock' | 'doorbell'>,
): Promise<void> {
  const { db, clock, doorbell } = deps;
  const secret = await signIn(db, given, clock.now());
  const before = await findAgent(request, deps);
  if (before) await closeSession(db, before, clock.now());
  doorbell.ring();
  setSessionCookie(reply, secret, deps);
}

/** Puts a session's secret in the caller's cookie. */
function setSessionCookie(reply: FastifyReply, secret: string, deps: Pick<Dependencies, 'config'>): void {
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
  return { path: '/', httpOnly: true, sameSite: 'lax', secure } as const;
}
