/**
 * Purpose: puts the server together from its dependencies; nothing here decides anything.
 * Entry points: `buildApp`.
 * May import: every domain's `*.routes.ts`, server/http.
 */
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { agentsRoutes } from './agents/agents.routes.ts';
import { registerAgents } from './agents/require-agent.ts';
import { callbacksRoutes } from './callbacks/callbacks.routes.ts';
import { caseCommandsRoutes } from './cases/case-commands.routes.ts';
import { caseFormRoutes } from './cases/case-form.routes.ts';
import { casesRoutes } from './cases/cases.routes.ts';
import { openCaseRoutes } from './cases/open-case.routes.ts';
import { queueCounts } from './cases/queue-counts.ts';
import { verifyRoutes } from './certificates/verify.routes.ts';
import { verifyPageRoutes } from './certificates/verify-page.routes.ts';
import type { Dependencies } from './dependencies.ts';
import { deskRoutes } from './desk/desk.routes.ts';
import { hotlinesApiRoutes } from './desk/hotlines-api.routes.ts';
import { routingRulesApiRoutes } from './desk/routing-rules-api.routes.ts';
import { directoryRoutes } from './directory/directory.routes.ts';
import { directoryLimits } from './directory/directory-limits.ts';
import { fhirRoutes } from './fhir/fhir.routes.ts';
import { helpPages } from './help/help.routes.ts';
import { registerAssets } from './http/assets.ts';
import { registerErrorHandling } from './http/error-handling.ts';
import { healthRoutes } from './http/health.routes.ts';
import { registerLanguageChoice } from './http/language-choice.ts';
import { registerOpenApi } from './http/openapi.ts';
import { registerRequestLog } from './http/request-log.ts';
import { registerSecurity } from './http/security.ts';
import { refuseAddress, registerAddresses, registerNirRefusal } from './http/unreadable-address.ts';
import { registerValidation } from './http/validation.ts';
import { authRoutes } from './identity/auth.routes.ts';
import { registerProfessionals } from './identity/require-professional.ts';
import { registerRights } from './identity/require-right.ts';
import { signInRoutes } from './identity/sign-in.routes.ts';
import { structureRoutes } from './identity/structure.routes.ts';
import { incidentsRoutes } from './incidents/incidents.routes.ts';
import { withdrawalRoutes } from './incidents/withdrawal.routes.ts';
import { liveRoutes, registerWebSockets } from './live-queue/live.routes.ts';
import { demoMailPages } from './mail/demo-mails.routes.ts';
import { accessPages } from './records/access-log/access-pages.routes.ts';
import { actFileRoutes } from './records/acts/act-file.routes.ts';
import { actFormsRoutes } from './records/acts/act-forms.routes.ts';
import { actListsRoutes, waitingActs } from './records/acts/act-lists.routes.ts';
import { actReadsRoutes } from './records/acts/act-reads.routes.ts';
import { actStatesRoutes } from './records/acts/act-states.routes.ts';
import { actsRoutes } from './records/acts/acts.routes.ts';
import { adverseEventFileRoutes } from './records/adverse-events/adverse-event-file.routes.ts';
import { adverseEventPages } from './records/adverse-events/adverse-event-pages.routes.ts';
import { adverseEventsRoutes } from './records/adverse-events/adverse-events.routes.ts';
import { delegationPages } from './records/delegations/delegation-pages.routes.ts';
import { delegationsRoutes } from './records/delegations/delegations.routes.ts';
import { batchPages } from './records/documents/batch-pages.routes.ts';
import { batchesRoutes } from './records/documents/batches.routes.ts';
import { documentPages } from './records/documents/document-pages.routes.ts';
import { documentsRoutes } from './records/documents/documents.routes.ts';
import { importPages } from './records/imports/import-pages.routes.ts';
import { importsRoutes } from './records/imports/imports.routes.ts';
import { keptFormsRoutes, registerKeptForms } from './records/kept-forms/kept-forms.routes.ts';
import { patientPages } from './records/patients/patient-pages.routes.ts';
import { patientsRoutes } from './records/patients/patients.routes.ts';
import { routingRoutes } from './routing/routing.routes.ts';
import { callbackPages } from './tracking/callback.routes.ts';
import { trackingRoutes } from './tracking/tracking.routes.ts';
import { wizardPages } from './wizard/pages.routes.ts';
import { wizardRoutes } from './wizard/wizard.routes.ts';

