/**
 * `requireRight` (require-right.ts) for routes that many ask at once, one round trip to the database shorter: whose session
 * it is, is recalled from when it was last read, and the first statement that reads or writes proves that it still stands
 * (session-proof.ts): one that has ended since, however shortly before, has nothing read. As in
 *
 *     const entering = requireProvenRight(deps, 'patient.read');
 *     app.post('/api/records/patients/search', { ...entering.hooks }, (request, reply) =>
 *       entering.proving(request, reply, () => search(db, accessOf(request, 'patients.search'))));
 *
 * For programs' routes alone: pages and forms are led to the sign-in before anything is read.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Dependencies } from '../dependencies.ts';
import type { SessionProof } from './professional.ts';
import { recallProfessional } from './require-professional.ts';
import { decide, keepDecision, requireRight } from './require-right.ts';
import type { Decision, Right } from './rights.ts';
import { SessionNotProven } from './session-proof.ts';

const unproven = new WeakMap<FastifyRequest, SessionProof>();

/** What the first statement of a request must prove; undefined once the session was read or proven. */
export function proofOf(request: FastifyRequest): SessionProof | undefined {
  return unproven.get(request);
}

/** Same refusals as `requireRight`, from `hooks` or from `proving`; none is made by what is recalled. */
export function requireProvenRight(
  deps: Pick<Dependencies, 'db' | 'clock' | 'identity'>,
  ...rights: readonly [Right, ...Right[]]
) {
  const guard = requireRight(deps, ...rights);
  return {
    hooks: {
      async onRequest(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
        let decision: Decision | undefined;
        const proof = await recallProfessional(request, deps, async (professional) => {
          decision = await decide(deps, professional, rights);
          // Whether something is delegated to them is read with their session.
          return 'allowed' in decision && !decision.byDelegation;
        });
        if (!proof || !decision) return guard(request, reply);
        keepDecision(request, decision);
        unproven.set(request, proof);
        return undefined;
      },
      /** @throws Error when a route answers without `proving`. */
      async preSerialization(
        request: FastifyRequest,
        reply: FastifyReply,
        payload: unknown,
      ): Promise<unknown> {
        if (unproven.has(request) && reply.statusCode < 400) throw new Error('nothing proved the session');
        return payload;
      },
    },
    /**
     * Runs what answers the request, whose first statement proves `proofOf(request)`; if that fails, it is run once more
     * after the session was read, and `request.professional` is who that says.
     */
    async proving<Result>(
      request: FastifyRequest,
      reply: FastifyReply,
      run: () => Promise<Result>,
    ): Promise<Result> {
      try {
        const result = await run();
        unproven.delete(request);
        return result;
      } catch (error) {
        if (!(error instanceof SessionNotProven)) throw error;
      }
      unproven.delete(request);
      await guard(request, reply);
      return run();
    },
  };
}
