import type { FastifyInstance } from 'fastify';

/**
 * One line a request, with the route's pattern and never the address itself: addresses carry secrets
 * (a wizard session, a tracking link).
 */
export function registerRequestLog(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url ?? 'unknown',
        status: reply.statusCode,
        milliseconds: Math.round(reply.elapsedTime),
      },
      'request',
    );
  });
}
