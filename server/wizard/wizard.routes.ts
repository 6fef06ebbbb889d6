import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Dependencies } from '../dependencies.ts';
import type { DirectoryLimits } from '../directory/directory-limits.ts';
import { languageOf } from '../http/language.ts';
import { strictObject } from '../http/validation.ts';
import { Problem, ProblemSchema } from '../problem.ts';
import { languages } from '../texts.ts';
import { type FlowData, flowAsData } from './graph.ts';
import { maxNumberLength, resolveAnswer } from './look-up-number.ts';
import { describePosition, Position } from './position.ts';
import { findFlow } from './registry.ts';
import { answerSession, getWalk, startSession, type Walk } from './sessions.ts';

/** New sessions from one address in a minute, by the API and by the page each: a whole hospital may share it. */
export const sessionStarts = { max: 300, timeWindow: '1 minute' } as const;

const tags = ['wizard'];

const SessionParams = Type.Object({ id: Type.String({ description: 'The session' }) });

/** Node and option ids are short; what is longer cannot be one. */
const Identifier = Type.String({ minLength: 1, maxLength: 100 });

const FlowSchema = Type.Unsafe<FlowData>(
  Type.Object({
    id: Type.String(),
    version: Type.Integer(),
    start: Type.String(),
    nodes: Type.Array(
      Type.Object({ id: Type.String(), kind: Type.String(), outcome: Type.Optional(Type.String()) }),
    ),
    edges: Type.Array(
      Type.Object({
        from: Type.String(),
        option: Type.String(),
        to: Type.String(),
        when: Type.Optional(Type.Unknown({ description: 'The condition on what earlier answers taught' })),
        sets: Type.Optional(Type.Record(Type.String(), Type.String())),
        exit: Type.Boolean(),
        field: Type.Optional(Type.String({ description: 'The answer is typed into it, and looked up' })),
        passed: Type.Optional(
          Type.Boolean({ description: 'The page is not shown when the condition holds' }),
        ),
        back: Type.Optional(Type.Boolean({ description: 'Takes back the answer of the node it leads to' })),
      }),
    ),
  }),
);

/** The wizard's API: no account; the session's id is the only key to it. */
export async function wizardRoutes(
  server: FastifyInstance,
  deps: Dependencies,
  limits: DirectoryLimits,
): Promise<void> {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  const { clock, db, texts } = deps;

  const describe = async (walk: Walk) =>
    describePosition(texts, walk, await deps.incidents.current(), clock.now());

  app.post(
    '/api/wizard/sessions',
    {
      config: { rateLimit: sessionStarts },
      // Nothing needs saying to start: no body at all is an empty one.
      preValidation: async (request) => {
        request.body ??= {};
      },
      schema: {
        tags,
        summary: 'Start a diagnosis',
        body: strictObject({
          language: Type.Optional(Type.Enum([...languages])),
        }),
        response: { 201: Position, 400: ProblemSchema, 429: ProblemSchema },
      },
    },
    async (request, reply) => {
      const walk = await startSession(db, request.body.language ?? languageOf(request), clock.now());
      return reply.status(201).send(await describe(walk));
    },
  );

  app.get(
    '/api/wizard/sessions/:id',
    {
      schema: {
        tags,
        summary: 'Where a diagnosis stands',
        params: SessionParams,
        response: { 200: Position, 404: ProblemSchema },
      },
    },
    async (request) => describe(await getWalk(db, request.params.id)),
  );

  app.post(
    '/api/wizard/sessions/:id/answers',
    {
      schema: {
        tags,
        summary: 'Answer the current question, or an earlier one again (what followed it is discarded)',
        params: SessionParams,
        body: strictObject({
          node: Identifier,
          answer: Identifier,
          flowVersion: Type.Optional(Type.Integer({ minimum: 1 })),
          fields: Type.Optional(
            strictObject({
              number: Type.Optional(
                Type.String({
                  maxLength: maxNumberLength,
                  description: 'RPPS number (11 digits, or 12 with the leading 8) or ADELI number (9)',
                }),
              ),
            }),
          ),
        }),
        response: {
          200: Position,
          400: ProblemSchema,
          404: ProblemSchema,
          409: ProblemSchema,
          422: { ...ProblemSchema, description: 'No number, or nobody has it: choose an option instead' },
          429: ProblemSchema,
        },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { fields, ...answer } = request.body;
      const sent = { ...answer, ...(fields?.number !== undefined && { number: fields.number }) };
      const given = await resolveAnswer(deps, limits, request, id, sent);
      const walk = await answerSession(db, id, given, clock.now());
      return await describe(walk);
    },
  );

  app.get(
    '/api/wizard/flows/:flow',
    {
      schema: {
        tags,
        summary: 'A flow as nodes and edges, without its texts',
        params: Type.Object({ flow: Type.String() }),
        response: { 200: FlowSchema, 404: ProblemSchema },
      },
    },
    async (request) => {
      const flow = findFlow(request.params.flow);
      if (!flow) throw new Problem(404, 'no-such-flow');
      return flowAsData(flow);
    },
  );
}
