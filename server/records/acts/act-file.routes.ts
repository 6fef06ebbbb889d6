import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dependencies } from '../../dependencies.ts';
import { formField, formLimitBytes, registerForms } from '../../http/forms.ts';
import { languageOf } from '../../http/language.ts';
import { rememberLanguage } from '../../http/language-choice.ts';
import { recordsPages } from '../../identity/records-pages.ts';
import { requireRight } from '../../identity/require-right.ts';
import { parisDay } from '../../paris-day.ts';
import { Problem } from '../../problem.ts';
import { isLanguage, type Language } from '../../texts.ts';
import { logAccess } from '../access-log/log-access.ts';
import { shownEarlier } from '../adverse-events/adverse-event-page.ts';
import { listEventsAfter } from '../adverse-events/find-adverse-events.ts';
import { findPatientHead } from '../patients/find-patient-head.ts';
import type { Finding } from '../rules/dose-rules.ts';
import { mayDoToAct } from './act-authority.ts';
import type { Entry } from './act-entry.ts';
import {
  consultationFields,
  type FormValues,
  fromAct,
  injectionFields,
  toConsultation,
  toInjection,
} from './act-form.ts';
import { asFormProblem, reasonOf, restoringOf } from './act-form-page.ts';
import { shownHistory } from './act-history-page.ts';
import {
  actAddress,
  actCard,
  actTitle,
  type Deed,
  doneOf,
  fileHead,
  formFields,
  nameOf,
  type PageWording,
  shownErrors,
  shownFindings,
} from './acts-page.ts';
import { correctConsultation } from './correct-consultation.ts';
import { correctInjection } from './correct-injection.ts';
import { entryOf, mayRecord } from './entry-of.ts';
import { type ActKind, actKinds } from './find-act.ts';
import { changesSince } from './list-versions.ts';
import { readAct } from './read-act.ts';
import { enterInError, restoreAct, validateAct } from './set-act-state.ts';
import { warningsOfStanding } from './unknown-finess.ts';

interface ItemRequest {
  Params: { readonly id: string; readonly itemId: string };
}

