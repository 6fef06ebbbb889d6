import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dependencies } from '../dependencies.ts';
import { asProblem } from '../http/error-handling.ts';
import { registerForms } from '../http/forms.ts';
import { languageOf } from '../http/language.ts';
import { Problem } from '../problem.ts';
import type { Finding } from '../records/rules/dose-rules.ts';
import { sayFinding } from '../records/rules/finding-words.ts';
import { adverseEventRoutes } from './adverse-event.routes.ts';
import { capabilityStatement } from './capability.ts';
import { immunizationRoutes } from './immunization.routes.ts';
import { immunizationReads } from './immunization-reads.routes.ts';
import { operationOutcome } from './outcome.ts';
import { patientRoutes } from './patient.routes.ts';
import type { Asker } from './search-page.ts';
import type { Resource } from './to-fhir.ts';

/** Where the facade is. */
export const fhirPath = '/fhir/R4';

/** What the routes of one resource share. */
export interface Facade {
  readonly deps: Dependencies;
  /** Absolute address of the facade. */
  readonly base: string;
  send(reply: FastifyReply, resource: unknown): FastifyReply;
  /** A resource, or what is `told` of it, with its version as ETag; 304 to who has it already (`If-None-Match`). */
  sendVersion(request: FastifyRequest, reply: FastifyReply, resource: Resource, told?: unknown): FastifyReply;
  /** For whom links of searches are sealed. */
  askerOf(request: FastifyRequest): Asker;
}

/** The whole facade, with its own media type and its own way of refusing. */
export async function fhirRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const base = `${deps.config.publicUrl}${fhirPath}`;
  const facade: Facade = {
    deps,
    base,
    askerOf: ({ professional }) => ({ secrets: deps.config.secrets, professionalId: professional.id }),
    sendVersion(request, reply, resource, told = resource) {
      const etag = `W/"${resource.meta.versionId}"`;
      reply.header('etag', etag);
      reply.header('last-modified', new Date(resource.meta.lastUpdated).toUTCString());
      const known = request.headers['if-none-match']?.split(',').map((each) => each.trim());
      if (request.method === 'GET' && (known?.includes(etag) || known?.includes(etag.slice(2))))
        return reply.status(304).send();
      return facade.send(reply, told);
    },
    send: (reply, resource) =>
      reply
        .type('application/fhir+json; charset=utf-8')
        .header('cache-control', 'no-store')
        .serializer((payload: unknown) => (typeof payload === 'string' ? payload : JSON.stringify(payload)))
        .send(resource),
  };
  await registerForms(app);
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/fhir+json', { parseAs: 'string' }, parseJson);

  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    const problem = asProblem(error);
    if (problem.statusCode >= 500) request.log.error({ err: error }, 'request failed');
    return facade.send(reply.status(problem.statusCode), await outcomeOf(request, problem));
  });

  async function outcomeOf(request: FastifyRequest, problem: Problem) {
    const language = languageOf(request);
    if (problem.code !== 'dose-findings') return operationOutcome(deps.texts, language, problem);
    const rules = await deps.recordRules.current();
    // Thrown by the commands of injections alone, with what the rules said.
    const findings = problem.extensions.findings as readonly Finding[];
    const said = findings.map((finding) => sayFinding(deps.texts, language, rules, finding));
    return operationOutcome(deps.texts, language, problem, said);
  }

  app.get(
    `${fhirPath}/metadata`,
    { schema: { tags: ['fhir'], summary: 'What the FHIR R4 facade can do' } },
    async (_request, reply) => facade.send(reply, capabilityStatement(base, deps.clock.now())),
  );

  await immunizationReads(app, facade);
  await immunizationRoutes(app, facade);
  await patientRoutes(app, facade);
  await adverseEventRoutes(app, facade);

  app.all(`${fhirPath}/*`, { schema: { hide: true } }, async () => {
    throw new Problem(404, 'not-found');
  });
}
