import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Dependencies } from '../dependencies.ts';
import { languageOf } from '../http/language.ts';
import { ProblemSchema } from '../problem.ts';
import { findHotline } from '../routing/configuration.ts';
import { describeReason } from '../routing/describe.ts';
import { openingAt } from '../routing/opening-hours.ts';
import { OpeningSchema, openingJson } from '../routing/routing.schemas.ts';
import type { Language } from '../texts.ts';
import { askForHelp } from './ask-for-help.ts';
import type { CaseRecord } from './change-case.ts';
import { NewCaseBody } from './new-case.ts';

/** New cases from one address in a minute, by the API and the form together: a whole hospital may share it. */
export const newCaseLimit = { max: 60, timeWindow: '1 minute', groupId: 'new-case' } as const;

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
      const { case: opened, created } = await askForHelp(deps, request.params.id, request.body);
      if (created) deps.doorbell.ring();
      return reply.status(created ? 201 : 200).send(await describeOpened(deps, opened, languageOf(request)));
    },
  );
}

async function describeOpened(deps: Dependencies, opened: CaseRecord, language: Language) {
  const { texts, config, routing, clock } = deps;
  const hotline = findHotline(await routing.current(), opened.hotlineId);
  if (!hotline) throw new Error(`the hotline "${opened.hotlineId}" of a case is not configured`);
  const now = clock.now();
  const reason = opened.routingReason;
  return {
    number: opened.number,
    hotline: opened.hotlineId,
    reason: describeReason(texts, language, reason),
    reasonCode: reason.code,
    opening: openingJson(texts, language, openingAt(hotline.schedule, now), now),
    trackingUrl: `${config.publicUrl}/suivi/${opened.trackingToken}`,
    warnings: opened.rppsDoubtful
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