/** What a body may weigh: the longest message the API takes, with every letter escaped. Forms: http/forms.ts. */
const bodyLimitBytes = 64 * 1024;

/** The whole HTTP side of the product, ready to listen or to be injected into. */
export async function buildApp(deps: Dependencies): Promise<FastifyInstance> {
  const log: FastifyBaseLogger = deps.log;
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    // Only as many of the addresses a caller claims to come from as there are proxies of ours in front.
    trustProxy: (_address: string, hop: number) => hop < deps.config.trustedProxies,
    bodyLimit: bodyLimitBytes,
    // A request that trickles in holds a connection no longer than this.
    requestTimeout: 60_000,
    frameworkErrors: refuseAddress,
    routerOptions: { ignoreTrailingSlash: true },
  });
  app.removeContentTypeParser('text/plain');
  registerErrorHandling(app, deps);
  registerValidation(app);
  registerRequestLog(app);
  await registerSecurity(app, deps.config);
  registerNirRefusal(app);
  registerLanguageChoice(app, deps.config);
  registerAddresses(app);
  await registerOpenApi(app, deps.config);
  await registerAssets(app);
  await registerWebSockets(app);
  registerAgents(app);
  registerProfessionals(app);
  registerRights(app);
  registerKeptForms(app, deps);
  const counts = queueCounts(deps);
  const lookUps = directoryLimits(app);
  app.addHook('onClose', async () => counts.close());

  await app.register(async (each) => actFileRoutes(each, deps));
  await app.register(async (each) => actFormsRoutes(each, deps));
  await app.register(async (each) => actListsRoutes(each, deps));
  await app.register(async (each) => actReadsRoutes(each, deps));
  await app.register(async (each) => actStatesRoutes(each, deps));
  await app.register(async (each) => actsRoutes(each, deps));
  await app.register(async (each) => adverseEventFileRoutes(each, deps));
  await app.register(async (each) => adverseEventPages(each, deps));
  await app.register(async (each) => adverseEventsRoutes(each, deps));
  await app.register(async (each) => agentsRoutes(each, deps));
  await app.register(async (each) => authRoutes(each, deps));
  await app.register(async (each) => callbackPages(each, deps));
  await app.register(async (each) => callbacksRoutes(each, deps));
  await app.register(async (each) => caseCommandsRoutes(each, deps));
  await app.register(async (each) => caseFormRoutes(each, deps));
  await app.register(async (each) => casesRoutes(each, deps, counts));
  await app.register(async (each) => delegationPages(each, deps));
  await app.register(async (each) => delegationsRoutes(each, deps));
  await app.register(async (each) => demoMailPages(each, deps));
  await app.register(async (each) => deskRoutes(each, deps, counts, lookUps));
  await app.register(async (each) => directoryRoutes(each, deps, lookUps));
  await app.register(async (each) => batchPages(each, deps));
  await app.register(async (each) => batchesRoutes(each, deps));
  await app.register(async (each) => documentPages(each, deps));
  await app.register(async (each) => documentsRoutes(each, deps));
  await app.register(async (each) => fhirRoutes(each, deps));
  await app.register(async (each) => healthRoutes(each, deps));
  await app.register(async (each) => helpPages(each, deps));
  await app.register(async (each) => hotlinesApiRoutes(each, deps));
  await app.register(async (each) => incidentsRoutes(each, deps));
  await app.register(async (each) => withdrawalRoutes(each, deps));
  await app.register(async (each) => keptFormsRoutes(each, deps));
  await app.register(async (each) => liveRoutes(each, deps, counts));
  await app.register(async (each) => openCaseRoutes(each, deps));
  await app.register(async (each) => accessPages(each, deps));
  await app.register(async (each) => patientPages(each, deps));
  await app.register(async (each) => importPages(each, deps));
  await app.register(async (each) => importsRoutes(each, deps));
  await app.register(async (each) => patientsRoutes(each, deps));
  await app.register(async (each) => routingRoutes(each, deps));
  await app.register(async (each) => routingRulesApiRoutes(each, deps));
  await app.register(async (each) => signInRoutes(each, deps));
  await app.register(async (each) => structureRoutes(each, deps, waitingActs(deps)));
  await app.register(async (each) => trackingRoutes(each, deps));
  await app.register(async (each) => verifyPageRoutes(each, deps));
  await app.register(async (each) => verifyRoutes(each, deps));
  await app.register(async (each) => wizardPages(each, deps, lookUps));
  await app.register(async (each) => wizardRoutes(each, deps, lookUps));
  return app;
}
