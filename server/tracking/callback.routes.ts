import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { bookCallback } from '../callbacks/book-callback.ts';
import { cancelCallback } from '../callbacks/cancel-callback.ts';
import { callerZone } from '../callbacks/zones.ts';
import type { Dependencies } from '../dependencies.ts';
import { formTokens } from '../http/form-tokens.ts';
import { askedLanguage, formField, registerForms, sendPage } from '../http/forms.ts';
import { languageOf } from '../http/language.ts';
import { Problem } from '../problem.ts';
import { type CallbackTyped, callbackPage } from './callback-page.ts';
import { findTrackedCase, getTrackedCase, type TrackedCase } from './find-tracked-case.ts';
import { asFormProblem, changeLimit, subjectOf } from './tracking-forms.ts';
import { trackingAddress } from './tracking-page.ts';

interface CallbackRequest {
  Params: { readonly token: string };
}

/** `/suivi/{token}/rappel`: a practitioner books, changes or cancels a callback. Nothing changes by GET. */
export async function callbackPages(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { clock, config, db, texts, views, doorbell } = deps;
  const tokens = formTokens(config.secrets, clock);
  await registerForms(app);
  app.removeContentTypeParser('application/json');

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    tracked: TrackedCase,
    typed: CallbackTyped,
    { problem, zoneAsked = false }: { readonly problem?: Problem; readonly zoneAsked?: boolean } = {},
  ) {
    const language = askedLanguage(request) ?? tracked.record.language;
    const page = await callbackPage(deps, tracked, {
      language,
      token: tokens.make(subjectOf(tracked.record.trackingToken)),
      query: languageQuery(request),
      typed,
      zoneAsked,
      refusal: problem?.describe(texts, language),
    });
    const html = views.page('tracking/callback', language, page);
    return sendPage(reply.status(problem?.statusCode ?? 200), html);
  }

  /** Whatever stands in the way of what was sent, the page says it, and keeps what was chosen and typed. */
  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    if (request.method !== 'POST' || typeof request.body !== 'object') throw error;
    const problem = asFormProblem(error);
    if (problem.statusCode >= 500) request.log.error({ err: error }, 'request failed');
    const { token } = request.params as CallbackRequest['Params'];
    const tracked = await findTrackedCase(db, token).catch(() => undefined);
    if (tracked) return show(request, reply, tracked, typedIn(request.body), { problem });
    const language = languageOf(request);
    const { title, detail } = problem.describe(texts, language);
    const html = views.page('case/lost', language, { private: true, title, detail });
    return sendPage(reply.status(problem.statusCode), html);
  });

  async function checkForm(request: FastifyRequest<CallbackRequest>): Promise<void> {
    const { token } = request.params;
    if (tokens.check(subjectOf(token), formField(request.body, 'token')) === 'ok') return;
    // An unknown link is told as such first: no token could be right for it.
    await getTrackedCase(db, token);
    throw new Problem(403, 'stale-form');
  }

  function done(request: FastifyRequest<CallbackRequest>, reply: FastifyReply, deed: string) {
    const query = languageQuery(request);
    const address = trackingAddress(request.params.token);
    return reply.redirect(`${address}${query ? `${query}&` : '?'}fait=${deed}`, 303);
  }

  app.get<CallbackRequest>('/suivi/:token/rappel', async (request, reply) => {
    const zone = callerZone(formField(request.query, 'fuseau'));
    return show(request, reply, await getTrackedCase(db, request.params.token), { zone });
  });

  // The same page with the hours of another zone, and all that was chosen and typed. It changes nothing, but is sent as a
  // form is: a telephone number has no place in an address.
  app.post<CallbackRequest>(
    '/suivi/:token/rappel/fuseau',
    { config: { rateLimit: changeLimit } },
    async (request, reply) => {
      const tracked = await getTrackedCase(db, request.params.token);
      const typed = typedIn(request.body);
      const zone = callerZone(formField(request.body, 'fuseau-voulu')) ?? typed.zone;
      return show(request, reply, tracked, { ...typed, zone }, { zoneAsked: true });
    },
  );

  app.post<CallbackRequest>(
    '/suivi/:token/rappel',
    { config: { rateLimit: changeLimit } },
    async (request, reply) => {
      await checkForm(request);
      const { slot, phone, zone } = typedIn(request.body);
      const startsAt = readSlot(slot);
      const rules = { configuration: await deps.routing.current(), terms: config.callbacks };
      const { token } = request.params;
      const { changed } = await bookCallback(db, { token, startsAt, phone, zone }, rules, clock.now());
      if (changed) doorbell.ring();
      return done(request, reply, 'callback');
    },
  );

  app.post<CallbackRequest>(
    '/suivi/:token/rappel/annuler',
    { config: { rateLimit: changeLimit } },
    async (request, reply) => {
      await checkForm(request);
      const { changed } = await cancelCallback(db, request.params.token, clock.now());
      if (changed) doorbell.ring();
      return done(request, reply, 'callback_cancelled');
    },
  );

  // Where a button led, when the address is opened again: to the page that it came from.
  for (const [button, page] of [
    ['annuler', ''],
    ['fuseau', '/rappel'],
  ] as const) {
    app.get<CallbackRequest>(`/suivi/:token/rappel/${button}`, async (request, reply) => {
      const { record } = await getTrackedCase(db, request.params.token);
      return reply.redirect(trackingAddress(record.trackingToken) + page + languageQuery(request), 303);
    });
  }
}

function typedIn(source: unknown): CallbackTyped {
  return {
    slot: formField(source, 'creneau'),
    phone: formField(source, 'telephone'),
    zone: callerZone(formField(source, 'fuseau')),
  };
}

/** @throws Problem 422 `invalid` when nothing was chosen; 409 `callback-not-offered` for what is no instant. */
function readSlot(slot: string | undefined): Date {
  if (!slot) {
    throw new Problem(422, 'invalid', {
      errors: [{ path: '/startsAt', key: 'callbacks.errors.slot_missing' }],
    });
  }
  const instant = new Date(slot);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:00\.000Z$/.test(slot) || Number.isNaN(instant.getTime())) {
    throw new Problem(409, 'callback-not-offered');
  }
  return instant;
}

function languageQuery(request: FastifyRequest): string {
  const asked = askedLanguage(request);
  return asked ? `?lang=${asked}` : '';
}
