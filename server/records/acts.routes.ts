import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type TProperties, Type } from 'typebox';
import type { Dependencies } from '../dependencies.ts';
import { languageOf } from '../http/language.ts';
import { strictObject } from '../http/validation.ts';
import { requireRight } from '../identity/require-right.ts';
import { Problem, ProblemSchema } from '../problem.ts';
import {
  ConsultationSchema,
  consultationJson,
  findingsJson,
  InjectionSchema,
  injectionJson,
  WarningsSchema,
  type Wording,
  warningsJson,
} from './act-answers.ts';
import { ConsultationBody, ConsultationCorrection } from './consultation-body.ts';
import { correctConsultation } from './correct-consultation.ts';
import { correctInjection } from './correct-injection.ts';
import type { Finding } from './dose-rules.ts';
import { draftAct, draftSources } from './draft.ts';
import { entryOf } from './entry-of.ts';
import { type Act, type ActKind, actKinds, getAct, listActs } from './find-act.ts';
import { etagOf, readIfMatch } from './if-match.ts';
import { InjectionBody, InjectionCorrection, reasonField } from './injection-body.ts';
import { listVersions } from './list-versions.ts';
import { logAccess } from './log-access.ts';
import { recordConsultation } from './record-consultation.ts';
import { recordInjection } from './record-injection.ts';
import { enterInError, restoreAct, validateAct } from './set-act-state.ts';

const Patient = Type.Object({ id: Type.String({ format: 'uuid', description: 'The patient' }) });
const Item = Type.Object({ id: Type.String({ format: 'uuid' }), itemId: Type.String({ format: 'uuid' }) });
const IfMatch = Type.Object({
  'if-match': Type.Optional(Type.String({ maxLength: 40, description: 'The ETag that was read' })),
});
const problems = {
  400: ProblemSchema,
  401: ProblemSchema,
  403: ProblemSchema,
  404: ProblemSchema,
  409: ProblemSchema,
  412: ProblemSchema,
  422: ProblemSchema,
  428: ProblemSchema,
  503: ProblemSchema,
};

