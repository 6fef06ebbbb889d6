import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { drawPng, drawSvg } from '../../certificates/codes/draw-code.ts';
import type { Dependencies } from '../../dependencies.ts';
import { strictObject } from '../../http/validation.ts';
import { requireRight } from '../../identity/require-right.ts';
import { ProblemSchema } from '../../problem.ts';
import { entryOf } from '../acts/entry-of.ts';
import { documentToolsOf } from './document-tools-of.ts';
import {
  CertificateSchema,
  certificateView,
  ListedCertificateSchema,
  listedCertificateView,
  SummarySchema,
  summaryView,
} from './document-view.ts';
import {
  type DocumentReference,
  getDocument,
  listDocuments,
  type PatientDocument,
  printDocument,
  withPrintableCodes,
} from './find-documents.ts';
import { issueDocument } from './issue-document.ts';

const uuid = Type.String({ format: 'uuid' });
const PatientParams = Type.Object({ id: uuid });
const DocumentParams = Type.Object({ id: uuid, itemId: uuid });
const signer = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 100,
    description:
      'National identifier of the professional who answers for it and lets you print; absent: you do',
  }),
);
const bilingual = Type.Optional(
  Type.Boolean({ description: 'French with English beside it; French alone when absent' }),
);
const refusals = { 401: ProblemSchema, 403: ProblemSchema, 404: ProblemSchema, 422: ProblemSchema };
const issuing = { ...refusals, 400: ProblemSchema, 409: ProblemSchema, 503: ProblemSchema };
const tags = ['records'];

/** Signed summaries and attestations of a patient's record: issued, listed, printed. */
export async function documentsRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { clock, db } = deps;
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();
  const toSign = requireRight(deps, 'summary.sign', 'entry.on_behalf');
  const toRead = requireRight(deps, 'patient.read');
  const base = '/api/records/patients/:id';

  async function issue(
    request: FastifyRequest,
    asked: Parameters<typeof issueDocument>[2],
  ): Promise<PatientDocument> {
    const tools = await documentToolsOf(deps);
    const id = await issueDocument(tools, await entryOf(request, deps), asked, clock.now());
    return getDocument(db, { patientId: asked.patientId, kind: asked.kind, id });
  }

  /** Those of one kind, as whoever asks may be told of them. */
  async function list(request: FastifyRequest, patientId: string, kind: PatientDocument['kind']) {
    const entry = await entryOf(request, deps);
    const now = clock.now();
    const found = await listDocuments(db, entry, patientId, now);
    const theirs = found.filter((each) => each.kind === kind);
    return request.onlyByDelegation ? withPrintableCodes(db, entry, theirs, now) : theirs;
  }

  const print = (
    request: FastifyRequest,
    { id: patientId, itemId: id }: { readonly id: string; readonly itemId: string },
    kind: PatientDocument['kind'],
  ) => printRequested(deps, request, { patientId, kind, id });

  routes.post(
    `${base}/summaries`,
    {
      onRequest: toSign,
      schema: {
        tags,
        summary: 'Issue the signed vaccination summary, which is the medical certificate',
        params: PatientParams,
        body: strictObject({ bilingual, signer }),
        response: { 201: SummarySchema, ...issuing },
      },
    },
    async (request, reply) => {
      const { bilingual: both = false, signer: by } = request.body;
      const patientId = request.params.id;
      const document = await issue(request, { kind: 'summary', patientId, bilingual: both, signer: by });
      const view = summaryView(patientId, document);
      return reply.status(201).header('location', view.pdf).send(view);
    },
  );

  routes.get(
    `${base}/summaries`,
    {
      onRequest: toRead,
      schema: {
        tags,
        summary: 'Summaries issued of a patient’s record, the latest first, withdrawn ones included',
        params: PatientParams,
        response: { 200: Type.Object({ items: Type.Array(SummarySchema) }), ...refusals },
      },
    },
    async (request) => {
      const { id } = request.params;
      return { items: (await list(request, id, 'summary')).map((each) => summaryView(id, each)) };
    },
  );

  routes.get(
    `${base}/summaries/:itemId.pdf`,
    {
      onRequest: toRead,
      schema: { tags, summary: 'A signed summary, the same bytes each time', params: DocumentParams },
    },
    async (request, reply) => sendPdf(reply, await print(request, request.params, 'summary')),
  );

  routes.post(
    `${base}/certificates`,
    {
      onRequest: toSign,
      schema: {
        tags,
        summary: 'Issue an attestation with its European certificate and 2D-Doc',
        params: PatientParams,
        body: strictObject({
          bilingual,
          signer,
          injectionId: Type.Optional(Type.String({ format: 'uuid', description: 'Absent: the last one' })),
        }),
        response: { 201: CertificateSchema, ...issuing },
      },
    },
    async (request, reply) => {
      const { bilingual: both = false, signer: by, injectionId } = request.body;
      const patientId = request.params.id;
      const asked = { kind: 'attestation', patientId, bilingual: both, signer: by } as const;
      const document = await issue(request, { ...asked, ...(injectionId && { injectionId }) });
      const view = certificateView(patientId, document);
      return reply.status(201).header('location', view.pdf).send(view);
    },
  );

  routes.get(
    `${base}/certificates`,
    {
      onRequest: toRead,
      schema: {
        tags,
        summary: 'Attestations issued of a patient’s record, the latest first, withdrawn ones included',
        params: PatientParams,
        response: { 200: Type.Object({ items: Type.Array(ListedCertificateSchema) }), ...refusals },
      },
    },
    async (request) => {
      const { id } = request.params;
      return {
        items: (await list(request, id, 'attestation')).map((each) => listedCertificateView(id, each)),
      };
    },
  );

  routes.get(
    `${base}/certificates/:itemId.pdf`,
    {
      onRequest: toRead,
      schema: { tags, summary: 'A signed attestation, the same bytes each time', params: DocumentParams },
    },
    async (request, reply) => sendPdf(reply, await print(request, request.params, 'attestation')),
  );

  for (const code of walletCodes) {
    for (const format of walletFormats) {
      routes.get(
        `${base}/certificates/:itemId/${code}.${format}`,
        {
          onRequest: toRead,
          schema: {
            tags,
            summary: `The code alone, for a wallet: ${code}, ${format}`,
            params: DocumentParams,
          },
        },
        async (request, reply) =>
          sendCode(reply, await print(request, request.params, 'attestation'), code, format),
      );
    }
  }
}

