import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Dependencies } from '../../dependencies.ts';
import { strictObject } from '../../http/validation.ts';
import { requireRight } from '../../identity/require-right.ts';
import { logAccess } from '../access-log/log-access.ts';
import { etagOf } from '../if-match.ts';
import { ConsultationSchema, InjectionSchema } from './act-answers.ts';
import { ActParams, actProblems, actsApi, PatientParams } from './acts-api.ts';
import { draftAct, draftSources } from './draft.ts';
import { entryOf } from './entry-of.ts';
import { actKinds, listActs } from './find-act.ts';
import { readAct } from './read-act.ts';
import { tellDoubles } from './shown-once.ts';

/** Acts for programs: listed, read with their history, drafted. Every read is logged in the transaction that reads. */
export async function actReadsRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { db, clock, recordRules } = deps;
  const { wordingOf, json } = actsApi(deps);
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();

  for (const kind of actKinds) {
    const path = `/api/records/patients/:id/${kind}s`;
    const One = kind === 'injection' ? InjectionSchema : ConsultationSchema;
    const named = kind === 'injection' ? 'an injection' : 'a consultation';
    const read = requireRight(deps, 'patient.read');

    routes.get(
      path,
      {
        onRequest: read,
        schema: {
          tags: ['records'],
          summary: `List a patient’s ${kind}s, the latest first, what was entered in error included`,
          params: PatientParams,
          response: { 200: Type.Object({ items: Type.Array(One) }), ...actProblems },
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
        const { doseRules } = await recordRules.current();
        const items =
          kind === 'injection' ? tellDoubles(acts.injections, acts.doubles, doseRules) : acts.consultations;
        return { items: items.map((act) => json(wording, act)) };
      },
    );

    routes.get(
      `${path}/:itemId`,
      {
        onRequest: read,
        schema: {
          tags: ['records'],
          summary: `Read ${named} with its history`,
          params: ActParams,
          response: {
            200: Type.Intersect([One, Type.Object({ history: Type.Array(VersionSchema) })]),
            ...actProblems,
          },
        },
      },
      async (request, reply) => {
        const entry = await entryOf(request, deps);
        const { id: patientId, itemId } = request.params;
        const { doseRules } = await recordRules.current();
        const { act, history } = await db.transaction(async (tx) => {
          const found = await readAct(tx, kind, { patientId, itemId }, doseRules);
          await logAccess(tx, { ...entry, patientId, action: `${kind}.read` }, clock.now());
          return found;
        });
        return reply.header('etag', etagOf(act)).send({
          ...json(await wordingOf(request), act),
          history: history.map((each) => ({ ...each, changedAt: each.changedAt.toISOString() })),
        });
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
        params: PatientParams,
        querystring: strictObject({
          step: Type.Enum([...actKinds]),
          vaccine: Type.Optional(
            Type.String({
              maxLength: 40,
              description: 'Of an injection, once it is chosen: fills in its total',
            }),
          ),
        }),
        response: { 200: DraftSchema, ...actProblems },
      },
    },
    async (request) => {
      const entry = await entryOf(request, deps);
      const asked = { patientId: request.params.id, ...request.query };
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
