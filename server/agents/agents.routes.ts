import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Dependencies } from '../dependencies.ts';
import { strictObject } from '../http/validation.ts';
import { ProblemSchema } from '../problem.ts';
import { closeSession } from './agent-sessions.ts';
import { agentRoles, presences } from './agents.table.ts';
import { setPresence } from './presence.ts';
import { clearSessionCookie, requireAgent, signInByCookie } from './require-agent.ts';
import { signInLimits } from './sign-in-limits.ts';

const Credentials = strictObject({
  email: Type.String({ minLength: 3, maxLength: 254 }),
  password: Type.String({ minLength: 1, maxLength: 200 }),
  code: Type.Optional(
    Type.String({
      maxLength: 20,
      description: 'The code of a second factor; no account has one yet, so that it is not looked at',
    }),
  ),
});

const PresenceSchema = Type.Enum(presences);

const Me = Type.Object({
  id: Type.String(),
  name: Type.String(),
  email: Type.String(),
  role: Type.Enum(agentRoles),
  hotlines: Type.Array(Type.String()),
  presence: PresenceSchema,
  capacity: Type.Integer(),
});

/** Signing in and out, and whether the agent takes cases. */
export async function agentsRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { db, clock, doorbell } = deps;
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();
  const onRequest = requireAgent(deps);
  const tags = ['agents'];

  routes.post(
    '/api/agents/session',
    {
      preHandler: signInLimits(app),
      schema: {
        tags,
        summary: 'Sign in',
        body: Credentials,
        response: { 204: Type.Null(), 401: ProblemSchema, 429: ProblemSchema },
      },
    },
    async (request, reply) => {
      await signInByCookie(request, reply, request.body, deps);
      return reply.status(204).send(null);
    },
  );

  routes.delete(
    '/api/agents/session',
    {
      onRequest,
      schema: { tags, summary: 'Sign out', response: { 204: Type.Null(), 401: ProblemSchema } },
    },
    async (request, reply) => {
      await closeSession(db, request.agent, clock.now());
      doorbell.ring();
      clearSessionCookie(reply, deps);
      return reply.status(204).send(null);
    },
  );

  routes.get(
    '/api/agents/me',
    {
      onRequest,
      schema: { tags, summary: 'Who is signed in', response: { 200: Me, 401: ProblemSchema } },
    },
    async (request) => {
      const { sessionId: _, hotlines, ...agent } = request.agent;
      return { ...agent, hotlines: [...hotlines] };
    },
  );

  routes.put(
    '/api/agents/me/presence',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Say whether you take cases',
        body: strictObject({ presence: PresenceSchema }),
        response: { 204: Type.Null(), 401: ProblemSchema },
      },
    },
    async (request, reply) => {
      await setPresence(db, request.agent.id, request.body.presence, clock.now());
      doorbell.ring();
      return reply.status(204).send(null);
    },
  );
}
