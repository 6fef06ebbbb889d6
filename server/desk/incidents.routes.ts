import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dependencies } from '../dependencies.ts';
import { formLimitBytes } from '../http/forms.ts';
import { languageOf } from '../http/language.ts';
import { describeSuggestion } from '../incidents/band.ts';
import { checkIncident, maxIncidentMessageLength, maxTitleLength } from '../incidents/check-incident.ts';
import { closeIncident } from '../incidents/close-incident.ts';
import { dismissSuggestion } from '../incidents/dismiss-suggestion.ts';
import { editIncident } from '../incidents/edit-incident.ts';
import { findIncident, listIncidents } from '../incidents/list-incidents.ts';
import { openIncident } from '../incidents/open-incident.ts';
import { reopenableMs, reopenIncident } from '../incidents/reopen-incident.ts';
import { Problem } from '../problem.ts';
import type { ShowAgain } from './desk.routes.ts';
import { type DeskPages, type Flash, tokenSubject } from './desk-pages.ts';
import { textField } from './form-fields.ts';
import {
  emptyIncidentForm,
  formOf,
  type IncidentForm,
  type IncidentReader,
  readIncidentForm,
  typedIncident,
  viewDetail,
  viewForm,
  viewListed,
} from './incidents-view.ts';

interface IncidentRoute {
  Params: { readonly id: string };
}

