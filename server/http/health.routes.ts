import { sql } from 'drizzle-orm';
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { Type } from 'typebox';
import { outbox } from '../database/schema.ts';
import type { Dependencies } from '../dependencies.ts';
import { describeDirectoryState } from '../directory/describe-import.ts';
import { findDirectoryState } from '../directory/directory-state.ts';

const Readiness = Type.Object({
  status: Type.Union([Type.Literal('ready'), Type.Literal('degraded'), Type.Literal('unavailable')]),
  checks: Type.Record(Type.String(), Type.String()),
});

/** Whether the process lives, whether it can serve, and its figures for Prometheus. */
export async function healthRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });

  app.get('/health/live', { schema: { tags: ['health'], summary: 'The process lives' } }, async () => ({
    status: 'live',
  }));

  app.get(
    '/health/ready',
    {
      schema: {
        tags: ['health'],
        summary:
          'The database answers, the outbox is being relayed, the issuers answer, and which directory was imported',
        response: { 200: Readiness, 503: Readiness },
      },
    },
    async (request, reply) => {
      const checks: Record<string, string> = {};
      try {
        const overdue = new Date(deps.clock.now().getTime() - 5 * 60_000);
        const [row] = await deps.db
          .select({ stuck: sql<number>`count(*)::int` })
          .from(outbox)
          .where(
            sql`${outbox.relayedAt} is null and ${outbox.createdAt} < ${overdue.toISOString()}::timestamptz`,
          );
        checks.database = 'ok';
        checks.queue =
          row && row.stuck > 0 ? `${row.stuck} messages wait for the workers since over 5 minutes` : 'ok';
        checks.directory = describeDirectoryState(deps.texts, 'en', await findDirectoryState(deps.db));
      } catch (error) {
        request.log.error({ err: error }, 'not ready');
        checks.database = 'unreachable';
      }
      let degraded = false;
      await Promise.all(
        deps.identity.issuers.all.map(async (issuer) => {
          const answers = await issuer.answers();
          checks[issuer.settings.key] = answers
            ? 'ok'
            : 'does not answer: professionals cannot sign in by it';
          degraded ||= !answers;
        }),
      );
      // Without its issuer the desk still serves, and is needed more than ever.
      if (checks.database !== 'ok') return reply.status(503).send({ status: 'unavailable', checks });
      return reply.send({ status: degraded ? 'degraded' : 'ready', checks });
    },
  );

  app.get(
    '/metrics',
    { schema: { tags: ['health'], summary: 'Figures for Prometheus' } },
    async (_request, reply) => {
      reply.type(registry.contentType);
      return registry.metrics();
    },
  );
}
