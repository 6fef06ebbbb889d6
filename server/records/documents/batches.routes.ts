import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Dependencies } from '../../dependencies.ts';
import { strictObject } from '../../http/validation.ts';
import { requireRight } from '../../identity/require-right.ts';
import { ProblemSchema } from '../../problem.ts';
import { entryOf } from '../acts/entry-of.ts';
import { sendPdf } from './documents.routes.ts';
import { batchStates } from './documents.table.ts';
import { type Batch, getBatch, printBatch } from './find-batch.ts';
import { startSummaryBatch } from './start-batch.ts';

const day = Type.String({ format: 'date', description: 'In Europe/Paris, included' });
const instantOrNull = Type.Union([Type.String(), Type.Null()]);
const BatchSchema = Type.Object(
  {
    id: Type.String(),
    state: Type.Enum([...batchStates]),
    structure: Type.String({ description: 'FINESS number of the site' }),
    firstDay: Type.String(),
    lastDay: Type.String(),
    bilingual: Type.Boolean(),
    createdAt: Type.String(),
    finishedAt: instantOrNull,
    waiting: Type.Integer(),
    issued: Type.Integer(),
    refused: Type.Integer(),
    pages: Type.Union([Type.Integer(), Type.Null()]),
    pdf: Type.Union([Type.String(), Type.Null()], { description: 'All of them in one file, once done' }),
  },
  { title: 'SummaryBatch' },
);
const refusals = {
  400: ProblemSchema,
  401: ProblemSchema,
  403: ProblemSchema,
  404: ProblemSchema,
  409: ProblemSchema,
  422: ProblemSchema,
};
const base = '/api/records/summary-batches';

/** The summaries of everybody vaccinated in an establishment: one job, one file. */
export async function batchesRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { clock, db } = deps;
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();
  const onRequest = requireRight(deps, 'records.supervise');
  const tags = ['records'];
  const Params = Type.Object({ id: Type.String({ format: 'uuid' }) });

  routes.post(
    base,
    {
      onRequest,
      schema: {
        tags,
        summary: 'Issue the summaries of everybody injected in the establishment acted for, as one job',
        body: strictObject({ firstDay: day, lastDay: day, bilingual: Type.Optional(Type.Boolean()) }),
        response: { 202: BatchSchema, ...refusals },
      },
    },
    async (request, reply) => {
      const { bilingual = false, ...days } = request.body;
      const entry = await entryOf(request, deps);
      const id = await startSummaryBatch(db, entry, { ...days, bilingual }, clock.now());
      deps.doorbell.ring();
      const view = batchView(await getBatch(db, id, request.professional.id));
      return reply.status(202).header('location', `${base}/${id}`).send(view);
    },
  );

  routes.get(
    `${base}/:id`,
    {
      onRequest,
      schema: {
        tags,
        summary: 'How far a batch of summaries is',
        params: Params,
        response: { 200: BatchSchema, ...refusals },
      },
    },
    async (request) => batchView(await getBatch(db, request.params.id, request.professional.id)),
  );

  routes.get(
    `${base}/:id.pdf`,
    { onRequest, schema: { tags, summary: 'All summaries of a batch in one file', params: Params } },
    async (request, reply) => {
      const { id } = request.params;
      const pdf = await printBatch(db, await entryOf(request, deps), id, clock.now());
      return sendPdf(reply, { number: `bilans-${id}`, pdf });
    },
  );
}

function batchView({ createdAt, finishedAt, ...batch }: Batch): Static<typeof BatchSchema> {
  return {
    ...batch,
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
    pdf: batch.state === 'done' && batch.pages !== 0 ? `${base}/${batch.id}.pdf` : null,
  };
}
