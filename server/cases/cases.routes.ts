import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { requireAgent } from '../agents/require-agent.ts';
import type { Dependencies } from '../dependencies.ts';
import { languageOf } from '../http/language.ts';
import { strictObject } from '../http/validation.ts';
import { Problem, ProblemSchema } from '../problem.ts';
import { CaseRowSchema, CountsSchema, toCaseRow } from './case-row.ts';
import { caseStates } from './cases.table.ts';
import { CaseDetailSchema, getCase } from './find-case.ts';
import { listCases } from './list-cases.ts';
import type { QueueCounts } from './queue-counts.ts';

const ListQuery = strictObject({
  hotline: Type.Optional(Type.String({ maxLength: 40, description: 'All of the agent’s when absent' })),
  state: Type.Optional(Type.Enum(caseStates)),
  assignee: Type.Optional(Type.Union([Type.Literal('me'), Type.String({ format: 'uuid' })])),
  q: Type.Optional(
    Type.String({ maxLength: 200, description: 'Beginnings of words of number, name, RPPS, phone, e-mail' }),
  ),
  limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
  after: Type.Optional(Type.String({ maxLength: 400, description: '`next` of the page before' })),
  lang: Type.Optional(Type.String({ maxLength: 10 })),
});

/** Reading cases: lists and one in full. Changing them is in case-commands.routes.ts. */
export async function casesRoutes(
  app: FastifyInstance,
  deps: Dependencies,
  counts: QueueCounts,
): Promise<void> {
  const { db } = deps;
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();
  const onRequest = requireAgent(deps);
  const tags = ['cases'];

  routes.get(
    '/api/cases',
    {
      onRequest,
      // Its rows are made field by field already, and for a list this writes them in half the time.
      serializerCompiler: () => (data) => JSON.stringify(data),
      schema: {
        tags,
        summary: 'List cases: open ones as they will be served, others newest first',
        querystring: ListQuery,
        response: {
          200: Type.Object({
            cases: Type.Array(CaseRowSchema),
            next: Type.Optional(Type.String()),
            counts: CountsSchema,
          }),
          401: ProblemSchema,
          403: ProblemSchema,
        },
      },
    },
    async (request) => {
      const { agent, query } = request;
      const { hotline, assignee, state, q, limit, after } = query;
      if (hotline !== undefined && !agent.hotlines.includes(hotline)) {
        throw new Problem(403, 'foreign-hotline');
      }
      const hotlines = hotline === undefined ? agent.hotlines : [hotline];
      const assigneeId = assignee === 'me' ? agent.id : assignee;
      const language = languageOf(request);
      const [list, counted] = await Promise.all([
        listCases(db, { hotlines, assigneeId, state, q, limit, after }),
        counts.of(hotlines),
      ]);
      return {
        cases: list.rows.map((row) => toCaseRow(row, language)),
        ...(list.next !== undefined && { next: list.next }),
        counts: counted,
      };
    },
  );

  routes.get(
    '/api/cases/:number',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Read a case with its trail, history and messages',
        params: Type.Object({ number: Type.String({ maxLength: 20 }) }),
        response: { 200: CaseDetailSchema, 401: ProblemSchema, 403: ProblemSchema, 404: ProblemSchema },
      },
    },
    async (request) =>
      getCase(db, { agent: request.agent, number: request.params.number }, languageOf(request)),
  );
}
