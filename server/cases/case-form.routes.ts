import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dependencies } from '../dependencies.ts';
import { hotlineCard } from '../help/hotline-card.ts';
import { asProblem } from '../http/error-handling.ts';
import { formTokens } from '../http/form-tokens.ts';
import { askedLanguage, formField, formLimitBytes, registerForms, sendPage } from '../http/forms.ts';
import { languageOf } from '../http/language.ts';
import { Problem } from '../problem.ts';
import { findHotline } from '../routing/configuration.ts';
import { describeReason } from '../routing/describe.ts';
import type { RoutingQuestion } from '../routing/route-case.ts';
import { isLanguage, type Language } from '../texts.ts';
import { sessionAddress } from '../wizard/question-page.ts';
import { changeLanguage, getWalk, type Walk } from '../wizard/sessions.ts';
import { askForHelp, knownOf } from './ask-for-help.ts';
import { caseFormPage } from './case-form-page.ts';
import type { CaseRecord } from './change-case.ts';
import { emptyCaseForm, fieldOfPath, readCaseForm, toNewCase } from './new-case-form.ts';
import { newCaseLimit } from './open-case.routes.ts';
import { findCaseOfSession } from './open-case.ts';

/** Hidden from people; programs that fill in every field fill it in too. */
const honeypot = 'website';

interface SessionParams {
  readonly id: string;
}

/** How a wizard session becomes a case, for people: the form, and the page that says what happens next. */
export async function caseFormRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { clock, config, db, texts, views } = deps;
  const tokens = formTokens(config.secrets, clock);
  await registerForms(app);
  // A form is not sent as JSON; programs have the API.
  app.removeContentTypeParser('application/json');

  async function sendForm(
    request: FastifyRequest,
    reply: FastifyReply,
    walk: Walk,
    shown: { readonly language: Language; readonly problem?: Problem },
  ) {
    const { language, problem } = shown;
    const details = problem?.describe(texts, language);
    const errors: Record<string, string> = {};
    for (const { path, message } of details?.errors ?? []) errors[fieldOfPath(path) ?? 'other'] ??= message;
    const page = await caseFormPage(deps, walk, {
      values:
        request.method === 'POST'
          ? readCaseForm(request.body)
          : { ...emptyCaseForm, rpps: knownOf(walk.replay).rpps ?? '' },
      language,
      token: tokens.make(subjectOf(walk.session.id)),
      errors,
      needs: (problem?.extensions.needs ?? []) as readonly RoutingQuestion[],
      ...(details && Object.keys(errors).length === 0 && { refusal: details }),
    });
    return sendPage(reply.status(problem?.statusCode ?? 200), views.page('case/form', language, page));
  }

  /** Whatever stands in the way of a form that was sent, its sender is given back all that they typed. */
  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    if (request.method !== 'POST' || typeof request.body !== 'object') throw error;
    const problem = asFormProblem(error);
    if (problem.statusCode >= 500) request.log.error({ err: error }, 'request failed');
    const { id } = request.params as SessionParams;
    const walk = await getWalk(db, id).catch(() => undefined);
    if (walk) return sendForm(request, reply, walk, { language: languageFor(request, walk), problem });
    return sendLost(request, reply, problem);
  });

  function sendLost(request: FastifyRequest, reply: FastifyReply, problem: Problem) {
    const language = languageOf(request);
    const { title, detail } = problem.describe(texts, language);
    const { message } = readCaseForm(request.body);
    const html = views.page('case/lost', language, { page: 'case', private: true, title, detail, message });
    return sendPage(reply.status(problem.statusCode), html);
  }

  app.get<{ Params: SessionParams }>('/diagnostic/:id/demande', async (request, reply) => {
    const walk = await getWalk(db, request.params.id);
    if (walk.session.frozen) return reply.redirect(sentAddress(walk.session.id), 303);
    return sendForm(request, reply, walk, { language: languageFor(request, walk) });
  });

  app.post<{ Params: SessionParams }>(
    '/diagnostic/:id/demande',
    // Counted once the form is read, so that a refusal can give it back.
    { config: { rateLimit: { ...newCaseLimit, hook: 'preHandler' } }, bodyLimit: formLimitBytes },
    async (request, reply) => {
      const { body } = request;
      const walk = await getWalk(db, request.params.id);
      if (tokens.check(subjectOf(walk.session.id), formField(body, 'token')) !== 'ok') {
        throw new Problem(403, 'stale-form');
      }
      const chosen = formField(body, 'lang');
      if (isLanguage(chosen)) {
        await changeLanguage(db, walk.session.id, chosen);
        return sendForm(request, reply, walk, { language: chosen });
      }
      // The field comes back empty: a person whose browser filled it in has only to send again.
      if (formField(body, honeypot)) throw new Problem(422, 'unverified-form');
      const form = toNewCase(readCaseForm(body), languageFor(request, walk));
      if ('errors' in form) throw new Problem(422, 'invalid', { errors: form.errors });
      const { created } = await askForHelp(deps, walk.session.id, form.body);
      if (created) deps.doorbell.ring();
      return reply.redirect(sentAddress(walk.session.id), 303);
    },
  );

  app.get<{ Params: SessionParams }>('/diagnostic/:id/demande/envoyee', async (request, reply) => {
    const { id } = request.params;
    const opened = await findCaseOfSession(db, id);
    if (!opened) return reply.redirect(`${sessionAddress(id)}/demande`, 303);
    const language = askedLanguage(request) ?? opened.language;
    return sendPage(reply, views.page('case/sent', language, await sentPage(opened, language)));
  });

  async function sentPage(opened: CaseRecord, language: Language) {
    const configuration = await deps.routing.current();
    const hotline = findHotline(configuration, opened.hotlineId);
    return {
      page: 'case',
      private: true,
      title: texts.say(language, 'case.sent.title'),
      number: opened.number,
      reason: describeReason(texts, language, opened.routingReason),
      hotline: hotline && hotlineCard(texts, language, configuration, hotline, clock.now()),
      rppsDoubtful: opened.rppsDoubtful,
      mails: opened.followUps && opened.contactEmail !== null,
      trackingAddress: `/suivi/${opened.trackingToken}`,
      trackingUrl: `${config.publicUrl}/suivi/${opened.trackingToken}`,
    };
  }
}

/** Values that were refused by their shape are, for whoever typed them, values to correct. */
function asFormProblem(error: FastifyError | Problem): Problem {
  const problem = asProblem(error);
  if (problem.statusCode !== 400) return problem;
  return new Problem(422, problem.code, { errors: problem.errors, cause: error });
}

function subjectOf(sessionId: string): string {
  return `case:${sessionId}`;
}

function sentAddress(sessionId: string): string {
  return `${sessionAddress(sessionId)}/demande/envoyee`;
}

/** The session's own language, unless the address asks for another: no cookie is needed to keep it. */
function languageFor(request: FastifyRequest, { session }: Walk): Language {
  return askedLanguage(request) ?? session.language;
}
