import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dependencies } from '../dependencies.ts';
import type { DirectoryLimits } from '../directory/directory-limits.ts';
import { formTokens } from '../http/form-tokens.ts';
import { askedLanguage, formField, registerForms, sendPage } from '../http/forms.ts';
import { languageOf, usualLanguage } from '../http/language.ts';
import { rememberLanguage } from '../http/language-choice.ts';
import { incidentBoxes, type WishSent, wishErrors } from '../incidents/incident-boxes.ts';
import { Problem } from '../problem.ts';
import { isLanguage, type Language } from '../texts.ts';
import { maxNumberLength, numberPath, resolveAnswer } from './look-up-number.ts';
import { isOnTheWay, type Notice, type PageRequest, questionPage, sessionAddress } from './question-page.ts';
import { answerSession, changeLanguage, getWalk, startSession, type Walk } from './sessions.ts';
import { takeWishes } from './subscribe.routes.ts';
import { sessionStarts } from './wizard.routes.ts';

/** What the form token of the start page is bound to: it has no session yet. */
const startSubject = 'wizard-start';

interface SessionParams {
  readonly id: string;
}
interface QuestionParams extends SessionParams {
  readonly node: string;
}

/** The wizard for people: one question a page, plain forms, no cookie and no script needed. */
export async function wizardPages(
  app: FastifyInstance,
  deps: Dependencies,
  limits: DirectoryLimits,
): Promise<void> {
  await registerForms(app);
  // A form is not sent as JSON; programs have the API.
  app.removeContentTypeParser('application/json');
  const { config, clock, db, texts, views } = deps;
  const tokens = formTokens(config.secrets, clock);

  async function sendStart(
    request: FastifyRequest,
    reply: FastifyReply,
    { stale = false, wish, notices }: { stale?: boolean; wish?: WishSent; notices?: readonly Notice[] } = {},
  ) {
    const language = languageOf(request);
    const situation = await deps.incidents.current();
    const incidents = incidentBoxes(situation, {}, language, clock.now(), {
      days: config.incidentAddressDays,
      // What is wrong with it is told in the language of the page, whatever is chosen meanwhile elsewhere.
      action: `/prevenir?lang=${language}`,
      sent: wish,
      noted: notedIn(request),
    });
    const data = {
      page: 'start',
      title: texts.say(language, 'diagnosis.start.title'),
      token: tokens.make(startSubject),
      stale,
      incidents,
      notices,
      errors: wishErrors(incidents),
    };
    return sendPage(reply, views.page('wizard/start', language, data));
  }

  async function sendQuestion(
    request: FastifyRequest,
    reply: FastifyReply,
    walk: Walk,
    asked: Omit<PageRequest, 'language' | 'situation' | 'now'>,
  ) {
    const language = languageOfSession(request, walk);
    const node = isOnTheWay(walk, asked.node) ? asked.node : walk.replay.nodeId;
    const data = questionPage(deps, tokens, walk, {
      ...asked,
      node,
      language,
      situation: await deps.incidents.current(),
      now: clock.now(),
      noted: notedIn(request),
    });
    const template = data.kind === 'outcome' ? 'wizard/outcome' : 'wizard/question';
    return sendPage(reply, views.page(template, language, data));
  }

  /** The same page again with why it did not take the answer: nothing is lost, the answer has only to be given again. */
  function sendRefusal(request: FastifyRequest, reply: FastifyReply, walk: Walk, node: string, why: Refusal) {
    const language = languageOfSession(request, walk);
    const message = texts.say(language, why.key);
    const typed = typedNumber(request.body);
    if (why.status === 422) {
      const errors = [{ field: why.field ?? 'answers', message }];
      return sendQuestion(request, reply.status(422), walk, { node, typed, errors });
    }
    const notices = [{ kind: 'danger' as const, alert: true, text: message }];
    return sendQuestion(request, reply.status(why.status), walk, { node, typed, notices });
  }

  app.get('/', async (request, reply) => sendStart(request, reply));
  app.get('/diagnostic', async (_request, reply) => reply.redirect('/', 302));

  app.post('/diagnostic', { config: { rateLimit: sessionStarts } }, async (request, reply) => {
    if (tokens.check(startSubject, formField(request.body, 'token')) !== 'ok') {
      return sendStart(request, reply.status(403), { stale: true });
    }
    const chosen = formField(request.body, 'language');
    const language = isLanguage(chosen) ? chosen : languageOf(request);
    const { session } = await startSession(db, language, clock.now());
    return reply.redirect(sessionAddress(session.id), 303);
  });

  takeWishes(app, deps, tokens, {
    path: '/',
    async find(request) {
      const language = languageOf(request);
      const address = language === usualLanguage(request) ? '/?' : `/?lang=${language}&`;
      return { subject: startSubject, language, address };
    },
    show: (request, reply, wish, notices) => sendStart(request, reply, { wish, notices }),
  });
  takeWishes(app, deps, tokens, {
    path: '/diagnostic/:id/:node/',
    async find(request) {
      const { id, node } = request.params as QuestionParams;
      const walk = await getWalk(db, id);
      const place = isOnTheWay(walk, node) ? node : walk.replay.nodeId;
      const address = sessionAddress(walk.session.id, place);
      const language = languageOfSession(request, walk);
      return {
        subject: walk.session.id,
        language,
        address: language === walk.session.language ? `${address}?` : `${address}?lang=${language}&`,
      };
    },
    async show(request, reply, wish, notices) {
      const { id, node } = request.params as QuestionParams;
      return sendQuestion(request, reply, await getWalk(db, id), { node, wish, notices });
    },
  });

  // Each question has an address of its own, so that the browser's "back" goes back by one question.
  app.get<{ Params: SessionParams }>('/diagnostic/:id', async (request, reply) => {
    const { session, replay } = await getWalk(db, request.params.id);
    return reply.redirect(sessionAddress(session.id, replay.nodeId) + languageQuery(request), 303);
  });

  app.get<{ Params: QuestionParams }>('/diagnostic/:id/:node', async (request, reply) => {
    const walk = await getWalk(db, request.params.id);
    const { node } = request.params;
    if (isOnTheWay(walk, node)) return sendQuestion(request, reply, walk, { node });
    if (!Object.hasOwn(walk.flow.nodes, node)) throw new Problem(404, 'not-found');
    // Reached by "forward", a bookmark or another tab: shown where the session stands, and told so.
    const text = texts.say(languageOfSession(request, walk), 'diagnosis.notices.left_aside');
    return sendQuestion(request, reply, walk, { node, notices: [{ text }] });
  });

  app.post<{ Params: QuestionParams }>('/diagnostic/:id/:node', async (request, reply) => {
    const { id, node } = request.params;
    const refuse = async (status: number, key: string, field?: string) =>
      sendRefusal(request, reply, await getWalk(db, id), node, { status, key, field });
    if (tokens.check(id, formField(request.body, 'token')) !== 'ok')
      return refuse(403, 'diagnosis.notices.stale');
    const language = formField(request.body, 'lang');
    if (isLanguage(language)) {
      await changeLanguage(db, id, language);
      rememberLanguage(reply, language, config);
      return sendQuestion(request, reply, await getWalk(db, id), { node, typed: typedNumber(request.body) });
    }
    const answer = formField(request.body, 'answer');
    if (!answer) return refuse(422, 'diagnosis.notices.no_answer');
    try {
      const sent = { node, answer, number: typedNumber(request.body) };
      const given = await resolveAnswer(deps, limits, request, id, sent);
      const { replay } = await answerSession(db, id, given, clock.now());
      return reply.redirect(sessionAddress(id, replay.nodeId), 303);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const number = error.errors.find(({ path }) => path === numberPath);
      if (number) return refuse(422, number.key, 'number');
      return refuse(error.statusCode === 400 ? 422 : error.statusCode, `problems.${error.code}.detail`);
    }
  });

  app.post<{ Params: SessionParams }>('/diagnostic/:id/langue', async (request, reply) => {
    const { id } = request.params;
    const walk = await getWalk(db, id);
    const node = formField(request.body, 'node') ?? walk.replay.nodeId;
    const language = formField(request.body, 'language');
    if (tokens.check(walk.session.id, formField(request.body, 'token')) !== 'ok') {
      return sendRefusal(request, reply, walk, node, { status: 403, key: 'diagnosis.notices.stale' });
    }
    if (!isLanguage(language)) throw new Problem(400, 'bad-request');
    await changeLanguage(db, id, language);
    rememberLanguage(reply, language, config);
    const place = isOnTheWay(walk, node) ? node : undefined;
    return reply.redirect(sessionAddress(walk.session.id, place), 303);
  });
}

/** The incident of which the address says that a wish to be told was noted. */
function notedIn(request: FastifyRequest): unknown {
  return (request.query as Readonly<Record<string, unknown>>).prevenu;
}

interface Refusal {
  readonly status: number;
  /** Of the sentence that says what to do. */
  readonly key: string;
  /** The field it is about, when it is not the choice. */
  readonly field?: string | undefined;
}

/** What the page's field holds; what is far too long for a number is cut, and so refused. */
function typedNumber(body: unknown): string {
  return (formField(body, 'number') ?? '').slice(0, maxNumberLength);
}

/** The session's own language, unless the address asks for another: no cookie is needed to keep it. */
function languageOfSession(request: FastifyRequest, { session }: Walk): Language {
  return askedLanguage(request) ?? session.language;
}

function languageQuery(request: FastifyRequest): string {
  const asked = askedLanguage(request);
  return asked ? `?lang=${asked}` : '';
}
