import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '../problem.ts';

const timeWindow = '10 minutes';

/**
 * Slows whoever tries passwords, on the JSON route and on the page alike: every attempt counts before its password
 * is looked at. An agent's own address is counted apart from the rest of the world, and a desk whose agents share an
 * address has room, so that nobody can keep somebody else out for long by failing in their name.
 * The request's body must hold `email`.
 */
export function signInLimits(app: FastifyInstance): (request: FastifyRequest) => Promise<void> {
  const address = (request: FastifyRequest) => normalizeIP(request.ip);
  const limits = [
    app.createRateLimit({ max: 10, timeWindow, keyGenerator: (r) => `pair ${address(r)} ${account(r)}` }),
    app.createRateLimit({ max: 100, timeWindow, keyGenerator: (r) => `account ${account(r)}` }),
    app.createRateLimit({ max: 200, timeWindow, keyGenerator: (r) => `address ${address(r)}` }),
  ];
  return async (request) => {
    for (const limit of limits) {
      const outcome = await limit(request);
      if (!outcome.isAllowed && outcome.isExceeded) throw new Problem(429, 'too-many');
    }
  };
}

function account(request: FastifyRequest): string {
  // The body is checked by the route's own schema, after or before: here anything but a text is one account.
  const email = (request.body as { readonly email?: unknown } | undefined)?.email;
  return typeof email === 'string' ? email.trim().toLowerCase() : '';
}
