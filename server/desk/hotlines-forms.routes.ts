import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { QueueCounts } from '../cases/queue-counts.ts';
import type { Dependencies } from '../dependencies.ts';
import { languageOf } from '../http/language.ts';
import { type FieldProblem, Problem } from '../problem.ts';
import { addHotline } from '../routing/add-hotline.ts';
import { checkHotline, maxWordsLength, tidied } from '../routing/check-hotline.ts';
import { findHotline } from '../routing/configuration.ts';
import { listChanges } from '../routing/configuration-history.ts';
import { weekdayName } from '../routing/describe-hours.ts';
import { holidayCalendars } from '../routing/holidays.ts';
import { documentOf, type HotlineDocument } from '../routing/hotline-document.ts';
import { readForEditing } from '../routing/read-for-editing.ts';
import { refuseFaults, saveHotline } from '../routing/save-hotline.ts';
import { type DeskPages, tokenSubject } from './desk-pages.ts';
import { textField } from './form-fields.ts';
import { onlySupervisors } from './hotlines-access.ts';
import { blankLine, detailsForm } from './hotlines-details.ts';
import { exceptionForm, exceptionKinds } from './hotlines-exception.ts';
import { type LineForm, newPart, type Typed } from './hotlines-form.ts';
import { timetableForm, weekdays } from './hotlines-timetable.ts';
import { type LineReader, openCasesOf, viewHistory, viewPreview } from './hotlines-view.ts';

interface FormRoute {
  Params: { id: string; part?: string };
}

/** Each form by what its addresses are called: `/desk/hotlines/{id}/{its name}/{part}`. */
const forms = { details: detailsForm, timetables: timetableForm, exceptions: exceptionForm } as const;
type FormName = keyof typeof forms;

/** What a form's page shows beside the form. */
interface Shown {
  readonly typed?: Typed;
  /** The version that the form was made for; absent when it is shown for the first time. */
  readonly version?: number;
  readonly problem?: Problem;
  /** The document to show the coming days of. */
  readonly preview?: { readonly document: HotlineDocument; readonly from: string | null | undefined };
}

/** The forms on a line: each shows the coming days before it saves, and keeps what was typed whatever happens. */
export async function hotlineFormRoutes(
  app: FastifyInstance,
  deps: Dependencies,
  pages: DeskPages,
  counts: QueueCounts,
): Promise<void> {
  const { db, clock, texts, doorbell } = deps;

  for (const name of ['details', 'timetables', 'exceptions'] as const) {
    const path = name === 'details' ? '/desk/hotlines/:id/details' : `/desk/hotlines/:id/${name}/:part`;
    app.get<FormRoute>(path, async (request, reply) => show(name, request, reply, {}));
    app.post<FormRoute>(
      path,
      {
        config: {
          showAgain: (request, reply, problem) => {
            // The route is this one: its parameters are those.
            const here = request as FastifyRequest<FormRoute>;
            return show(name, here, reply, { ...sent(forms[name], request.body), problem });
          },
        },
      },
      async (request, reply) => answer(name, request, reply),
    );
  }

  async function answer(name: FormName, request: FastifyRequest<FormRoute>, reply: FastifyReply) {
    const { agent, body, params } = request;
    onlySupervisors(agent);
    if (!pages.tokenHolds(tokenSubject(agent), textField(body, 'token'))) {
      throw new Problem(403, 'stale-form');
    }
    const form: LineForm = forms[name];
    const { typed, version } = sent(form, body);
    const part = params.part ?? '';
    const { saved, configuration } = await lineOf(params.id);
    const wording = { texts, language: languageOf(request) };
    const action = textField(body, 'do');
    const removed = action === 'remove' ? form.remove?.(saved, part) : undefined;
    const wanted = removed ? { document: removed, errors: [] } : form.apply(saved, part, typed, wording);
    const document = tidied(wanted.document);
    const isNew = params.id === newPart;

    try {
      const unread = wanted.errors.length > 0 ? [...wanted.errors, ...checkHotline(document)] : [];
      if (unread.length > 0) throw new Problem(422, 'invalid', { errors: unread });
      const now = clock.now();
      if (action === 'preview') {
        if (isNew) refuseFaultsOfNew(document);
        else refuseFaults(configuration, params.id, document, now);
        return await show(name, request, reply, {
          typed,
          version,
          preview: { document, from: wanted.from },
        });
      }
      const id = isNew ? (typed.id ?? '').trim() : params.id;
      if (isNew) await addHotline(db, { agent, id, document }, now);
      else await saveHotline(db, { agent, id, version, document }, now);
      deps.routing.invalidate();
      // Every process looks whether something was saved.
      doorbell.ring();
      return pages.done(reply, `/desk/hotlines/${encodeURIComponent(id)}`, { code: 'lineSaved' });
    } catch (error) {
      if (!(error instanceof Problem) || error.errors.length === 0) throw error;
      throw new Problem(error.statusCode, error.code, {
        errors: inForm(form, error.errors, document),
        cause: error,
      });
    }
  }

  async function lineOf(id: string) {
    const isNew = id === newPart;
    const { configuration, version } = await readForEditing(db, `hotline:${id}`);
    const line = findHotline(configuration, id);
    if (!line && !isNew) throw new Problem(404, 'not-found');
    return { configuration, version, saved: line ? documentOf(line) : blankLine };
  }

  async function show(
    name: FormName,
    request: FastifyRequest<FormRoute>,
    reply: FastifyReply,
    { typed, version: since, problem, preview }: Shown,
  ): Promise<FastifyReply> {
    const { agent, params } = request;
    onlySupervisors(agent);
    const language = languageOf(request);
    const { id, part = '' } = params;
    const isNewLine = id === newPart;
    if (isNewLine && name !== 'details') throw new Problem(404, 'not-found');
    const { configuration, version, saved } = await lineOf(id);
    const form: LineForm = forms[name];
    const filled = form.fill(saved, part);
    // What is corrected may be gone meanwhile: what was typed is still there to be saved.
    if (!filled && !typed) throw new Problem(404, 'not-found');
    const reader: LineReader = { texts, language, configuration, now: clock.now() };
    const say = (key: string, parameters = {}) => texts.say(language, key, parameters);
    const meanwhile = since !== undefined && since < version && !isNewLine;
    const title = isNewLine
      ? say('desk-hotlines.forms.newLine')
      : say(`desk-hotlines.forms.${name}`, { line: saved.name[language] });
    return pages.send(
      request,
      reply,
      {
        name: 'hotlines-form',
        section: 'hotlines',
        title,
        status: problem?.statusCode ?? 200,
        path: `/desk/hotlines/${id}/${name}${part && `/${part}`}`,
        data: {
          id,
          back: isNewLine ? '/desk/hotlines' : `/desk/hotlines/${id}`,
          isNewLine,
          form: name,
          version,
          typed: typed ?? filled,
          ...choices(reader),
          openCases: name === 'details' && !isNewLine ? await openCasesOf(counts, id) : undefined,
          limits: { words: maxWordsLength },
          removable: form.remove !== undefined && part !== newPart,
          meanwhile: meanwhile && viewHistory(reader, await listChanges(db, `hotline:${id}`, since)),
          preview:
            preview && viewPreview(reader, preview.document, isNewLine ? undefined : saved, preview.from),
          ...faultsInWords(reader, problem),
        },
      },
      agent,
    );
  }
}

