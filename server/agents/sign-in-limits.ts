import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '../problem.ts';

const timeWindow = '10 minutes';

type Limit = (request: FastifyRequest) => Promise<void>;

/**
 * Slows whoever tries passwords: every attempt counts before its password is looked at. The address counts first: past
 * its limit it reaches no other count, so that it cannot push those of accounts out of memory by naming thousands. An
 * account is counted by address before it is counted as a whole, and a desk whose agents share an address has room, so
 * that nobody can keep somebody else out for long by failing in their name. The JSON route and the page of one server count together.
 * The request's body must hold `email`.
 */
export function signInLimits(app: FastifyInstance): Limit {
  const limit = limits.get(app.server) ?? makeLimit(app);
  limits.set(app.server, limit);
  return limit;
}

const limits = new WeakMap<FastifyInstance['server'], Limit>();

function makeLimit(app: FastifyInstance): Limit {
  const address = (request: FastifyRequest) => normalizeIP(request.ip);
  const counters = [
    app.createRateLimit({ max: 200, timeWindow, keyGenerator: (r) => `address ${address(r)}` }),
    app.createRateLimit({ max: 10, timeWindow, keyGenerator: (r) => `pair ${address(r)} ${account(r)}` }),
    app.createRateLimit({ max: 100, timeWindow, keyGenerator: (r) => `account ${account(r)}` }),
  ];
  return async (request) => {
    for (const count of counters) {
      const outcome = await count(request);
      if (!outcome.isAllowed && outcome.isExceeded) throw new Problem(429, 'too-many');
    }
  };
}

function account(request: FastifyRequest): string {
  // The body is checked by the route's own schema, after or before: here anything but a text is one account.
  const email = (request.body as { readonly email?: unknown } | undefined)?.email;
  return typeof email === 'string' ? email.trim().toLowerCase() : '';
}