/** Incidents at the desk: supervisors open, edit and close them, agents look. */
export async function incidentRoutes(
  app: FastifyInstance,
  deps: Dependencies,
  pages: DeskPages,
): Promise<void> {
  const { db, clock, doorbell, incidents, texts } = deps;

  const readerOf = (request: FastifyRequest): IncidentReader => ({
    texts,
    language: languageOf(request),
    now: clock.now(),
  });

  /** What every page of incidents shows beside its own. */
  function common({ agent }: FastifyRequest) {
    return {
      supervises: agent.role === 'supervisor',
      // Any of the agent's lines will do: what is told of incidents is the same on all.
      liveLine: agent.hotlines[0],
      limits: { title: maxTitleLength, message: maxIncidentMessageLength },
    };
  }

  function send(
    request: FastifyRequest,
    reply: FastifyReply,
    page: { name: string; title: string; path: string; data: object; problem?: Problem | undefined },
  ) {
    const { name, title, path, data, problem } = page;
    const status = problem?.statusCode ?? 200;
    const section = 'incidents';
    const all = { ...common(request), ...data };
    return pages.send(request, reply, { name, section, title, path, status, data: all }, request.agent);
  }

  async function showList(request: FastifyRequest, reply: FastifyReply, problem?: Problem) {
    const reader = readerOf(request);
    const { language } = reader;
    const [open, closed, { suggestions }] = await Promise.all([
      listIncidents(db, 'open'),
      listIncidents(db, 'closed'),
      incidents.current(),
    ]);
    return send(request, reply, {
      name: 'incidents',
      title: texts.say(language, 'incidents.desk.title'),
      path: '/desk/incidents',
      problem,
      data: {
        open: open.map((each) => viewListed(reader, each)),
        closed: closed.map((each) => viewListed(reader, each)),
        suggestions: suggestions.map((each) => describeSuggestion(texts, language, each)),
        errors: errorsOf(reader, problem),
      },
    });
  }

  async function showNew(
    request: FastifyRequest,
    reply: FastifyReply,
    form: IncidentForm,
    problem?: Problem,
  ) {
    const reader = readerOf(request);
    return send(request, reply, {
      name: 'incidents-new',
      title: texts.say(reader.language, 'incidents.desk.new_title'),
      path: '/desk/incidents/nouveau',
      problem,
      data: { form: viewForm(reader, form, fieldErrors(reader, problem)), errors: errorsOf(reader, problem) },
    });
  }

  async function showOne(
    request: FastifyRequest,
    reply: FastifyReply,
    refused?: { readonly problem: Problem; readonly form?: IncidentForm },
  ) {
    const reader = readerOf(request);
    const id = idOf(request);
    const detail = await findIncident(db, id);
    if (!detail) throw new Problem(404, 'no-such-incident');
    const { closedAt } = detail.record;
    return send(request, reply, {
      name: 'incidents-one',
      title: texts.say(reader.language, 'incidents.desk.badge', { id }),
      path: `/desk/incidents/${id}`,
      problem: refused?.problem,
      data: {
        incident: viewDetail(reader, detail),
        reopenable: closedAt !== null && clock.now().getTime() - closedAt.getTime() <= reopenableMs,
        form: viewForm(reader, refused?.form ?? formOf(detail.record), fieldErrors(reader, refused?.problem)),
        editing: refused?.form !== undefined,
        errors: errorsOf(reader, refused?.problem),
      },
    });
  }

  app.get('/desk/incidents', async (request, reply) => showList(request, reply));

  app.get('/desk/incidents/nouveau', async (request, reply) =>
    showNew(request, reply, await prefilled(request)),
  );

  /** From a suggestion, the form already says what rises. */
  async function prefilled(request: FastifyRequest): Promise<IncidentForm> {
    const { signal } = request.query as Readonly<Record<string, unknown>>;
    const { suggestions } = await incidents.current();
    const found = suggestions.find(({ id }) => String(id) === signal);
    if (!found) return emptyIncidentForm;
    const title = (language: 'fr' | 'en') =>
      texts.say(language, 'incidents.desk.prefill_title', {
        what: describeSuggestion(texts, language, found).what,
      });
    return {
      ...emptyIncidentForm,
      titleFr: title('fr'),
      ways: found.fact === 'way' ? [found.value] : [],
      symptoms: found.fact === 'symptom' ? [found.value] : [],
    };
  }

  app.get<IncidentRoute>('/desk/incidents/:id', async (request, reply) => showOne(request, reply));

  /** A form's route: its token is checked, and refused it shows its page again with all that was typed. */
  function onPost(
    path: string,
    showAgain: ShowAgain,
    act: (request: FastifyRequest) => Promise<{ readonly path: string; readonly flash: Flash }>,
  ) {
    app.post(path, { bodyLimit: formLimitBytes, config: { showAgain } }, async (request, reply) => {
      if (!pages.tokenHolds(tokenSubject(request.agent), textField(request.body, 'token'))) {
        throw new Problem(403, 'stale-form');
      }
      const done = await act(request);
      // This process knows at once, the others hear of it.
      incidents.forget();
      doorbell.ring();
      return pages.done(reply, done.path, done.flash);
    });
  }

  const formSent = (request: FastifyRequest) => readIncidentForm((name) => textField(request.body, name));
  function fieldsSent(request: FastifyRequest, before?: Date | null) {
    const { typed, dateProblem } = typedIncident(formSent(request), clock.now(), before);
    const fields = checkIncident(typed);
    const dateErrors = dateProblem ? [{ path: '/expectedEnd', key: dateProblem }] : [];
    if ('errors' in fields) throw new Problem(422, 'invalid', { errors: [...fields.errors, ...dateErrors] });
    if (dateErrors.length > 0) throw new Problem(422, 'invalid', { errors: dateErrors });
    return fields;
  }

  onPost(
    '/desk/incidents/nouveau',
    (request, reply, problem) => showNew(request, reply, formSent(request), problem),
    async (request) => {
      const { agent } = request;
      const { id } = await openIncident(db, { agent, fields: fieldsSent(request) }, clock.now());
      return { path: `/desk/incidents/${id}`, flash: { code: 'incidentOpened' } };
    },
  );

  onPost(
    '/desk/incidents/:id/modifier',
    (request, reply, problem) => showOne(request, reply, { problem, form: formSent(request) }),
    async (request) => {
      const id = idOf(request);
      const before = (await findIncident(db, id))?.record.expectedEnd;
      const given = {
        agent: request.agent,
        id,
        version: versionOf(request),
        fields: fieldsSent(request, before),
      };
      await editIncident(db, given, clock.now());
      return { path: `/desk/incidents/${id}`, flash: { code: 'incidentEdited' } };
    },
  );

  for (const [path, code, command] of [
    ['fermer', 'incidentClosed', closeIncident],
    ['rouvrir', 'incidentReopened', reopenIncident],
  ] as const) {
    onPost(
      `/desk/incidents/:id/${path}`,
      (request, reply, problem) => showOne(request, reply, { problem }),
      async (request) => {
        const given = { agent: request.agent, id: idOf(request), version: versionOf(request) };
        await command(db, given, clock.now());
        return { path: `/desk/incidents/${given.id}`, flash: { code } };
      },
    );
  }

  onPost(
    '/desk/incidents/signaux/:id/ecarter',
    (request, reply, problem) => showList(request, reply, problem),
    async (request) => {
      await dismissSuggestion(db, { agent: request.agent, id: idOf(request) }, clock.now());
      return { path: '/desk/incidents', flash: { code: 'suggestionDismissed' } };
    },
  );
}

/** The number in the address; what is none is nobody's. */
function idOf(request: FastifyRequest): number {
  const { id } = request.params as IncidentRoute['Params'];
  return /^[1-9]\d{0,14}$/.test(id) ? Number(id) : 0;
}

function versionOf({ body }: FastifyRequest): number | undefined {
  const version = /^\d{1,9}$/.exec(textField(body, 'version'))?.[0];
  return version === undefined ? undefined : Number(version);
}

/** The form's field of a value at fault: `/title/fr` is `titleFr`. */
function fieldOf(path: string): string {
  return path.slice(1).replace(/\/(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function fieldErrors(
  { texts, language }: IncidentReader,
  problem?: Problem,
): Readonly<Record<string, string>> {
  const errors = problem?.errors ?? [];
  return Object.fromEntries(
    errors.map(({ path, key, parameters }) => [fieldOf(path), texts.say(language, key, parameters)]),
  );
}

function errorsOf(reader: IncidentReader, problem?: Problem) {
  if (!problem) return [];
  const errors = Object.entries(fieldErrors(reader, problem)).map(([field, message]) => ({ field, message }));
  return errors.length > 0 ? errors : [{ message: problem.describe(reader.texts, reader.language).detail }];
}