/** What a new line cannot be, before its id is looked at. @throws Problem 422 `invalid`. */
function refuseFaultsOfNew(document: HotlineDocument): void {
  const errors = checkHotline(document);
  if (errors.length > 0) throw new Problem(422, 'invalid', { errors });
}

function sent(form: LineForm, body: unknown): { readonly typed: Typed; readonly version: number } {
  const version = /^\d{1,9}$/.exec(textField(body, 'version'))?.[0] ?? '0';
  const typed = Object.fromEntries(form.fields.map((field) => [field, textField(body, field)]));
  return { typed, version: Number(version) };
}

/** Faults of a document at the fields of the form, each once. */
function inForm(
  form: LineForm,
  errors: readonly FieldProblem[],
  document: HotlineDocument,
): readonly FieldProblem[] {
  const there = errors.map((error) => {
    const isField = form.fields.includes(error.path.slice(1));
    return isField ? error : { ...error, path: `/${form.fieldOf(error.path, document)}` };
  });
  return there.filter(
    ({ path, key }, index) => there.findIndex((each) => each.path === path && each.key === key) === index,
  );
}

/** The fields that are groups of buttons: their first button is what an error leads to. */
const groups: ReadonlySet<string> = new Set(['holidays', 'known', 'kind']);

function faultsInWords({ texts, language }: LineReader, problem: Problem | undefined) {
  if (!problem) return { fields: {} };
  const errors = problem.errors.map(({ path, key, parameters }) => {
    const name = path.slice(1);
    const weekday = /^day-(\d)$/.exec(name)?.[1];
    const sentence = texts.say(language, key, parameters);
    return {
      name,
      field: groups.has(name) ? `${name}-0` : name,
      message: sentence,
      summary: weekday
        ? texts.say(language, 'desk-hotlines.errors.onDay', {
            day: weekdayName({ texts, language }, Number(weekday)),
            sentence,
          })
        : sentence,
    };
  });
  const general = [{ message: texts.say(language, `problems.${problem.code}.detail`, problem.parameters) }];
  return {
    errors: errors.length > 0 ? errors.map(({ field, summary }) => ({ field, message: summary })) : general,
    fields: Object.fromEntries(errors.map(({ name, message }) => [name, message])),
  };
}

/** What the selects and radio buttons of the forms offer. */
function choices(reader: LineReader) {
  const { texts, language } = reader;
  const option = (value: string, key: string) => ({ value, label: texts.say(language, key) });
  return {
    calendars: holidayCalendars.map((each) => option(each, `configuration.calendars.${each}`)),
    kinds: exceptionKinds.map((each) => option(each, `desk-hotlines.kinds.${each}`)),
    holidays: (['open', 'closed'] as const).map((each) => option(each, `configuration.holidays.${each}`)),
    known: (['yes', 'no'] as const).map((each) => option(each, `desk-hotlines.known.${each}`)),
    weekdays: weekdays.map((weekday) => ({ weekday, name: weekdayName(reader, weekday) })),
  };
}
