import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { requireAgent } from '../agents/require-agent.ts';
import type { Dependencies } from '../dependencies.ts';
import { languageOf } from '../http/language.ts';
import { strictObject } from '../http/validation.ts';
import { Problem, ProblemSchema } from '../problem.ts';
import { checkRules } from '../routing/check-rules.ts';
import { listChanges } from '../routing/configuration-history.ts';
import { changeInWords } from '../routing/describe-changes.ts';
import { readForEditing } from '../routing/read-for-editing.ts';
import { saveRoutingRules } from '../routing/save-routing-rules.ts';
import { onlySupervisors } from './hotlines-access.ts';
import { changeJson } from './hotlines-api.routes.ts';
import { ChangeSchema, EffectSchema, RulesSchema, VersionSchema } from './hotlines-api.schemas.ts';
import { lineNames } from './hotlines-view.ts';
import { effectOf } from './routing-rules-view.ts';

const path = '/api/desk/routing-rules';
const subject = 'routing-rules';
const tags = ['configuration'];
const refusals = {
  400: ProblemSchema,
  401: ProblemSchema,
  403: ProblemSchema,
  409: ProblemSchema,
  422: ProblemSchema,
};
const RuleSetSchema = strictObject({ version: VersionSchema, rules: RulesSchema }, { title: 'RoutingRules' });

/** The routing rules as programs of the supervision read and edit them; agents read. */
export async function routingRulesApiRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { db, clock, texts, doorbell } = deps;
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();
  const signedIn = requireAgent(deps);
  const supervisor = async (request: FastifyRequest) => {
    await signedIn(request);
    onlySupervisors(request.agent);
  };

  async function ruleSet() {
    const { version, configuration } = await readForEditing(db, subject);
    return { version, rules: configuration.rules.map((rule) => ({ ...rule })) };
  }

  routes.get(
    path,
    {
      onRequest: signedIn,
      schema: {
        tags,
        summary: 'The routing rules, past and future ones included',
        response: { 200: RuleSetSchema, 401: ProblemSchema },
      },
    },
    ruleSet,
  );

  routes.put(
    path,
    {
      onRequest: supervisor,
      schema: {
        tags,
        summary: 'Replace the routing rules; refused when somebody would be led to no line (`holes`)',
        body: RuleSetSchema,
        response: { 200: RuleSetSchema, ...refusals },
      },
    },
    async (request) => {
      await saveRoutingRules(db, { agent: request.agent, ...request.body }, clock.now());
      deps.routing.invalidate();
      // Every process looks whether something was saved.
      doorbell.ring();
      return ruleSet();
    },
  );

  routes.post(
    `${path}/preview`,
    {
      onRequest: supervisor,
      schema: {
        tags,
        summary:
          'What rules would change for the last 1,000 cases, and whom they leave out; nothing is saved',
        body: strictObject({ rules: RulesSchema }),
        response: { 200: EffectSchema, ...refusals },
      },
    },
    async (request) => {
      const { rules } = request.body;
      const now = clock.now();
      const { configuration } = await readForEditing(db, subject);
      const errors = checkRules({ ...configuration, rules }, now);
      if (errors.length > 0) throw new Problem(422, 'invalid', { errors });
      const { cases, comparisons, holes } = await effectOf(
        db,
        configuration,
        { ...configuration, rules },
        now,
      );
      return {
        cases,
        comparisons: comparisons.map(({ at, moved, unchanged }) => ({
          at: at.toISOString(),
          moved: moved.map(({ examples, ...move }) => ({ ...move, examples: [...examples] })),
          unchanged,
        })),
        holes: holes.map(({ setting, mode, profession, from, until }) => ({
          setting,
          mode,
          ...(profession !== undefined && { profession }),
          from: from.toISOString(),
          ...(until && { until: until.toISOString() }),
        })),
      };
    },
  );

  routes.get(
    `${path}/history`,
    {
      onRequest: signedIn,
      schema: {
        tags,
        summary: 'Who changed which rules, the newest first',
        response: { 200: Type.Array(ChangeSchema), 401: ProblemSchema },
      },
    },
    async (request) => {
      const { configuration } = await readForEditing(db, subject);
      const reader = { texts, language: languageOf(request), configuration, now: clock.now() };
      const changes = await listChanges(db, subject);
      return changes.map((change) => changeJson(changeInWords(reader, change, lineNames(reader))));
    },
  );
}
