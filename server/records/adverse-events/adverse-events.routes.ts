import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Dependencies } from '../../dependencies.ts';
import { languageOf } from '../../http/language.ts';
import { requireRight } from '../../identity/require-right.ts';
import { ProblemSchema } from '../../problem.ts';
import { logAccess } from '../access-log/log-access.ts';
import { WarningsSchema, warningsJson } from '../acts/act-answers.ts';
import { entryOf } from '../acts/entry-of.ts';
import { etagOf, readIfMatch } from '../if-match.ts';
import { getPatientTraits } from '../patients/find-patient-traits.ts';
import {
  AdverseEventBody,
  type AdverseEventChange,
  AdverseEventCorrection,
  DeclarationBody,
  WithReason,
} from './adverse-event-body.ts';
import { AdverseEventSchema, adverseEventView } from './adverse-event-view.ts';
import { type AdverseEventAct, changeAdverseEvent } from './change-adverse-event.ts';
import { declarationDocument } from './declaration-document.ts';
import { declarationPdf } from './declaration-pdf.ts';
import { declareAdverseEvent } from './declare-adverse-event.ts';
import { getAdverseEvent, listAdverseEvents } from './find-adverse-events.ts';

const uuid = Type.String({ format: 'uuid' });
const PatientParams = Type.Object({ id: uuid });
const EventParams = Type.Object({ id: uuid, itemId: uuid });
const refusals = { 401: ProblemSchema, 403: ProblemSchema, 404: ProblemSchema, 422: ProblemSchema };
const changes = { ...refusals, 409: ProblemSchema, 412: ProblemSchema, 428: ProblemSchema };
const DeclaredSchema = Type.Intersect([AdverseEventSchema, Type.Object({ warnings: WarningsSchema })]);
const base = '/api/records/patients/:id/adverse-events';

