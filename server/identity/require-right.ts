/**
 * Who may do what: the door of every route of the records. As `onRequest` of a route, after `registerProfessionals`:
 *
 *     app.post('/api/records/patients', { onRequest: requireRight(deps, 'patient.write') }, async (request) => {
 *       request.professional; // signed in, and holds the right as what they act as now
 *       request.onlyByDelegation; // true: only for what a professional delegated to them
 *     });
 *
 * Several rights: one of them suffices (an injection is recorded by who may do it, or on behalf of one who may). A page
 * that hides what cannot be done asks `mayDo` (rights.ts) with `await deps.identity.rights.current()`.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dependencies } from '../dependencies.ts';
import { programsPath } from '../http/error-handling.ts';
import { Problem } from '../problem.ts';
import { isDelegatedTo } from './delegated-to.ts';
import type { Professional } from './professional.ts';
import { isForm, mustChoose, requireProfessional } from './require-professional.ts';
import { type Decision, mayDo, type Right, refusalCodes } from './rights.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether what `requireRight` let through holds only for what was delegated. */
    readonly onlyByDelegation: boolean;
  }
}

const byDelegation = new WeakSet<FastifyRequest>();

/** Gives requests their `onlyByDelegation`; called once, with `registerProfessionals`. */
export function registerRights(app: FastifyInstance): void {
  app.decorateRequest('onlyByDelegation', {
    getter() {
      return byDelegation.has(this);
    },
  });
}

/**
 * A hook that lets through a signed-in professional who holds one of the rights.
 * @throws Problem 401 `sign-in-needed`, 403 `structure-not-chosen` (pages are led to where that is done); 403
 * `may-not-<reason>` with `right` and `reason`, of the first right named; 403 `not-delegated-to` when they hold it for
 * what is delegated to them alone, and nothing is.
 */
export function requireRight(
  deps: Pick<Dependencies, 'db' | 'clock' | 'identity'>,
  first: Right,
  ...others: readonly Right[]
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined> {
  const signedIn = requireProfessional(deps);
  return async (request, reply) => {
    const redirected = await signedIn(request, reply);
    if (redirected) return redirected;
    if (mustChoose(request)) {
      if (isForm(request) && request.server.keepForm) {
        return request.server.keepForm(request, reply, 'choose-structure');
      }
      if (request.method !== 'GET' || programsPath.test(request.url))
        throw new Problem(403, 'structure-not-chosen');
      return reply.redirect(`/structure?return_to=${encodeURIComponent(request.url)}`, 303);
    }
    const decision = await decide(deps, request.professional, [first, ...others]);
    if ('refused' in decision) {
      const reason = decision.refused;
      throw new Problem(403, refusalCodes[reason], { extensions: { right: first, reason } });
    }
    const { db, clock, identity } = deps;
    if (
      decision.byDelegation &&
      !(await isDelegatedTo(db, request.professional, clock.now(), identity.lateEntryDays))
    ) {
      throw new Problem(403, 'not-delegated-to', { extensions: { right: first } });
    }
    keepDecision(request, decision);
    return undefined;
  };
}

/** Whether somebody holds one of the rights now; when none, why not the first. */
export async function decide(
  { clock, identity }: Pick<Dependencies, 'clock' | 'identity'>,
  professional: Professional,
  rights: readonly [Right, ...Right[]],
): Promise<Decision> {
  const rules = await identity.rights.current();
  const now = clock.now();
  const decision = (right: Right) => mayDo(professional, right, now, rules);
  const held = rights.map(decision).filter((decision) => 'allowed' in decision);
  if (held.length === 0) return decision(rights[0]);
  return { allowed: true, byDelegation: held.every(({ byDelegation }) => byDelegation) };
}

/** What the request's `onlyByDelegation` says from then on. */
export function keepDecision(request: FastifyRequest, decision: Decision): void {
  if ('allowed' in decision && decision.byDelegation) byDelegation.add(request);
  else byDelegation.delete(request);
}
