import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '../problem.ts';

export interface DirectoryLimits {
  /**
   * Counts a look-up, whether or not it will find anybody.
   * @param agent the agent who asks, if one does: agents are counted one by one, whatever their address.
   * @throws Problem 429 when there were too many, or too many of unknown numbers.
   */
  admit(request: FastifyRequest, agent?: string): Promise<void>;
  /** Counts a number that is not in the directory, against the same caller. */
  missed(request: FastifyRequest, agent?: string): Promise<void>;
}

/** How many look-ups a caller may make in an hour, all at once if need be, and how many of them may find nobody. */
export const lookUpsAllowed = { anHour: 600, missesAnHour: 60 } as const;

/**
 * Slows whoever runs through numbers, by one count for the API, the wizard and the desk together: made once for the app.
 * A hospital whose staff share one address looks up a few hundred on its worst morning, nearly all of them right; guesses
 * are nearly all wrong, and copying the directory would take months.
 */
export function directoryLimits(app: FastifyInstance): DirectoryLimits {
  const agents = new WeakMap<FastifyRequest, string>();
  const limit = (name: string, max: number) =>
    app.createRateLimit({
      max,
      timeWindow: '1 hour',
      keyGenerator: (request) => `directory ${name} ${agents.get(request) ?? normalizeIP(request.ip)}`,
    });
  const lookUps = limit('look-ups', lookUpsAllowed.anHour);
  const misses = limit('misses', lookUpsAllowed.missesAnHour);
  return {
    async admit(request, agent) {
      if (agent !== undefined) agents.set(request, agent);
      const counted = await lookUps(request);
      if (!counted.isAllowed && counted.isExceeded) throw new Problem(429, 'too-many');
      const missed = await misses(request, { increment: false });
      if (!missed.isAllowed && missed.remaining === 0) throw new Problem(429, 'too-many');
    },
    async missed(request, agent) {
      if (agent !== undefined) agents.set(request, agent);
      await misses(request);
    },
  };
}
