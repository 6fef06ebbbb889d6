/**
 * Purpose: a practitioner's side of their case, by the secret link they were given: no account, no cookie.
 * Entry points: `trackingRoutes`; find-tracked-case.ts, answer-follow-up.ts.
 * May import: server/cases, server/follow-ups (its table), server/help, server/routing, server/http.
 *
 * Nothing here changes by GET: programs that check mails open every link in them.
 */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { addPractitionerMessage } from '../cases/add-practitioner-message.ts';
import { confirmItWorks } from '../cases/confirm-it-works.ts';
import { checkMessage } from '../cases/new-case.ts';
import type { OwnCaseOutcome } from '../cases/own-case.ts';
import { returnCase } from '../cases/return-case.ts';
import { stopFollowUps } from '../cases/stop-follow-ups.ts';
import type { Dependencies } from '../dependencies.ts';
import { formTokens } from '../http/form-tokens.ts';
import { askedLanguage, formField, formLimitBytes, registerForms, sendPage } from '../http/forms.ts';
import { languageOf } from '../http/language.ts';
import { Problem } from '../problem.ts';
import { answerFollowUp, findReply, replies } from './answer-follow-up.ts';
import { findTrackedCase, getTrackedCase as getTracked, type TrackedCase } from './find-tracked-case.ts';
import { asFormProblem, changeLimit, subjectOf } from './tracking-forms.ts';
import { type Deed, trackingAddress, trackingPage } from './tracking-page.ts';

interface TrackingRequest {
  Params: { readonly token: string };
}