/** Adverse events: declared from an injection, corrected, set aside, and followed to the pharmacovigilance centre. */
export async function adverseEventsRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { clock, db, texts, config } = deps;
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();
  const tags = ['records'];
  const toRead = requireRight(deps, 'patient.read', 'adverse_event.declare');
  const toDeclare = requireRight(deps, 'adverse_event.declare', 'entry.on_behalf');

  routes.get(
    base,
    {
      onRequest: toRead,
      schema: {
        tags,
        summary: 'List a patient’s adverse events, the latest first',
        params: PatientParams,
        response: { 200: Type.Object({ items: Type.Array(AdverseEventSchema) }), ...refusals },
      },
    },
    async (request) => {
      const entry = await entryOf(request, deps);
      const patientId = request.params.id;
      const events = await db.transaction(async (tx) => {
        await getPatientTraits(tx, patientId);
        const found = await listAdverseEvents(tx, patientId);
        await logAccess(tx, { ...entry, patientId, action: 'adverse_event.list' }, clock.now());
        return found;
      });
      return { items: events.map(adverseEventView) };
    },
  );

  routes.post(
    base,
    {
      onRequest: toDeclare,
      schema: {
        tags,
        summary: 'Declare an adverse event after an injection',
        params: PatientParams,
        headers: Type.Object({
          'idempotency-key': Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
        }),
        body: AdverseEventBody,
        response: { 200: DeclaredSchema, 201: DeclaredSchema, ...refusals, 409: ProblemSchema },
      },
    },
    async (request, reply) => {
      const { event, created, warnings } = await declareAdverseEvent(
        db,
        await entryOf(request, deps),
        {
          patientId: request.params.id,
          input: request.body,
          idempotencyKey: request.headers['idempotency-key'],
        },
        clock.now(),
      );
      reply.header('etag', etagOf(event));
      if (created)
        reply.header('location', `/api/records/patients/${request.params.id}/adverse-events/${event.id}`);
      const wording = { texts, language: languageOf(request) };
      return reply
        .code(created ? 201 : 200)
        .send({ ...adverseEventView(event), warnings: warningsJson(wording, warnings) });
    },
  );

  routes.get(
    `${base}/:itemId`,
    {
      onRequest: toRead,
      schema: {
        tags,
        summary: 'Read an adverse event',
        params: EventParams,
        response: { 200: AdverseEventSchema, ...refusals },
      },
    },
    async (request, reply) => {
      const { event } = await readForDeclaration(request, request.params, 'adverse_event.read');
      reply.header('etag', etagOf(event));
      return adverseEventView(event);
    },
  );

  async function change(
    request: FastifyRequest & { readonly params: { readonly id: string; readonly itemId: string } },
    act: AdverseEventAct,
  ) {
    const { id, itemId } = request.params;
    const known = { patientId: id, id: itemId, version: readIfMatch(request.headers['if-match']) };
    return changeAdverseEvent(db, await entryOf(request, deps), known, act, clock.now());
  }

  routes.patch(
    `${base}/:itemId`,
    {
      onRequest: toDeclare,
      schema: {
        tags,
        summary:
          'Correct an adverse event: what it was is kept, and a declaration sent becomes a draft again',
        params: EventParams,
        body: AdverseEventCorrection,
        response: { 200: AdverseEventSchema, ...changes },
      },
    },
    async (request, reply) => {
      const { reason, ...fields } = request.body;
      // The schema is made of the fields' own schemas, by name: TypeBox loses them in the loop.
      const act = { change: 'correct', reason, fields: fields as AdverseEventChange } as const;
      const event = await change(request, act);
      reply.header('etag', etagOf(event));
      return adverseEventView(event);
    },
  );

  routes.delete(
    `${base}/:itemId`,
    {
      onRequest: toDeclare,
      schema: {
        tags,
        summary: 'Set an adverse event aside as entered in error',
        params: EventParams,
        body: WithReason,
        response: { 200: AdverseEventSchema, ...changes },
      },
    },
    async (request, reply) => {
      const event = await change(request, { change: 'enter_in_error', reason: request.body.reason });
      reply.header('etag', etagOf(event));
      return adverseEventView(event);
    },
  );

  routes.post(
    `${base}/:itemId/restore`,
    {
      onRequest: toDeclare,
      schema: {
        tags,
        summary: 'Take back “entered in error”',
        params: EventParams,
        body: WithReason,
        response: { 200: AdverseEventSchema, ...changes },
      },
    },
    async (request, reply) => {
      const event = await change(request, { change: 'restore', reason: request.body.reason });
      reply.header('etag', etagOf(event));
      return adverseEventView(event);
    },
  );

  routes.post(
    `${base}/:itemId/validate`,
    {
      onRequest: requireRight(deps, 'record.validate'),
      schema: {
        tags,
        summary: 'Validate what a delegate declared on one’s behalf, or somebody in training',
        params: EventParams,
        response: { 200: AdverseEventSchema, ...changes },
      },
    },
    async (request, reply) => {
      const event = await change(request, { change: 'validate' });
      reply.header('etag', etagOf(event));
      return adverseEventView(event);
    },
  );

  routes.post(
    `${base}/:itemId/declaration`,
    {
      onRequest: toDeclare,
      schema: {
        tags,
        summary: 'Say that the declaration was sent to the pharmacovigilance centre, or acknowledged by it',
        params: EventParams,
        body: DeclarationBody,
        response: { 200: AdverseEventSchema, ...changes },
      },
    },
    async (request, reply) => {
      const event = await change(request, { change: 'declare', ...request.body });
      reply.header('etag', etagOf(event));
      return adverseEventView(event);
    },
  );

  routes.get(
    `${base}/:itemId/declaration.json`,
    {
      onRequest: toRead,
      schema: {
        tags,
        summary: 'The declaration for the pharmacovigilance centre, for programs',
        params: EventParams,
      },
    },
    async (request) => documentOf(request, request.params),
  );

  routes.get(
    `${base}/:itemId/declaration.pdf`,
    {
      onRequest: toRead,
      schema: {
        tags,
        summary: 'The declaration for the pharmacovigilance centre, as PDF',
        params: EventParams,
      },
    },
    async (request, reply) => {
      const declaration = await documentOf(request, request.params);
      const wording = { language: languageOf(request), terminologies: config.terminologies };
      const pdf = await declarationPdf(texts, wording, declaration, clock.now());
      return reply
        .type('application/pdf')
        .header('content-disposition', `inline; filename="declaration-${declaration.id}.pdf"`)
        .header('cache-control', 'no-store')
        .send(pdf);
    },
  );

  async function documentOf(
    request: FastifyRequest,
    params: { readonly id: string; readonly itemId: string },
  ) {
    const { event, patient } = await readForDeclaration(request, params, 'adverse_event.print');
    return declarationDocument(
      event,
      patient,
      await deps.recordRules.current(),
      config.links.pharmacovigilance,
    );
  }

  /** Reads and logs in one transaction. */
  async function readForDeclaration(
    request: FastifyRequest,
    { id: patientId, itemId }: { readonly id: string; readonly itemId: string },
    action: string,
  ) {
    const entry = await entryOf(request, deps);
    return db.transaction(async (tx) => {
      const patient = await getPatientTraits(tx, patientId);
      const event = await getAdverseEvent(tx, patientId, itemId);
      await logAccess(tx, { ...entry, patientId, action }, clock.now());
      return { event, patient };
    });
  }
}
