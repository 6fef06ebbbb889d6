import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Dependencies } from '../../dependencies.ts';
import { languageOf } from '../../http/language.ts';
import { type FieldProblem, Problem, ProblemSchema } from '../../problem.ts';
import { etagOf, readIfMatch } from '../if-match.ts';
import type { Finding } from '../rules/dose-rules.ts';
import { consultationJson, findingsJson, injectionJson, type Wording, warningsJson } from './act-answers.ts';
import type { Act } from './find-act.ts';

export const PatientParams = Type.Object({
  id: Type.String({ format: 'uuid', description: 'The patient' }),
});
export const ActParams = Type.Object({
  id: Type.String({ format: 'uuid', description: 'The patient' }),
  itemId: Type.String({ format: 'uuid', description: 'The act' }),
});
export const IfMatchHeaders = Type.Object({
  'if-match': Type.Optional(Type.String({ maxLength: 40, description: 'The ETag that was read' })),
});

/** What every route of acts may answer instead. */
export const actProblems = {
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

/** Which act an address is about, as the version that its caller read. */
export function referenceOf(
  params: { readonly id: string; readonly itemId: string },
  header: string | undefined,
) {
  return { patientId: params.id, id: params.itemId, version: readIfMatch(header) };
}

/** What the routes of acts answer with, in the language of the request. */
export function actsApi({ texts, recordRules }: Pick<Dependencies, 'texts' | 'recordRules'>) {
  const wordingOf = async (request: FastifyRequest): Promise<Wording> => ({
    texts,
    language: languageOf(request),
    vaccines: await recordRules.current(),
  });
  const json = (wording: Wording, act: Act) =>
    act.kind === 'injection' ? injectionJson(wording, act) : consultationJson(act);
  return {
    wordingOf,
    json,
    /** Findings travel as data within commands; here they get their words. */
    async withWords<Result>(request: FastifyRequest, run: () => Promise<Result>): Promise<Result> {
      try {
        return await run();
      } catch (error) {
        if (!(error instanceof Problem) || error.code !== 'dose-findings') throw error;
        // Thrown by record-injection.ts, correct-injection.ts and set-act-state.ts alone, with what the rules said.
        const findings = error.extensions.findings as readonly Finding[];
        throw new Problem(422, 'dose-findings', {
          extensions: { findings: findingsJson(await wordingOf(request), findings) },
          cause: error,
        });
      }
    },
    /** @param warnings what is doubtful in it and was recorded all the same, where that is told. */
    sendAct: async (
      request: FastifyRequest,
      reply: FastifyReply,
      act: Act,
      warnings?: readonly FieldProblem[],
    ) => {
      const wording = await wordingOf(request);
      const told = warnings && { warnings: warningsJson(wording, warnings) };
      return reply.header('etag', etagOf(act)).send({ ...json(wording, act), ...told });
    },
  };
}
