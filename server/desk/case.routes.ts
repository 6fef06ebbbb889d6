import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { listPresences } from '../agents/presence.ts';
import { priorities } from '../cases/cases.table.ts';
import { type CaseDetail, getCase } from '../cases/find-case.ts';
import type { Dependencies } from '../dependencies.ts';
import { formLimitBytes } from '../http/forms.ts';
import { languageOf } from '../http/language.ts';
import { Problem } from '../problem.ts';
import { hotlinesInService } from '../routing/configuration.ts';
import { isLanguage } from '../texts.ts';
import { viewCallback } from './callbacks-view.ts';
import { caseActions, formField, maxTextLength, readTyped, type Typed } from './case-actions.ts';
import { possibleCommands, type Reader, viewCase } from './case-view.ts';
import { type DeskPages, tokenSubject } from './desk-pages.ts';
import { textField } from './form-fields.ts';

interface CaseRoute {
  Params: { number: string; action: string };
}

/** A case's page, `/desk/dossiers/{number}`, and the forms on it. */
export async function caseRoutes(app: FastifyInstance, deps: Dependencies, pages: DeskPages): Promise<void> {
  const { db, clock, doorbell, texts } = deps;

  async function show(
    request: FastifyRequest<CaseRoute>,
    reply: FastifyReply,
    refused?: { readonly problem: Problem; readonly action: string; readonly typed: Typed },
  ): Promise<FastifyReply> {
    const { agent, params } = request;
    const language = languageOf(request);
    const given = { agent, number: params.number };
    const detail = await getCase(db, given, language);
    const reader: Reader = {
      texts,
      language,
      agent,
      configuration: await deps.routing.current(),
      now: clock.now(),
    };
    const can = possibleCommands(agent, detail);
    const title = texts.say(language, 'desk.case.title', { number: detail.number });
    return pages.send(
      request,
      reply,
      {
        name: 'case',
        section: 'case',
        title,
        status: refused?.problem.statusCode ?? 200,
        path: `/desk/dossiers/${detail.number}`,
        data: {
          case: viewCase(reader, detail, await originalTrail(given, detail, language)),
          can: { ...can, any: Object.entries(can).some(([name, may]) => may && !alwaysThere.has(name)) },
          limits: { text: maxTextLength },
          priorities: priorities.map((value) => ({
            value,
            label: texts.say(language, `desk.priorities.${value}`),
          })),
          priority: refused?.typed.priority || detail.priority,
          lines: can.transfer ? otherLines(reader, detail.hotline) : [],
          callback: can.callback && detail.callbackAt ? await viewCallback(deps, reader, detail) : undefined,
          colleagues: can.assign ? await colleagues(reader, detail) : [],
          ...(refused ? refusedForm(reader, refused) : { typed: {}, fields: {}, open: {} }),
        },
      },
      agent,
    );
  }

  /** The trail as the practitioner read it, when that is not in the agent's language. */
  async function originalTrail(
    given: Parameters<typeof getCase>[1],
    { practitioner }: CaseDetail,
    language: string,
  ): Promise<CaseDetail['trail'] | undefined> {
    if (practitioner.language === language || !isLanguage(practitioner.language)) return undefined;
    return (await getCase(db, given, practitioner.language)).trail;
  }

  async function colleagues({ language, agent }: Reader, { hotline, assignee }: CaseDetail) {
    const there = await listPresences(db);
    return there
      .filter(({ id, hotlineId }) => hotlineId === hotline && id !== assignee?.id && id !== agent.id)
      .map(({ id, name, presence }) => ({
        value: id,
        label: texts.say(language, 'desk.actions.assign.colleague', {
          name,
          presence: texts.say(language, `desk.presence.${presence}`),
        }),
      }));
  }

  app.get<CaseRoute>('/desk/dossiers/:number', async (request, reply) => show(request, reply));

  app.post<CaseRoute>(
    '/desk/dossiers/:number/:action',
    {
      bodyLimit: formLimitBytes,
      config: {
        showAgain: (request, reply, problem) => {
          // The route is this one: its parameters are those.
          const { params, body } = request as FastifyRequest<CaseRoute>;
          const typed = readTyped(caseActions[params.action]?.fields ?? [], body);
          return show(request as FastifyRequest<CaseRoute>, reply, { problem, action: params.action, typed });
        },
      },
    },
    async (request, reply) => {
      const { agent, params, body } = request;
      const action = Object.hasOwn(caseActions, params.action) ? caseActions[params.action] : undefined;
      if (!action) throw new Problem(404, 'not-found');
      if (!pages.tokenHolds(tokenSubject(agent), textField(body, 'token'))) {
        throw new Problem(403, 'stale-form');
      }
      const version = /^\d{1,9}$/.exec(textField(body, 'version'))?.[0];
      const typed = readTyped(action.fields, body);
      const { number } = params;
      await action.run(
        db,
        { agent, number, version: version ? Number(version) : undefined, typed },
        clock.now(),
        { configuration: await deps.routing.current(), terms: deps.config.callbacks },
      );
      doorbell.ring();
      const path = action.leadsTo === 'queue' ? '/desk' : `/desk/dossiers/${encodeURIComponent(number)}`;
      return pages.done(reply, path, { code: action.flash, number });
    },
  );
}

/** What is offered apart from the list of actions, beside the messages. */
const alwaysThere: ReadonlySet<string> = new Set(['note', 'message', 'ask', 'callback']);

function otherLines({ configuration, language, now }: Reader, hotline: string) {
  return hotlinesInService(configuration, now)
    .filter(({ id }) => id !== hotline)
    .map(({ id, name }) => ({ value: id, label: name[language] }));
}

/** The folded forms of the page, by the action of theirs. */
const folded: Readonly<Record<string, string>> = {
  transferer: 'transfer',
  confier: 'assign',
  reunir: 'merge',
  'rappel-manque': 'missed',
};

function refusedForm(
  { texts, language }: Reader,
  { problem, action, typed }: { readonly problem: Problem; readonly action: string; readonly typed: Typed },
) {
  const errors = problem.errors.map(({ path, key, parameters }) => ({
    field: formField(path),
    message: texts.say(language, key, parameters),
  }));
  const key = problem.code === 'stale-version' ? 'desk.refused.stale' : `problems.${problem.code}.detail`;
  return {
    typed,
    errors: errors.length > 0 ? errors : [{ message: texts.say(language, key, problem.parameters) }],
    fields: Object.fromEntries(errors.map(({ field, message }) => [field, message])),
    open: { [folded[action] ?? '']: true },
  };
}
