import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { type TProperties, Type } from 'typebox';
import type { Dependencies } from '../../dependencies.ts';
import type { strictObject } from '../../http/validation.ts';
import { proofOf, requireProvenRight } from '../../identity/require-proven-right.ts';
import { requireRight } from '../../identity/require-right.ts';
import { etagOf } from '../if-match.ts';
import {
  ConsultationSchema,
  consultationJson,
  InjectionSchema,
  injectionJson,
  WarningsSchema,
  warningsJson,
} from './act-answers.ts';
import { ActParams, actProblems, actsApi, IfMatchHeaders, PatientParams, referenceOf } from './acts-api.ts';
import { ConsultationBody, ConsultationCorrection } from './consultation-body.ts';
import { correctConsultation } from './correct-consultation.ts';
import { correctInjection } from './correct-injection.ts';
import { entryOf } from './entry-of.ts';
import type { ActKind } from './find-act.ts';
import { InjectionBody, InjectionCorrection } from './injection-body.ts';
import { recordConsultation } from './record-consultation.ts';
import { recordInjection } from './record-injection.ts';

/** Consultations and injections for programs: recorded and corrected. */
export async function actsRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { db, clock, recordRules } = deps;
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();

  const { wordingOf, withWords, sendAct } = actsApi(deps);
  const recorders = requireProvenRight(deps, 'injection.record', 'entry.on_behalf');

  routes.post(
    '/api/records/patients/:id/consultations',
    {
      onRequest: requireRight(deps, 'consultation.record', 'entry.on_behalf'),
      schema: {
        tags: ['records'],
        summary: 'Record a pre-vaccination consultation',
        params: PatientParams,
        body: ConsultationBody,
        response: {
          201: Type.Intersect([ConsultationSchema, Type.Object({ warnings: WarningsSchema })]),
          ...actProblems,
        },
      },
    },
    async (request, reply) => {
      const entry = await entryOf(request, deps);
      const given = { patientId: request.params.id, input: request.body };
      const { consultation, warnings } = await recordConsultation(db, entry, given, clock.now());
      const told = warningsJson(await wordingOf(request), warnings);
      reply.header('location', `/api/records/patients/${given.patientId}/consultations/${consultation.id}`);
      return reply
        .status(201)
        .header('etag', etagOf(consultation))
        .send({ ...consultationJson(consultation), warnings: told });
    },
  );

  routes.post(
    '/api/records/patients/:id/injections',
    {
      ...recorders.hooks,
      schema: {
        tags: ['records'],
        summary: 'Record an injection',
        description:
          'Warnings of the dose rules refuse it once (422, `findings`) until `overrideReason` is given. The same vaccine ' +
          'on the same day is refused (409, `first`) until `notADuplicate` is. Sent again with the same ' +
          '`Idempotency-Key`, it is recorded once and answered alike.',
        params: PatientParams,
        headers: Type.Object({
          'idempotency-key': Type.Optional(Type.String({ minLength: 8, maxLength: 100 })),
        }),
        body: InjectionBody,
        response: {
          200: Type.Intersect([InjectionSchema, Type.Object({ warnings: WarningsSchema })], {
            description: 'Recorded before, by this key',
          }),
          201: Type.Intersect([InjectionSchema, Type.Object({ warnings: WarningsSchema })]),
          ...actProblems,
        },
      },
    },
    async (request, reply) => {
      const given = {
        patientId: request.params.id,
        input: request.body,
        idempotencyKey: request.headers['idempotency-key'],
      };
      const rules = await recordRules.current();
      const { injection, created, warnings } = await withWords(request, () =>
        recorders.proving(request, reply, async () => {
          const entry = { ...(await entryOf(request, deps)), proof: proofOf(request) };
          return recordInjection(db, entry, given, rules, clock.now());
        }),
      );
      const wording = await wordingOf(request);
      reply.header('location', `/api/records/patients/${given.patientId}/injections/${injection.id}`);
      return reply
        .status(created ? 201 : 200)
        .header('etag', etagOf(injection))
        .send({ ...injectionJson(wording, injection), warnings: warningsJson(wording, warnings) });
    },
  );

  const correction = <Body extends TProperties>(
    kind: ActKind,
    body: ReturnType<typeof strictObject<Body>>,
  ) => ({
    onRequest: requireRight(deps, `${kind}.record`, 'entry.on_behalf'),
    schema: {
      tags: ['records'],
      summary: `Correct ${kind === 'injection' ? 'an injection' : 'a consultation'}; what it was stays in its history`,
      params: ActParams,
      headers: IfMatchHeaders,
      body,
      response: {
        200: Type.Intersect([
          kind === 'injection' ? InjectionSchema : ConsultationSchema,
          Type.Object({ warnings: WarningsSchema }),
        ]),
        ...actProblems,
      },
    },
  });

  routes.patch(
    '/api/records/patients/:id/injections/:itemId',
    correction('injection', InjectionCorrection),
    async (request, reply) => {
      const { body, headers, params } = request;
      const entry = await entryOf(request, deps);
      const reference = referenceOf(params, headers['if-match']);
      const rules = await recordRules.current();
      const { injection, warnings } = await withWords(request, () =>
        correctInjection(db, entry, reference, body, rules, clock.now()),
      );
      return sendAct(request, reply, injection, warnings);
    },
  );

  routes.patch(
    '/api/records/patients/:id/consultations/:itemId',
    correction('consultation', ConsultationCorrection),
    async (request, reply) => {
      const { body, headers, params } = request;
      const entry = await entryOf(request, deps);
      const reference = referenceOf(params, headers['if-match']);
      const corrected = await correctConsultation(db, entry, reference, body, clock.now());
      return sendAct(request, reply, corrected.consultation, corrected.warnings);
    },
  );
}
