import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Dependencies } from '../dependencies.ts';
import { languageOf } from '../http/language.ts';
import { strictObject } from '../http/validation.ts';
import { type FieldProblem, Problem, ProblemSchema } from '../problem.ts';
import { findHotline, hotlinesInService, phoneLink } from './configuration.ts';
import { describeReason, servedBy } from './describe.ts';
import { openingAt } from './opening-hours.ts';
import { routeCase } from './route-case.ts';
import {
  checkPractitioner,
  OpeningSchema,
  openingJson,
  PractitionerSchema,
  readInstant,
} from './routing.schemas.ts';
import { canonicalZone } from './time-zones.ts';

const HotlineSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    phone: Type.String({ description: 'As dialled from France' }),
    phoneLink: Type.String({ description: 'The same as a `tel:` address' }),
    cost: Type.String({ description: 'Price of a call, in words' }),
    serves: Type.Array(Type.String(), {
      description: 'Whom the notice sends here: places (`establishment`, …), then modes (`S`, `L`, `B`)',
    }),
    servesText: Type.Array(Type.String(), { description: 'The same, in words' }),
    opening: OpeningSchema,
  },
  { title: 'Hotline' },
);

const QuestionSchema = Type.Enum(['setting', 'mode', 'activity']);

const DecisionSchema = Type.Object(
  {
    hotline: Type.Union([Type.String(), Type.Null()], { description: 'Null while something must be asked' }),
    reason: Type.String({ description: 'Why, in the request’s language' }),
    reasonCode: Type.String(),
    needs: Type.Optional(
      Type.Array(QuestionSchema, {
        description: 'What to ask, in order; `activity` is answered by `mode` or `setting`',
      }),
    ),
    questions: Type.Optional(
      Type.Array(Type.Object({ id: QuestionSchema, text: Type.String() }), {
        description: 'The same, in words',
      }),
    ),
    opening: Type.Union([OpeningSchema, Type.Null()]),
    warnings: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
  },
  { title: 'RoutingDecision' },
);

/** Instants and zones are checked here, and not by the schema, so that the error says what was expected. */
const InstantSchema = Type.String({ maxLength: 40, description: 'ISO 8601 with offset; now by default' });

const LanguageSchema = Type.Optional(
  Type.String({ description: '`fr` or `en`; by default what `Accept-Language` prefers' }),
);

/** Which hotlines there are, when they answer, and which one serves whom. */
export async function routingRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { texts, clock } = deps;
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();
  const tags = ['routing'];

  routes.get(
    '/api/hotlines',
    {
      schema: {
        tags,
        summary: 'The hotlines in service, with their state now',
        querystring: strictObject({ lang: LanguageSchema }),
        response: { 200: Type.Array(HotlineSchema) },
      },
    },
    async (request) => {
      const language = languageOf(request);
      const configuration = await deps.routing.current();
      const at = clock.now();
      return hotlinesInService(configuration, at).map((hotline) => {
        const serves = servedBy(configuration, hotline.id, at);
        return {
          id: hotline.id,
          name: hotline.name[language],
          phone: hotline.phone,
          phoneLink: phoneLink(hotline),
          cost: hotline.cost[language],
          serves: [...serves],
          servesText: serves.map((each) => texts.say(language, `routing.serves.${each}`)),
          opening: openingJson(texts, language, openingAt(hotline.schedule, at), at),
        };
      });
    },
  );

  routes.get(
    '/api/hotlines/:id/opening',
    {
      schema: {
        tags,
        summary: 'Whether a hotline is open at an instant',
        params: Type.Object({ id: Type.String({ maxLength: 40 }) }),
        querystring: strictObject({
          at: Type.Optional(InstantSchema),
          zone: Type.Optional(Type.String({ maxLength: 64, description: 'IANA zone of the caller' })),
          lang: LanguageSchema,
        }),
        response: { 200: OpeningSchema, 400: ProblemSchema, 404: ProblemSchema },
      },
    },
    async (request) => {
      const hotline = findHotline(await deps.routing.current(), request.params.id);
      if (!hotline) throw new Problem(404, 'not-found');
      const { at: typedAt, zone: typedZone } = request.query;
      const at = typedAt === undefined ? clock.now() : readInstant(typedAt);
      const zone = typedZone === undefined ? undefined : canonicalZone(typedZone);
      if (!at || (typedZone !== undefined && !zone)) {
        throw invalid([
          ...(at ? [] : [{ path: '/querystring/at', key: 'routing.fields.at' }]),
          ...(typedZone === undefined || zone
            ? []
            : [{ path: '/querystring/zone', key: 'routing.fields.zone' }]),
        ]);
      }
      return openingJson(texts, languageOf(request), openingAt(hotline.schedule, at), at, zone);
    },
  );

  routes.post(
    '/api/routing/decision',
    {
      schema: {
        tags,
        summary: 'Which hotline serves a practitioner, and why; or what to ask',
        body: strictObject({ practitioner: PractitionerSchema, at: Type.Optional(InstantSchema) }),
        response: { 200: DecisionSchema, 400: ProblemSchema },
      },
    },
    async (request) => {
      const language = languageOf(request);
      const { practitioner: typed, at: typedAt } = request.body;
      const at = typedAt === undefined ? clock.now() : readInstant(typedAt);
      const checked = checkPractitioner(typed, '/practitioner');
      if (!at || 'errors' in checked) {
        throw invalid([
          ...('errors' in checked ? checked.errors : []),
          ...(at ? [] : [{ path: '/at', key: 'routing.fields.at' }]),
        ]);
      }
      const routing = routeCase(checked.practitioner, at, await deps.routing.current());
      const needs = routing.hotline === null ? routing.needs : [];
      return {
        hotline: routing.hotline,
        reason: describeReason(texts, language, routing.reason),
        reasonCode: routing.reason.code,
        ...(needs.length > 0 && {
          needs: [...needs],
          questions: needs.map((id) => ({ id, text: texts.say(language, `routing.questions.${id}`) })),
        }),
        opening: routing.hotline === null ? null : openingJson(texts, language, routing.opening, at),
        ...(checked.warnings.length > 0 && {
          warnings: checked.warnings.map((each) => ({
            path: `/practitioner/${each}`,
            message: texts.say(language, `routing.warnings.${each}`),
          })),
        }),
      };
    },
  );
}

function invalid(errors: readonly FieldProblem[]): Problem {
  return new Problem(400, 'invalid', { errors });
}
