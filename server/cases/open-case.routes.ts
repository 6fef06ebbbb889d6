import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Dependencies } from '../dependencies.ts';
import { languageOf } from '../http/language.ts';
import { ProblemSchema } from '../problem.ts';
import { findHotline } from '../routing/configuration.ts';
import { describeReason } from '../routing/describe.ts';
import { type Opening, openingAt } from '../routing/opening-hours.ts';
import { OpeningSchema, openingJson } from '../routing/routing.schemas.ts';
import type { Language } from '../texts.ts';
import { askForHelp, type Help } from './ask-for-help.ts';
import { NewCaseBody } from './new-case.ts';

/** New cases from one address in a minute, by the API or by the form: a whole hospital may share it. */
export const newCaseLimit = { max: 60, timeWindow: '1 minute' } as const;

const OpenedCase = Type.Object(
  {
    number: Type.String({ description: 'What is said on the telephone' }),
    hotline: Type.String({ description: 'The line to call, see /api/hotlines' }),
    reason: Type.String({ description: 'Why this line, in a sentence' }),
    reasonCode: Type.String(),
    opening: OpeningSchema,
    trackingUrl: Type.String({ description: 'Secret page on which the practitioner follows the case' }),
    warnings: Type.Array(Type.Object({ path: Type.String(), code: Type.String(), message: Type.String() })),
  },
  { title: 'OpenedCase' },
);

/** How a wizard session becomes a case, for programs; case-form.routes.ts is the same for people. */
export async function openCaseRoutes(server: FastifyInstance, deps: Dependencies): Promise<void> {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();

  app.post(
    '/api/wizard/sessions/:id/case',
    {
      config: { rateLimit: newCaseLimit },
      schema: {
        tags: ['wizard'],
        summary: 'Ask for a person: opens the case of this diagnosis, once',
        params: Type.Object({ id: Type.String({ description: 'The session' }) }),
        body: NewCaseBody,
        response: {
          200: { ...OpenedCase, description: 'The case this diagnosis already had, unchanged' },
          201: OpenedCase,
          400: ProblemSchema,
          404: ProblemSchema,
          422: { ...ProblemSchema, description: 'Values to correct; or `needs`: what the line depends on' },
          429: ProblemSchema,
          503: ProblemSchema,
        },
      },
    },
    async (request, reply) => {
      const help = await askForHelp(deps, request.params.id, request.body);
      if (help.created) deps.doorbell.ring();
      return reply
        .status(help.created ? 201 : 200)
        .send(await describeOpened(deps, help, languageOf(request)));
    },
  );
}

async function describeOpened(deps: Dependencies, help: Help, language: Language) {
  const { texts, config, clock } = deps;
  const { number, hotlineId, routingReason: reason, trackingToken, rppsDoubtful } = help.case;
  const now = clock.now();
  const opening = help.created ? help.opening : await openingOf(deps, hotlineId, now);
  return {
    number,
    hotline: hotlineId,
    reason: describeReason(texts, language, reason),
    reasonCode: reason.code,
    opening: openingJson(texts, language, opening, now),
    trackingUrl: `${config.publicUrl}/suivi/${trackingToken}`,
    warnings: rppsDoubtful
      ? [
          {
            path: '/practitioner/rpps',
            code: 'rpps_doubtful',
            message: texts.say(language, 'routing.warnings.rpps'),
          },
        ]
      : [],
  };
}

async function openingOf({ routing }: Dependencies, hotlineId: string, at: Date): Promise<Opening> {
  const hotline = findHotline(await routing.current(), hotlineId);
  if (!hotline) throw new Error(`the hotline "${hotlineId}" of a case is not configured`);
  return openingAt(hotline.schedule, at);
}
