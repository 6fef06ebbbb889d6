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
import { isForm, mustChoose, requireProfessional } from './require-professional.ts';
import { mayDo, type Right, refusalCodes } from './rights.ts';

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
 * `may-not-<reason>` with `right` and `reason`, of the first right named.
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
    const rules = await deps.identity.rights.current();
    const now = deps.clock.now();
    const decisions = [first, ...others].map((right) => mayDo(request.professional, right, now, rules));
    const held = decisions.filter((decision) => 'allowed' in decision);
    const [refusal] = decisions;
    if (held.length === 0 && refusal && 'refused' in refusal) {
      const reason = refusal.refused;
      throw new Problem(403, refusalCodes[reason], { extensions: { right: first, reason } });
    }
    if (held.every((decision) => decision.byDelegation)) byDelegation.add(request);
    return undefined;
  };
}
