/**
 * Purpose: the agents' console: HTML pages below `/desk`, working as plain forms and kept live by templates/assets/desk.
 * Entry points: `deskRoutes`.
 * May import: server/cases, server/agents, server/directory, server/live-queue, server/routing, server/wizard, server/http.
 */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { findAgent } from '../agents/require-agent.ts';
import type { QueueCounts } from '../cases/queue-counts.ts';
import type { Dependencies } from '../dependencies.ts';
import type { DirectoryLimits } from '../directory/directory-limits.ts';
import { asProblem } from '../http/error-handling.ts';
import { registerForms } from '../http/forms.ts';
import { languageOf } from '../http/language.ts';
import type { Problem } from '../problem.ts';
import { callbackListRoutes } from './callbacks.routes.ts';
import { caseRoutes } from './case.routes.ts';
import { deskPages } from './desk-pages.ts';
import { directoryPages } from './directory.routes.ts';
import { flowsRoutes } from './flows.routes.ts';
import { textField } from './form-fields.ts';
import { hotlinesRoutes } from './hotlines.routes.ts';
import { incidentRoutes } from './incidents.routes.ts';
import { queueRoutes } from './queue.routes.ts';
import { routingRulesRoutes } from './routing-rules.routes.ts';
import { searchRoutes } from './search.routes.ts';
import { signInPage, signInRoutes } from './sign-in.routes.ts';

/** How a form's route shows its page again, with what was typed, when the form is refused. */
export type ShowAgain = (
  request: FastifyRequest,
  reply: FastifyReply,
  problem: Problem,
) => FastifyReply | Promise<FastifyReply>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Only on routes that answer a form. */
    showAgain?: ShowAgain;
  }
}

/** Every page of the desk. Nobody but a signed-in agent is answered with anything but the sign-in page. */
export async function deskRoutes(
  app: FastifyInstance,
  deps: Dependencies,
  counts: QueueCounts,
  lookUps: DirectoryLimits,
): Promise<void> {
  const pages = deskPages(deps);
  const showSignIn = signInPage(deps, pages);
  await registerForms(app);

  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    const problem = asProblem(error);
    if (problem.statusCode >= 500) request.log.error({ err: error }, 'request failed');
    const agent = await findAgent(request, deps);
    const { showAgain } = request.routeOptions.config;
    if (
      showAgain &&
      problem.statusCode < 500 &&
      problem.statusCode !== 404 &&
      problem.code !== 'foreign-hotline' &&
      problem.code !== 'supervisors-only'
    ) {
      return showAgain(request, reply, problem);
    }
    const { title, detail } = problem.describe(deps.texts, languageOf(request));
    const page = {
      name: 'problem',
      section: 'case',
      title,
      status: problem.statusCode,
      data: { detail, kept: longestText(request.body) },
    } as const;
    return pages.send(request, reply, page, agent);
  });

  await app.register(async (each) => signInRoutes(each, deps, pages));
  await app.register(async (each) => {
    each.addHook('preHandler', async (request, reply) => {
      if (await findAgent(request, deps)) return;
      if (request.method === 'GET') {
        return reply.redirect(`/desk/connexion?next=${encodeURIComponent(request.url)}`, 303);
      }
      // A form sent after the session's end: what was typed in it is there to be copied.
      return showSignIn(request, reply, {
        status: 403,
        next: pageOfForm(request.url),
        notice: 'desk.signIn.sessionEnded',
        kept: longestText(request.body),
      });
    });
    await queueRoutes(each, deps, pages, counts);
    await caseRoutes(each, deps, pages);
    await incidentRoutes(each, deps, pages);
    await callbackListRoutes(each, deps, pages);
    await searchRoutes(each, deps, pages);
    await flowsRoutes(each, deps, pages);
    await hotlinesRoutes(each, deps, pages, counts);
    await routingRulesRoutes(each, deps, pages);
    await directoryPages(each, deps, pages, lookUps);
  });
}

/** The page on which a form is found: a case's, one about the lines, or the queue. */
function pageOfForm(path: string): string {
  return /^\/desk\/(dossiers\/[\w-]+|hotlines\/[\w/-]+|routing-rules)/.exec(path)?.[0] ?? '/desk';
}

/** What was written rather than chosen: the longest of the fields that are not the form's own. */
function longestText(body: unknown): string | undefined {
  const written = ['note', 'message', 'resolution', 'transfer-note', 'callback-message'].map((field) =>
    textField(body, field),
  );
  return written.sort((a, b) => b.length - a.length)[0] || undefined;
}