/** The codes of an attestation that a phone can keep, and as which pictures. */
export const walletCodes = ['dcc', '2d-doc'] as const;
export const walletFormats = ['png', 'svg'] as const;

/** What whoever is signed in asks to print, if they may; logged. Throws as `printDocument`. */
export async function printRequested(
  deps: Dependencies,
  request: FastifyRequest,
  reference: DocumentReference,
) {
  const { onlyByDelegation } = request;
  const entry = await entryOf(request, deps);
  return printDocument(deps.db, entry, reference, { onlyByDelegation }, deps.clock.now());
}

/** One code of an attestation as a picture. */
export async function sendCode(
  reply: FastifyReply,
  { hc1, twoDDoc }: Pick<PatientDocument, 'hc1' | 'twoDDoc'>,
  code: (typeof walletCodes)[number],
  format: (typeof walletFormats)[number],
): Promise<FastifyReply> {
  const [kind, text] = code === 'dcc' ? (['dcc', hc1] as const) : (['two_d_doc', twoDDoc] as const);
  reply.header('cache-control', 'no-store');
  return format === 'png'
    ? reply.type('image/png').send(Buffer.from(await drawPng(kind, text ?? '')))
    : reply.type('image/svg+xml').send(drawSvg(kind, text ?? ''));
}

/** A document as it was signed, shown where it is asked for. */
export function sendPdf(
  reply: FastifyReply,
  { number, pdf }: { readonly number: string; readonly pdf: Buffer },
): FastifyReply {
  return reply
    .type('application/pdf')
    .header('content-disposition', `inline; filename="${number}.pdf"`)
    .header('cache-control', 'no-store')
    .send(pdf);
}