/** The page of one act: its history, and what can be done to it. */
export async function actFileRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { db, clock, config, texts, recordRules } = deps;
  const pages = recordsPages(deps);
  await registerForms(app);
  app.removeContentTypeParser('application/json');

  const wordingOf = async (language: Language): Promise<PageWording> => ({
    texts,
    language,
    vaccines: await recordRules.current(),
  });

  async function shownHead(patientId: string, language: Language) {
    const patient = await findPatientHead(db, patientId);
    if (!patient) throw new Problem(404, 'no-such-patient');
    return fileHead(patient, language);
  }

  /** An act with its history, logged as read. */
  const readLogged = async (entry: Entry, kind: ActKind, patientId: string, itemId: string) => {
    const { doseRules } = await recordRules.current();
    return db.transaction(async (tx) => {
      const read = await readAct(tx, kind, { patientId, itemId }, doseRules);
      const followed = kind === 'injection' ? await listEventsAfter(tx, patientId, itemId) : [];
      await logAccess(tx, { ...entry, patientId, action: `${kind}.read` }, clock.now());
      return { ...read, followed, may: await mayDoToAct(tx, entry, read.act) };
    });
  };

  async function sendAct(
    request: FastifyRequest<ItemRequest>,
    reply: FastifyReply,
    kind: ActKind,
    problem?: Problem,
  ) {
    const language = languageOf(request);
    const { id: patientId, itemId } = request.params;
    const entry = await entryOf(request, deps);
    const wording = await wordingOf(language);
    const { act, history, followed, may } = await readLogged(entry, kind, patientId, itemId);
    const details = problem?.describe(texts, language);
    const [wrong] = shownErrors(details?.errors ?? []);
    const found = foundIn(problem);
    const done = problem ? undefined : doneOf(texts, language, request.query);
    const insists = formField(request.body, 'overrideReason');
    const data = {
      ...(await shownHead(patientId, language)),
      ...actCard(wording, patientId, act),
      version: act.version,
      done,
      // Right after it was typed: later it would only be in the way.
      warnings: (done === undefined || act.state !== 'recorded'
        ? []
        : await warningsOfStanding(db, entry, act)
      ).map(({ key, parameters }) => texts.say(language, key, parameters)),
      findings: act.kind === 'injection' ? shownFindings(wording, found ?? act.findings) : [],
      history: shownHistory(wording, history),
      isInjection: kind === 'injection',
      events: shownEarlier(wording, patientId, followed),
      // What follows a patient found fit.
      toInjection:
        act.kind === 'consultation' &&
        act.decision === 'fit' &&
        (await mayRecord('injection', request, deps)),
      mayChange: may.change,
      mayValidate: may.validate,
      performer: nameOf(act.performedBy),
      typed: formField(request.body, 'reason'),
      reasonError: wrong?.field === 'reason' ? wrong.message : undefined,
      insists,
      insistsError: wrong?.field === 'overrideReason' ? wrong.message : undefined,
      asksReason: found !== undefined || insists !== undefined,
      heading: details?.title,
      errors: details && [wrong ?? { message: details.detail, ...(found && { field: 'overrideReason' }) }],
      sameAct: problem?.code === 'same-act' || formField(request.body, 'notADuplicate') === 'yes',
      apart: formField(request.body, 'notADuplicate') === 'yes',
      languageSwitch: { address: actAddress(patientId, act) },
    };
    return pages.send(request, reply, {
      name: 'records/injection-file',
      section: 'patients',
      title: actTitle(wording, act),
      data,
      status: problem?.statusCode ?? 200,
    });
  }

  async function sendCorrection(
    request: FastifyRequest<ItemRequest>,
    reply: FastifyReply,
    kind: ActKind,
    problem?: Problem,
  ) {
    const chosen = formField(request.body, 'lang');
    const language = isLanguage(chosen) ? chosen : languageOf(request);
    if (isLanguage(chosen)) rememberLanguage(reply, chosen, config);
    const { id: patientId, itemId } = request.params;
    const entry = await entryOf(request, deps);
    const wording = await wordingOf(language);
    const { act, history } = await readLogged(entry, kind, patientId, itemId);
    const typed = request.method === 'POST';
    const values = typed ? readForm(kind, request.body) : fromAct(act);
    const details = problem?.describe(texts, language);
    const errors = shownErrors(details?.errors ?? []);
    const found = foundIn(problem) ?? [];
    const data = {
      ...(await shownHead(patientId, language)),
      ...formFields(wording, { values, errors, performers: [act.performedBy] }, parisDay(act.occurredAt)),
      subtitle: actTitle(wording, act),
      isInjection: kind === 'injection',
      action: `${actAddress(patientId, act)}/corriger`,
      back: actAddress(patientId, act),
      version: act.version,
      values,
      findings: shownFindings(wording, found),
      asksReason: found.length > 0 || problem?.code === 'same-act' || values.overrideReason,
      sameAct: problem?.code === 'same-act' || values.notADuplicate === 'yes',
      // Whoever was overtaken sees what the others did since, above what they typed themselves.
      overtaken:
        problem?.code === 'stale-record'
          ? shownHistory(wording, changesSince(history, formField(request.body, 'version')))
          : [],
      heading: errors.length === 0 ? details?.title : undefined,
      errors: details && (errors.length > 0 ? errors : [{ message: details.detail }]),
      languageSwitch: { form: 'act-form' },
    };
    return pages.send(request, reply, {
      name: 'records/injection-correct',
      section: 'patients',
      title: texts.say(language, 'records-acts.correct.title'),
      data,
      status: problem?.statusCode ?? 200,
      language,
    });
  }

  /** Whatever stands in the way, the same page comes back with all that was typed. */
  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    const url = request.routeOptions.url ?? '';
    const kind = actKinds.find((each) => url.includes(`/${each}s/`));
    const problem = asFormProblem(error);
    const lost = [401, 404].includes(problem.statusCode) || problem.code.startsWith('may-not');
    if (request.method !== 'POST' || typeof request.body !== 'object' || !kind || lost) throw error;
    if (problem.statusCode >= 500) request.log.error({ err: error }, 'request failed');
    // The routes with a kind in their address all have these parameters, checked before.
    const asked = request as FastifyRequest<ItemRequest>;
    return url.endsWith('/corriger')
      ? sendCorrection(asked, reply, kind, problem)
      : sendAct(asked, reply, kind, problem);
  });

  for (const kind of actKinds) {
    const path = `/dossiers/:id/${kind}s/:itemId`;
    const read = { onRequest: requireRight(deps, 'patient.read'), schema: { params: ItemParams } };
    const write = {
      onRequest: requireRight(deps, `${kind}.record`, 'entry.on_behalf'),
      bodyLimit: formLimitBytes,
      schema: { params: ItemParams },
    };
    app.get<ItemRequest>(path, read, async (request, reply) => sendAct(request, reply, kind));
    app.get<ItemRequest>(
      `${path}/corriger`,
      { onRequest: write.onRequest, schema: { params: ItemParams } },
      async (request, reply) => sendCorrection(request, reply, kind),
    );

    app.post<ItemRequest>(`${path}/corriger`, write, async (request, reply) => {
      const reference = checked(request);
      if (formField(request.body, 'lang') !== undefined) return sendCorrection(request, reply, kind);
      const entry = await entryOf(request, deps);
      const values = readForm(kind, request.body);
      const why = reasonOf(request.body);
      if (kind === 'injection') {
        const given = toInjection(values);
        if ('errors' in given) throw new Problem(422, 'invalid', { errors: given.errors });
        const { performedBy: _, scan: __, ...body } = given.body;
        const emptied = {
          lotExpiry: null,
          gtin: null,
          serial: null,
          arm: null,
          site: null,
          doseVolume: null,
        };
        const correction = { ...emptied, consultationId: null, notADuplicate: false, ...body, reason: why };
        await correctInjection(db, entry, reference, correction, await recordRules.current(), clock.now());
      } else {
        const given = toConsultation(values);
        if ('errors' in given) throw new Problem(422, 'invalid', { errors: given.errors });
        const { performedBy: _, ...body } = given.body;
        await correctConsultation(db, entry, reference, { ...body, reason: why }, clock.now());
      }
      return backTo(request, reply, kind, 'correct');
    });

    app.post<ItemRequest>(`${path}/erreur`, write, async (request, reply) => {
      const reference = { kind, ...checked(request) };
      await enterInError(db, await entryOf(request, deps), reference, reasonOf(request.body), clock.now());
      return backTo(request, reply, kind, 'enter_in_error');
    });

    app.post<ItemRequest>(`${path}/retablir`, write, async (request, reply) => {
      const reference = { kind, ...checked(request) };
      const rules = await recordRules.current();
      const given = restoringOf(request.body);
      await restoreAct(db, await entryOf(request, deps), reference, given, rules, clock.now());
      return backTo(request, reply, kind, 'restore');
    });

    app.post<ItemRequest>(
      `${path}/valider`,
      { ...write, onRequest: requireRight(deps, 'record.validate') },
      async (request, reply) => {
        const reference = { kind, ...checked(request) };
        await validateAct(db, await entryOf(request, deps), reference, clock.now());
        if (formField(request.body, 'list') === 'yes') {
          return reply.redirect('/dossiers/a-valider?fait=validate', 303);
        }
        return backTo(request, reply, kind, 'validate');
      },
    );
  }

  function backTo(request: FastifyRequest<ItemRequest>, reply: FastifyReply, kind: ActKind, deed: Deed) {
    const { id, itemId } = request.params;
    return reply.redirect(`${actAddress(id, { kind, id: itemId })}?fait=${deed}`, 303);
  }

  /** The act that a form with a token of this session is about, as the version that its page showed. */
  function checked(request: FastifyRequest<ItemRequest>) {
    if (!pages.tokenHolds(request)) throw new Problem(403, 'stale-form');
    const version = formField(request.body, 'version') ?? '';
    if (!/^[1-9]\d{0,8}$/.test(version)) throw new Problem(422, 'bad-request');
    return { patientId: request.params.id, id: request.params.itemId, version: Number(version) };
  }
}

/** What the dose rules said of an injection that was refused for it. */
function foundIn(problem: Problem | undefined): readonly Finding[] | undefined {
  // The commands on acts alone throw it, with what the rules said.
  return problem?.code === 'dose-findings' ? (problem.extensions.findings as readonly Finding[]) : undefined;
}

function readForm(kind: ActKind, body: unknown): FormValues {
  const names = kind === 'injection' ? injectionFields : consultationFields;
  return Object.fromEntries(names.map((name) => [name, formField(body, name) ?? '']));
}

const uuid = { type: 'string', format: 'uuid' } as const;
const ItemParams = {
  type: 'object',
  properties: { id: uuid, itemId: uuid },
  required: ['id', 'itemId'],
} as const;
