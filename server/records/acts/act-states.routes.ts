import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Dependencies } from '../../dependencies.ts';
import { strictObject } from '../../http/validation.ts';
import { requireRight } from '../../identity/require-right.ts';
import { ConsultationSchema, InjectionSchema } from './act-answers.ts';
import { ActParams, actProblems, actsApi, IfMatchHeaders, referenceOf } from './acts-api.ts';
import { entryOf } from './entry-of.ts';
import { actKinds } from './find-act.ts';
import { insistence, reasonField } from './injection-body.ts';
import { enterInError, restoreAct, validateAct } from './set-act-state.ts';

/** Of an injection alone, what follows the reason; a consultation is taken back without. */
const Restoration = strictObject({
  reason: reasonField,
  overrideReason: insistence.overrideReason,
  notADuplicate: Type.Optional(Type.Boolean()),
});

/** What becomes of acts, for programs: set aside as entered in error, taken back, validated. */
export async function actStatesRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { db, clock, recordRules } = deps;
  const { sendAct, withWords } = actsApi(deps);
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();

  for (const kind of actKinds) {
    const path = `/api/records/patients/:id/${kind}s`;
    const One = kind === 'injection' ? InjectionSchema : ConsultationSchema;
    const named = kind === 'injection' ? 'an injection' : 'a consultation';
    const write = requireRight(deps, `${kind}.record`, 'entry.on_behalf');

    routes.delete(
      `${path}/:itemId`,
      {
        onRequest: write,
        schema: {
          tags: ['records'],
          summary: `Set ${named} aside as entered in error: nothing is deleted`,
          params: ActParams,
          headers: IfMatchHeaders,
          body: strictObject({ reason: reasonField }),
          response: { 200: One, ...actProblems },
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
          params: ActParams,
          headers: IfMatchHeaders,
          body: Restoration,
          response: { 200: One, ...actProblems },
        },
      },
      async (request, reply) => {
        const entry = await entryOf(request, deps);
        const reference = { kind, ...referenceOf(request.params, request.headers['if-match']) };
        const rules = await recordRules.current();
        const restored = await withWords(request, () =>
          restoreAct(db, entry, reference, request.body, rules, clock.now()),
        );
        return sendAct(request, reply, restored);
      },
    );

    routes.post(
      `${path}/:itemId/validate`,
      {
        onRequest: requireRight(deps, 'record.validate'),
        schema: {
          tags: ['records'],
          summary: `Validate ${named} that somebody else entered for oneself`,
          params: ActParams,
          headers: IfMatchHeaders,
          response: { 200: One, ...actProblems },
        },
      },
      async (request, reply) => {
        const entry = await entryOf(request, deps);
        const reference = { kind, ...referenceOf(request.params, request.headers['if-match']) };
        return sendAct(request, reply, await validateAct(db, entry, reference, clock.now()));
      },
    );
  }
}