/** Consultations and injections for programs: recorded, read, corrected, set aside, validated. */
export async function actsRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { db, clock, texts, recordRules } = deps;
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();

  const wordingOf = async (request: FastifyRequest): Promise<Wording> => ({
    texts,
    language: languageOf(request),
    vaccines: await recordRules.current(),
  });

  const json = (wording: Wording, act: Act) =>
    act.kind === 'injection' ? injectionJson(wording, act) : consultationJson(act);

  /** Findings travel as data within commands; here they get their words. */
  const withWords = async <Result>(request: FastifyRequest, run: () => Promise<Result>): Promise<Result> => {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'dose-findings') throw error;
      // Thrown by record-injection.ts and correct-injection.ts alone, with what the rules said.
      const findings = error.extensions.findings as readonly Finding[];
      throw new Problem(422, 'dose-findings', {
        extensions: { findings: findingsJson(await wordingOf(request), findings) },
        cause: error,
      });
    }
  };

  const sendAct = async (request: FastifyRequest, reply: FastifyReply, act: Act) =>
    reply.header('etag', etagOf(act)).send(json(await wordingOf(request), act));

  routes.post(
    '/api/records/patients/:id/consultations',
    {
      onRequest: requireRight(deps, 'consultation.record', 'entry.on_behalf'),
      schema: {
        tags: ['records'],
        summary: 'Record a pre-vaccination consultation',
        params: Patient,
        body: ConsultationBody,
        response: {
          201: Type.Intersect([ConsultationSchema, Type.Object({ warnings: WarningsSchema })]),
          ...problems,
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
      onRequest: requireRight(deps, 'injection.record', 'entry.on_behalf'),
      schema: {
        tags: ['records'],
        summary: 'Record an injection',
        description:
          'Warnings of the dose rules refuse it once (422, `findings`) until `overrideReason` is given. The same vaccine ' +
          'on the same day is refused (409, `first`) until `notADuplicate` is. Sent again with the same ' +
          '`Idempotency-Key`, it is recorded once and answered alike.',
        params: Patient,
        headers: Type.Object({
          'idempotency-key': Type.Optional(Type.String({ minLength: 8, maxLength: 100 })),
        }),
        body: InjectionBody,
        response: {
          200: Type.Intersect([InjectionSchema, Type.Object({ warnings: WarningsSchema })], {
            description: 'Recorded before, by this key',
          }),
          201: Type.Intersect([InjectionSchema, Type.Object({ warnings: WarningsSchema })]),
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const entry = await entryOf(request, deps);
      const given = {
        patientId: request.params.id,
        input: request.body,
        idempotencyKey: request.headers['idempotency-key'],
      };
      const rules = await recordRules.current();
      const { injection, created, warnings } = await withWords(request, () =>
        recordInjection(db, entry, given, rules, clock.now()),
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
      params: Item,
      headers: IfMatch,
      body,
      response: { 200: kind === 'injection' ? InjectionSchema : ConsultationSchema, ...problems },
    },
  });

  const referenceOf = (params: { id: string; itemId: string }, header: string | undefined) => ({
    patientId: params.id,
    id: params.itemId,
    version: readIfMatch(header),
  });

  routes.patch(
    '/api/records/patients/:id/injections/:itemId',
    correction('injection', InjectionCorrection),
    async (request, reply) => {
      const { body, headers, params } = request;
      const entry = await entryOf(request, deps);
      const reference = referenceOf(params, headers['if-match']);
      const rules = await recordRules.current();
      const changed = await withWords(request, () =>
        correctInjection(db, entry, reference, body, rules, clock.now()),
      );
      return sendAct(request, reply, changed);
    },
  );

  routes.patch(
    '/api/records/patients/:id/consultations/:itemId',
    correction('consultation', ConsultationCorrection),
    async (request, reply) => {
      const { body, headers, params } = request;
      const entry = await entryOf(request, deps);
      const reference = referenceOf(params, headers['if-match']);
      return sendAct(request, reply, await correctConsultation(db, entry, reference, body, clock.now()));
    },
  );

  for (const kind of actKinds) {
    const path = `/api/records/patients/:id/${kind}s`;
    const One = kind === 'injection' ? InjectionSchema : ConsultationSchema;
    const named = kind === 'injection' ? 'an injection' : 'a consultation';
    const read = requireRight(deps, 'patient.read');
    const write = requireRight(deps, `${kind}.record`, 'entry.on_behalf');

    routes.get(
      path,
      {
        onRequest: read,
        schema: {
          tags: ['records'],
          summary: `List a patient’s ${kind}s, the latest first, what was entered in error included`,
          params: Patient,
          response: { 200: Type.Object({ items: Type.Array(One) }), ...problems },
        },
      },
      async (request) => {
        const entry = await entryOf(request, deps);
        const patientId = request.params.id;
        const acts = await db.transaction(async (tx) => {
          const found = await listActs(tx, patientId);
          await logAccess(tx, { ...entry, patientId, action: `${kind}.list` }, clock.now());
          return found;
        });
        const wording = await wordingOf(request);
        return { items: acts[`${kind}s`].map((act) => json(wording, act)) };
      },
    );

    routes.get(
      `${path}/:itemId`,
      {
        onRequest: read,
        schema: {
          tags: ['records'],
          summary: `Read ${named} with its history`,
          params: Item,
          response: {
            200: Type.Intersect([One, Type.Object({ history: Type.Array(VersionSchema) })]),
            ...problems,
          },
        },
      },
      async (request, reply) => {
        const entry = await entryOf(request, deps);
        const { id: patientId, itemId } = request.params;
        const { act, history } = await db.transaction(async (tx) => {
          const found = await getAct(tx, kind, patientId, itemId);
          await logAccess(tx, { ...entry, patientId, action: `${kind}.read` }, clock.now());
          return { act: found, history: await listVersions(tx, kind, itemId) };
        });
        return reply.header('etag', etagOf(act)).send({
          ...json(await wordingOf(request), act),
          history: history.map((each) => ({ ...each, changedAt: each.changedAt.toISOString() })),
        });
      },
    );

    routes.delete(
      `${path}/:itemId`,
      {
        onRequest: write,
        schema: {
          tags: ['records'],
          summary: `Set ${named} aside as entered in error: nothing is deleted`,
          params: Item,
          headers: IfMatch,
          body: strictObject({ reason: reasonField }),
          response: { 200: One, ...problems },
        },
      },
      async (request, reply) => {
        const entry = await entryOf(request, deps);
        const reference = { kind, ...referenceOf(request.params, request.headers['if-match']) };
        return sendAct(
          request,
          reply,
          await enterInError(db, entry, reference, request.body.reason, clock.now()),
        );
      },
    );

    routes.post(
      `${path}/:itemId/restore`,
      {
        onRequest: write,
        schema: {
          tags: ['records'],
          summary: `Take back that ${named} was entered in error`,
          params: Item,
          headers: IfMatch,
          body: strictObject({ reason: reasonField, notADuplicate: Type.Optional(Type.Boolean()) }),
          response: { 200: One, ...problems },
        },
      },
      async (request, reply) => {
        const entry = await entryOf(request, deps);
        const reference = { kind, ...referenceOf(request.params, request.headers['if-match']) };
        return sendAct(request, reply, await restoreAct(db, entry, reference, request.body, clock.now()));
      },
    );

    routes.post(
      `${path}/:itemId/validate`,
      {
        onRequest: requireRight(deps, 'record.validate'),
        schema: {
          tags: ['records'],
          summary: `Validate ${named} that somebody else entered for oneself`,
          params: Item,
          headers: IfMatch,
          response: { 200: One, ...problems },
        },
      },
      async (request, reply) => {
        const entry = await entryOf(request, deps);
        const reference = { kind, ...referenceOf(request.params, request.headers['if-match']) };
        return sendAct(request, reply, await validateAct(db, entry, reference, clock.now()));
      },
    );
  }

  routes.get(
    '/api/records/patients/:id/draft',
    {
      onRequest: requireRight(deps, 'patient.read'),
      schema: {
        tags: ['records'],
        summary: 'What can be filled in already, and where each value comes from',
        params: Patient,
        querystring: strictObject({ step: Type.Enum([...actKinds]) }),
        response: { 200: DraftSchema, ...problems },
      },
    },
    async (request) => {
      const entry = await entryOf(request, deps);
      const asked = { patientId: request.params.id, step: request.query.step };
      const { step, fields, performers } = await draftAct(
        db,
        entry,
        asked,
        await recordRules.current(),
        clock.now(),
      );
      return {
        step,
        fields,
        performers: performers.map(({ id: _, ...person }) => person),
      };
    },
  );
}

const VersionSchema = Type.Object(
  {
    version: Type.Integer({ description: 'The version that was replaced' }),
    changedAt: Type.String({ format: 'date-time' }),
    changedBy: Type.Object({ familyName: Type.String(), givenNames: Type.String() }),
    change: Type.String(),
    reason: Type.Union([Type.String(), Type.Null()]),
    before: Type.Record(Type.String(), Type.Unknown()),
    after: Type.Record(Type.String(), Type.Unknown()),
  },
  { title: 'RecordVersion' },
);

const DraftSchema = Type.Object(
  {
    step: Type.Enum([...actKinds]),
    fields: Type.Record(
      Type.String({ description: 'Path in the body to be sent: `place.finess`' }),
      Type.Object({
        value: Type.Union([Type.String(), Type.Number(), Type.Boolean()]),
        from: Type.Enum([...draftSources]),
      }),
    ),
    performers: Type.Array(
      Type.Object({
        nationalIdentifier: Type.String(),
        familyName: Type.String(),
        givenNames: Type.String(),
      }),
    ),
  },
  { title: 'Draft' },
);
