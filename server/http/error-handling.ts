/**
 * Purpose: what every route has in common: errors, validation, language, form tokens, security, the API's description.
 * Entry points: one `register…` per file, called by app.ts; `languageOf`, `strictObject`, `formTokens` for routes.
 * May import: server/database (health only), dependencies.ts, and what stands on its own beside it; no domain.
 */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dependencies } from '../dependencies.ts';
import { type FieldProblem, Problem } from '../problem.ts';
import { languageOf } from './language.ts';

/** Answers every error of `app` as a problem (JSON) or as a page (browsers on page routes). */
export function registerErrorHandling(app: FastifyInstance, deps: Dependencies): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = asProblem(error);
    if (problem.statusCode >= 500) request.log.error({ err: error }, 'request failed');
    return sendProblem(deps, request, reply, problem);
  });
  app.setNotFoundHandler((request, reply) =>
    sendProblem(deps, request, reply, new Problem(404, 'not-found')),
  );
}

/** Sends a problem in the form that the caller reads. */
export function sendProblem(
  deps: Dependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  problem: Problem,
) {
  const language = languageOf(request);
  const details = problem.describe(deps.texts, language);
  reply.status(problem.statusCode);
  if (wantsPage(request)) {
    return reply
      .type('text/html; charset=utf-8')
      .send(
        deps.views.page('problem', language, { title: details.title, problem: details, path: request.url }),
      );
  }
  // Serialised here, so that a route's response schema cannot drop an extension such as `owner`.
  return reply
    .type('application/problem+json; charset=utf-8')
    .serializer((payload: unknown) => JSON.stringify(payload))
    .send(details);
}

/** Where only programs ask. */
export const programsPath = /^\/(api|fhir|health|metrics|openapi\.json)(\/|\?|$)/;

/** Whether the answer is for a person: any route outside the API that is not asked for JSON. */
export function wantsPage(request: FastifyRequest): boolean {
  if (programsPath.test(request.url)) return false;
  return !/\bapplication\/(problem\+)?json\b/.test(request.headers.accept ?? '');
}

/** Any error as a problem: our own as they are, Fastify's by their code, everything else as 500. */
export function asProblem(error: FastifyError | Problem): Problem {
  if (error instanceof Problem) return error;
  if (error.validation) {
    const errors = error.validation.map((fault) => fieldProblem(fault, error.validationContext));
    return new Problem(400, 'invalid', { errors, cause: error });
  }
  const status = error.statusCode ?? 500;
  if (status === 429) return new Problem(429, 'too-many', { cause: error });
  if (status === 413) return new Problem(413, 'too-large', { cause: error });
  if (status === 415) return new Problem(415, 'media-type', { cause: error });
  if (status >= 400 && status < 500) return new Problem(status, 'bad-request', { cause: error });
  if (status === 503) return new Problem(503, 'unavailable', { cause: error });
  return new Problem(500, 'internal', { cause: error });
}

interface Fault {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** The keywords that have a sentence of their own; any other fault is "not as expected". */
const sayable = new Set([
  'required',
  'additionalProperties',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'enum',
  'anyOf',
  'type',
  'format',
  'pattern',
]);

function fieldProblem(fault: Fault, context: string | undefined): FieldProblem {
  const inside = context && context !== 'body' ? `/${context}` : '';
  const named = fault.params.missingProperty ?? fault.params.additionalProperty;
  // What does not look like a field's name may be a value in its place, such as a NIR: it is not repeated.
  const said = typeof named === 'string' && /^[a-z_][\w-]{0,63}$/i.test(named);
  const path = `${inside}${fault.instancePath}${said ? `/${named}` : ''}` || '/';
  const keyword = sayable.has(fault.keyword) ? fault.keyword : 'other';
  const limit = fault.params.limit;
  return {
    path,
    key: `problems.fields.${keyword}`,
    ...(typeof limit === 'number' && { parameters: { limit } }),
  };
}
