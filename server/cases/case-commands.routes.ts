import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type TProperties, Type } from 'typebox';
import { findAgentName } from '../agents/find-agent-name.ts';
import { requireAgent } from '../agents/require-agent.ts';
import type { Dependencies } from '../dependencies.ts';
import { languageOf } from '../http/language.ts';
import { strictObject } from '../http/validation.ts';
import { Problem, ProblemSchema } from '../problem.ts';
import { addNote } from './add-note.ts';
import { assignCase } from './assign-case.ts';
import { type CaseRow, CaseRowSchema, rowOf, toCaseRow } from './case-row.ts';
import { priorities } from './cases.table.ts';
import type { CaseRecord } from './change-case.ts';
import { claimCase } from './claim-case.ts';
import { claimNextCase } from './claim-next-case.ts';
import { mergeCases } from './merge-cases.ts';
import { releaseCase } from './release-case.ts';
import { reopenCase } from './reopen-case.ts';
import { resolveCase } from './resolve-case.ts';
import { sendMessage } from './send-message.ts';
import { setPriority } from './set-priority.ts';
import { transferCase } from './transfer-case.ts';

const Params = Type.Object({ number: Type.String({ maxLength: 20 }) });
const Version = { version: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_147_483_647 })) };
const Words = { body: Type.String({ minLength: 1, maxLength: 10_000, pattern: '\\S' }) };

/** What agents do to cases: each route gives one command, rings the doorbell and answers with the case's new row. */
export async function caseCommandsRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { db, clock, doorbell } = deps;
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();

  const command = <Body extends TProperties>(summary: string, body: Body) => ({
    onRequest: requireAgent(deps),
    schema: {
      tags: ['cases'],
      summary,
      params: Params,
      body: strictObject({ ...Version, ...body }),
      response: {
        200: CaseRowSchema,
        400: ProblemSchema,
        401: ProblemSchema,
        403: ProblemSchema,
        404: ProblemSchema,
        409: ProblemSchema,
        422: ProblemSchema,
      },
    },
  });

  /** The row of a case that was just changed, for the agent who changed it. */
  async function done(request: FastifyRequest, changed: CaseRecord): Promise<CaseRow> {
    doorbell.ring();
    const { assigneeId } = changed;
    const mine = assigneeId === request.agent.id;
    const assigneeName = mine ? request.agent.name : assigneeId && (await findAgentName(db, assigneeId));
    return toCaseRow(rowOf(changed, assigneeName), languageOf(request));
  }

  // A command that needs nothing said may come without a body.
  routes.addHook('preValidation', async (request) => {
    request.body ??= {};
  });

  routes.post('/api/cases/:number/claim', command('Claim a waiting case', {}), async (request) => {
    const { agent, params, body } = request;
    return done(request, await claimCase(db, { agent, ...params, ...body }, clock.now()));
  });

  routes.post(
    '/api/cases/next',
    {
      onRequest: requireAgent(deps),
      schema: {
        tags: ['cases'],
        summary: 'Claim the case that is first in the agent’s queues',
        body: strictObject({}),
        response: {
          200: CaseRowSchema,
          204: Type.Null({ description: 'Nothing waits' }),
          401: ProblemSchema,
          409: ProblemSchema,
        },
      },
    },
    async (request, reply) => {
      const claimed = await claimNextCase(db, request.agent, clock.now());
      return claimed ? done(request, claimed) : reply.status(204).send(null);
    },
  );

  routes.post('/api/cases/:number/release', command('Put a case back in its queue', {}), async (request) => {
    const { agent, params, body } = request;
    return done(request, await releaseCase(db, { agent, ...params, ...body }, clock.now()));
  });

  routes.post(
    '/api/cases/:number/resolve',
    command('Say that the problem is solved', {}),
    async (request) => {
      const { agent, params, body } = request;
      return done(request, await resolveCase(db, { agent, ...params, ...body }, clock.now()));
    },
  );

  routes.post(
    '/api/cases/:number/reopen',
    command('Put a finished case back in its queue', {}),
    async (request) => {
      const { agent, params, body } = request;
      return done(request, await reopenCase(db, { agent, ...params, ...body }, clock.now()));
    },
  );

  routes.post(
    '/api/cases/:number/transfer',
    command('Send a case to another hotline, or hand it to another agent of its own', {
      hotline: Type.Optional(Type.String({ maxLength: 40 })),
      agent: Type.Optional(Type.String({ format: 'uuid' })),
    }),
    async (request) => {
      const { hotline, agent: to, version } = request.body;
      const given = { agent: request.agent, ...request.params, version };
      if (hotline !== undefined && to === undefined) {
        return done(request, await transferCase(db, { ...given, hotline }, clock.now()));
      }
      if (to !== undefined && hotline === undefined) {
        return done(request, await assignCase(db, { ...given, to }, clock.now()));
      }
      throw new Problem(400, 'invalid', { errors: [{ path: '/hotline', key: 'problems.fields.required' }] });
    },
  );

  routes.post(
    '/api/cases/:number/priority',
    command('Move a case up or down its queue', { priority: Type.Enum(priorities) }),
    async (request) => {
      const { agent, params, body } = request;
      return done(request, await setPriority(db, { agent, ...params, ...body }, clock.now()));
    },
  );

  routes.post(
    '/api/cases/:number/notes',
    command('Write a note that only agents see', Words),
    async (request) => {
      const { agent, params, body } = request;
      return done(request, await addNote(db, { agent, ...params, ...body }, clock.now()));
    },
  );

  routes.post(
    '/api/cases/:number/messages',
    command('Say something to the practitioner', {
      ...Words,
      awaitReply: Type.Optional(
        Type.Boolean({ description: 'The case becomes `pending` and leaves the agent a place' }),
      ),
    }),
    async (request) => {
      const { agent, params, body } = request;
      return done(request, await sendMessage(db, { agent, ...params, ...body }, clock.now()));
    },
  );

  routes.post(
    '/api/cases/:number/merge',
    command('Close a duplicate: what it was about is followed in another case', {
      into: Type.String({ maxLength: 20, description: 'Number of the case that is followed' }),
    }),
    async (request) => {
      const { agent, params, body } = request;
      return done(request, await mergeCases(db, { agent, ...params, ...body }, clock.now()));
    },
  );
}