/** `/suivi/{token}` and what can be done there. */
export async function trackingRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { clock, config, db, texts, views } = deps;
  const tokens = formTokens(config.secrets, clock);
  await registerForms(app);
  app.removeContentTypeParser('application/json');

  async function sendCase(
    request: FastifyRequest,
    reply: FastifyReply,
    tracked: TrackedCase,
    problem?: Problem,
  ) {
    const language = askedLanguage(request) ?? tracked.record.language;
    const details = problem?.describe(texts, language);
    const messageError = details?.errors?.find(({ path }) => path === '/message')?.message;
    const page = await trackingPage(deps, tracked, {
      language,
      token: tokens.make(subjectOf(tracked.record.trackingToken)),
      query: languageQuery(request),
      done: (request.query as Readonly<Record<string, unknown>>).fait,
      typed: formField(request.body, 'message'),
      messageError,
      refusal: messageError === undefined ? details : undefined,
    });
    return sendPage(reply.status(problem?.statusCode ?? 200), views.page('tracking/case', language, page));
  }

  /** Whatever stands in the way of what was sent, the page says it and gives back what was typed. */
  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    if (request.method !== 'POST' || typeof request.body !== 'object') throw error;
    const problem = asFormProblem(error);
    if (problem.statusCode >= 500) request.log.error({ err: error }, 'request failed');
    const tracked = await findTrackedCase(db, (request.params as TrackingRequest['Params']).token).catch(
      () => undefined,
    );
    if (tracked) return sendCase(request, reply, tracked, problem);
    const language = languageOf(request);
    const { title, detail } = problem.describe(texts, language);
    const message = formField(request.body, 'message');
    const html = views.page('case/lost', language, { private: true, title, detail, message });
    return sendPage(reply.status(problem.statusCode), html);
  });

  app.get<TrackingRequest>('/suivi/:token', async (request, reply) =>
    sendCase(request, reply, await getTrackedCase(request.params.token)),
  );

  app.get<TrackingRequest>('/suivi/:token/reponse', async (request, reply) => {
    const { record } = await getTrackedCase(request.params.token);
    const asked = readReply(request.query);
    const answered = asked && (await findReply(db, { caseId: record.id, followUpId: asked.followUpId }));
    const address = trackingAddress(record.trackingToken);
    const query = languageQuery(request);
    // A link cut short still leads to where the same can be said.
    if (!asked || !answered || record.state === 'closed') return reply.redirect(address + query, 303);
    const language = askedLanguage(request) ?? record.language;
    const say = (key: string) => texts.say(language, `tracking.reply.${asked.reply}.${key}`);
    const html = views.page('tracking/reply', language, {
      page: 'tracking',
      private: true,
      title: say('title'),
      number: texts.say(language, 'tracking.title', { number: record.number }),
      text: say('text'),
      confirm: say('confirm'),
      given: answered.reply === asked.reply && say('given'),
      address,
      query,
      token: tokens.make(subjectOf(record.trackingToken)),
      followUpId: asked.followUpId,
      reply: asked.reply,
      languageSwitch: { query: `suivi=${asked.followUpId}&reponse=${asked.reply}` },
    });
    return sendPage(reply, html);
  });

  /** Something done by a button: checked, done, told to the desks, and shown on the case's page. */
  function onPost(
    path: string,
    deed: Deed | ((request: FastifyRequest) => Deed),
    act: (token: string, request: FastifyRequest) => Promise<OwnCaseOutcome>,
  ) {
    app.post<TrackingRequest>(
      `/suivi/:token/${path}`,
      { config: { rateLimit: changeLimit }, bodyLimit: formLimitBytes },
      async (request, reply) => {
        const { token } = request.params;
        const known = tokens.check(subjectOf(token), formField(request.body, 'token')) === 'ok';
        // An unknown link is told as such first: no token could be right for it.
        if (!known) await getTrackedCase(token);
        const oneClick = !known && isOneClick(path, request);
        if (!known && !oneClick) throw new Problem(403, 'stale-form');
        const { changed } = await act(token, request);
        if (changed) deps.doorbell.ring();
        // A mail program must not be sent elsewhere (RFC 8058, 3.1): it looks at the status alone.
        if (oneClick) return reply.status(200).type('text/plain').send('');
        const done = typeof deed === 'string' ? deed : deed(request);
        const query = languageQuery(request);
        return reply.redirect(`${trackingAddress(token)}${query ? `${query}&` : '?'}fait=${done}`, 303);
      },
    );
  }

  // Where a button led, when the address is opened again: to the page that it came from.
  for (const path of ['ca-marche', 'toujours-bloque', 'messages', 'arret']) {
    app.get<TrackingRequest>(`/suivi/:token/${path}`, async (request, reply) => {
      const { record } = await getTrackedCase(request.params.token);
      return reply.redirect(trackingAddress(record.trackingToken) + languageQuery(request), 303);
    });
  }

  onPost('ca-marche', 'works', (token) => confirmItWorks(db, token, clock.now()));
  onPost('toujours-bloque', 'stuck', (token, request) => {
    const message = messageOf(request) || undefined;
    return returnCase(db, { token, message }, clock.now());
  });
  onPost('messages', 'message', (token, request) => {
    const body = messageOf(request);
    if (!body) throw invalid('case.errors.message_missing');
    return addPractitionerMessage(db, { token, body }, clock.now());
  });
  onPost('arret', 'mails', (token) => stopFollowUps(db, token, clock.now()));
  onPost(
    'reponse',
    (request) => readReply(request.body)?.reply ?? 'works',
    (token, request) => {
      const asked = readReply(request.body);
      if (!asked) throw new Problem(422, 'bad-request');
      return answerFollowUp(db, { token, ...asked }, clock.now());
    },
  );

  function getTrackedCase(token: string): Promise<TrackedCase> {
    return getTracked(db, token);
  }
}

/** A mail program's own "unsubscribe" button (RFC 8058): it has the secret link, and can have no token. */
function isOneClick(path: string, request: FastifyRequest): boolean {
  return path === 'arret' && formField(request.body, 'List-Unsubscribe') === 'One-Click';
}

function messageOf(request: FastifyRequest): string {
  const checked = checkMessage(formField(request.body, 'message') ?? '', '/message');
  if ('errors' in checked) throw new Problem(422, 'invalid', { errors: checked.errors });
  return checked.text;
}

function invalid(key: string): Problem {
  return new Problem(422, 'invalid', { errors: [{ path: '/message', key }] });
}

function readReply(source: unknown) {
  const reply = replies.find((each) => each === formField(source, 'reponse'));
  const id = formField(source, 'suivi') ?? '';
  return reply && /^[1-9]\d{0,14}$/.test(id) ? { followUpId: Number(id), reply } : undefined;
}

function languageQuery(request: FastifyRequest): string {
  const asked = askedLanguage(request);
  return asked ? `?lang=${asked}` : '';
}
