import { Readable } from 'node:stream';
import multipart from '@fastify/multipart';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Dependencies } from '../../dependencies.ts';
import { languageOf } from '../../http/language.ts';
import { strictObject } from '../../http/validation.ts';
import { requireRight } from '../../identity/require-right.ts';
import { Problem, ProblemSchema } from '../../problem.ts';
import { nirVault } from '../patients/nir-vault.ts';
import { getImportProgress, type ImportProgress, refusedRows, reportOf } from './import-report.ts';
import { fileLimitBytes, receiveImport } from './receive-import.ts';
import { refusedCsv, reportCsv } from './report-csv.ts';
import type { ReportWords } from './say-row-error.ts';

const Progress = Type.Object(
  {
    id: Type.String(),
    centre: Type.String(),
    state: Type.Enum(['receiving', 'waiting', 'running', 'done', 'refused']),
    createdAt: Type.String(),
    finishedAt: Type.Union([Type.String(), Type.Null()]),
    total: Type.Integer(),
    waiting: Type.Integer(),
    recorded: Type.Integer(),
    known: Type.Integer({
      description: 'Recorded before for the same structure, under the same centre and row identifier',
    }),
    refused: Type.Integer(),
  },
  { title: 'RecordImport' },
);
const Centre = Type.String({ minLength: 1, maxLength: 60, pattern: '\\S' });
const refusals = {
  400: ProblemSchema,
  401: ProblemSchema,
  403: ProblemSchema,
  404: ProblemSchema,
  413: ProblemSchema,
  422: ProblemSchema,
};

/** Files of injections from a centre that worked offline: received as a stream, recorded by a job. */
export async function importsRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { db, clock, texts, config } = deps;
  const vault = nirVault(config.records);
  const onRequest = requireRight(deps, 'record.import');
  await app.register(multipart, { limits: { files: 1, fields: 5, fileSize: 2 * fileLimitBytes } });
  // The body is the stream itself.
  app.addContentTypeParser('text/csv', (_request, payload, done) => done(null, payload));
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();

  routes.post(
    '/api/records/imports',
    {
      onRequest,
      bodyLimit: fileLimitBytes,
      schema: {
        tags: ['records'],
        summary: 'Import injections of a centre that worked offline, as CSV',
        description:
          'A `text/csv` body, or a `multipart/form-data` one with the field `file`. The same row (structure acted for, ' +
          'centre and row identifier) is recorded once, however often and by whomever of the structure it is sent.',
        consumes: ['text/csv', 'multipart/form-data'],
        querystring: strictObject({ centre: Centre }),
        response: { 202: Progress, ...refusals },
      },
    },
    async (request, reply) => {
      const sent = {
        centre: request.query.centre.trim(),
        professional: request.professional,
        requestId: request.id,
      };
      const { id } = await receiveImport(db, vault, await fileOf(request), sent, clock.now());
      deps.doorbell.ring();
      const progress = await getImportProgress(db, id, request.professional.id);
      return reply.status(202).header('location', `/api/records/imports/${id}`).send(progressJson(progress));
    },
  );

  routes.get(
    '/api/records/imports/:id',
    {
      onRequest,
      schema: {
        tags: ['records'],
        summary: 'How far an import is',
        params: Type.Object({ id: Type.String({ format: 'uuid' }) }),
        response: { 200: Progress, ...refusals },
      },
    },
    async (request) => progressJson(await getImportProgress(db, request.params.id, request.professional.id)),
  );

  routes.get(
    '/api/records/imports/:id/report.csv',
    {
      onRequest,
      schema: {
        tags: ['records'],
        summary: 'What became of each row, and why: one line for each fault',
        params: Type.Object({ id: Type.String({ format: 'uuid' }) }),
      },
    },
    async (request, reply) => {
      const { id } = await getImportProgress(db, request.params.id, request.professional.id);
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="import-${id}.csv"`)
        .header('cache-control', 'no-store')
        .send(Readable.from(reportCsv(await wordsOf(request), reportOf(db, id))));
    },
  );

  routes.get(
    '/api/records/imports/:id/refused.csv',
    {
      onRequest,
      schema: {
        tags: ['records'],
        summary: 'The rows refused, as they were sent and why: to be corrected and sent again',
        params: Type.Object({ id: Type.String({ format: 'uuid' }) }),
      },
    },
    async (request, reply) => {
      const { id } = await getImportProgress(db, request.params.id, request.professional.id);
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="import-${id}-refus.csv"`)
        .header('cache-control', 'no-store')
        .send(Readable.from(refusedCsv(await wordsOf(request), refusedRows(db, vault, id))));
    },
  );

  async function wordsOf(request: FastifyRequest): Promise<ReportWords> {
    return { texts, language: languageOf(request), vaccines: await deps.recordRules.current() };
  }
}

/** The file in the body, whichever way it was sent. @throws Problem 422 `import-empty` without one. */
async function fileOf(request: FastifyRequest): Promise<Readable> {
  if (!request.isMultipart()) {
    if (request.body instanceof Readable) return request.body;
    throw new Problem(415, 'media-type');
  }
  const part = await request.file();
  if (part === undefined) throw new Problem(422, 'import-empty');
  return part.file;
}

function progressJson({ createdAt, finishedAt, ...rest }: ImportProgress) {
  return { ...rest, createdAt: createdAt.toISOString(), finishedAt: finishedAt?.toISOString() ?? null };
}
