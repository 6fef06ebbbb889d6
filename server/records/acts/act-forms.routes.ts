import { randomUUID } from 'node:crypto';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dependencies } from '../../dependencies.ts';
import { asProblem } from '../../http/error-handling.ts';
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
import { recallEvents } from '../adverse-events/recall-events.ts';
import { findPatientHead } from '../patients/find-patient-head.ts';
import type { Entry } from './act-entry.ts';
import {
  consultationFields,
  type FormValues,
  fromDraft,
  injectionFields,
  toConsultation,
  toInjection,
} from './act-form.ts';
import {
  actAddress,
  fileAddress,
  fileHead,
  formFields,
  nameOf,
  type PageWording,
  type ShownError,
  shownErrors,
  shownFindings,
} from './acts-page.ts';
import { draftAct, findPerformers } from './draft.ts';
import { entryOf } from './entry-of.ts';
import { fillForm } from './fill-form.ts';
import { type ActKind, actKinds } from './find-act.ts';
import { zoneOfFiness } from './place-zone.ts';
import { proposalRows } from './proposal-page.ts';
import { recordConsultation } from './record-consultation.ts';
import {
  type InjectionProposal,
  needsReason,
  proposeInjection,
  recordInjection,
} from './record-injection.ts';

interface FileRequest {
  Params: { readonly id: string };
}

interface Shown {
  readonly values: FormValues;
  readonly sources?: Readonly<Record<string, string>>;
  readonly errors?: readonly ShownError[];
  readonly refusal?: { readonly title: string; readonly detail: string };
  readonly status?: number;
  /** What was refused can be recorded with a reason. */
  readonly asksReason?: boolean;
  readonly language: Language;
}

/**
 * The forms by which people record. An injection takes three steps of whoever comes back for a second dose: find the
 * file, scan (the scanner's Enter sends the form), confirm.
 */
export async function actFormsRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { db, clock, config, texts, recordRules } = deps;
  const pages = recordsPages(deps);
  await registerForms(app);
  app.removeContentTypeParser('application/json');

  const wordingOf = async (language: Language): Promise<PageWording> => ({
    texts,
    language,
    vaccines: await recordRules.current(),
  });

  async function head(patientId: string, language: Language) {
    const patient = await findPatientHead(db, patientId);
    if (!patient) throw new Problem(404, 'no-such-patient');
    return fileHead(patient, language);
  }

  const earlier = async (entry: Entry, id: string, wording: PageWording) =>
    shownEarlier(wording, id, await recallEvents(db, entry, id, clock.now()));

  async function sendForm(
    request: FastifyRequest,
    reply: FastifyReply,
    entry: Entry,
    kind: ActKind,
    shown: Shown,
  ) {
    const { id } = request.params as FileRequest['Params'];
    const { language, values, sources, errors = [], refusal } = shown;
    const performers = await findPerformers(db, entry, kind, clock.now());
    const state = { values, errors, performers, ...(sources && { sources }) };
    const day = values.date || parisDay(clock.now());
    const wording = await wordingOf(language);
    const patient = await head(id, language);
    // An injection's form is logged with what it recalls, and a consultation's, when it is first shown, with its draft.
    if (kind === 'consultation' && request.method === 'POST')
      await logAccess(db, { ...entry, patientId: id, action: 'consultation.draft' }, clock.now());
    const data = {
      ...patient,
      ...formFields(wording, state, day),
      earlier: kind === 'injection' ? await earlier(entry, id, wording) : [],
      action: `${fileAddress(id)}/${kind}`,
      values,
      // Also one that was given further on, for it to be kept.
      asksReason: shown.asksReason || values.overrideReason,
      errors: refusal ? [{ message: refusal.detail }] : errors.map(toFirstElement),
      heading: refusal?.title,
      // An error summary takes the focus first.
      scanFirst: errors.length === 0 && !refusal && request.method === 'GET',
      languageSwitch: { form: 'act-form' },
    };
    const title = texts.say(language, `records-acts.${kind}.title`);
    const { status = 200 } = shown;
    const name = `records/${kind}`;
    return pages.send(request, reply, { name, section: 'patients', title, data, status, language });
  }

  /** What is about to be recorded, with what the rules say of it, before it is. */
  async function sendConfirmation(
    request: FastifyRequest,
    reply: FastifyReply,
    { values, sources = {} }: Pick<Shown, 'values' | 'sources'>,
    proposal: InjectionProposal,
    language: Language,
    problem?: Problem,
  ) {
    const { id } = request.params as FileRequest['Params'];
    const wording = await wordingOf(language);
    const { findings, warnings, sameAct } = proposal;
    const details = problem?.describe(texts, language);
    const asksReason = sameAct || findings.some(needsReason);
    const data = {
      ...(await head(id, language)),
      earlier: await earlier(await entryOf(request, deps), id, wording),
      action: `${fileAddress(id)}/injection`,
      rows: proposalRows(wording, proposal, {
        zone: values.zone || zoneOfFiness(proposal.facts.placeFiness),
        totalFrom: sources.doseTotal,
        enteredBy: nameOf(request.professional),
        reason: asksReason ? undefined : values.overrideReason,
      }),
      findings: shownFindings(wording, findings),
      warnings: warnings.map(({ key, parameters }) => texts.say(language, key, parameters)),
      hidden: injectionFields
        .filter(
          (name) => name !== 'scan' && !(asksReason && ['overrideReason', 'notADuplicate'].includes(name)),
        )
        .flatMap((name) => (values[name] ? [{ name, value: values[name] }] : [])),
      key: values.key,
      sameAct,
      asksReason,
      values,
      reasonError: details?.errors?.[0]?.message,
      heading: details?.title,
      errors: details && [
        details.errors?.[0]
          ? { field: 'overrideReason', message: details.errors[0].message }
          : { message: details.detail },
      ],
      languageSwitch: { form: 'act-form' },
    };
    return pages.send(request, reply, {
      name: 'records/injection-confirm',
      section: 'patients',
      title: texts.say(language, 'records-acts.confirm.title'),
      data,
      status: problem?.statusCode ?? 200,
      language,
    });
  }

  /** Whatever stands in the way, the form comes back with all that was typed. */
  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    const kind = actKinds.find((each) => request.routeOptions.url?.endsWith(`/${each}`));
    if (request.method !== 'POST' || typeof request.body !== 'object' || !kind) throw error;
    const problem = asFormProblem(error);
    // Without a session, or a file, there is no form to come back to.
    if (problem.statusCode === 401 || problem.statusCode === 404 || problem.code.startsWith('may-not'))
      throw error;
    if (problem.statusCode >= 500) request.log.error({ err: error }, 'request failed');
    const values = readForm(kind, request.body);
    return sendAgain(request, reply, await entryOf(request, deps), kind, problem, { values });
  });

  /** The form with what is wrong with it. */
  async function sendAgain(
    request: FastifyRequest,
    reply: FastifyReply,
    entry: Entry,
    kind: ActKind,
    problem: Problem,
    filled: Pick<Shown, 'values' | 'sources'>,
  ) {
    const language = languageOf(request);
    const details = problem.describe(texts, language);
    const errors = shownErrors(details.errors ?? []);
    return sendForm(request, reply, entry, kind, {
      ...filled,
      errors,
      language,
      status: problem.statusCode,
      asksReason: problem.errors?.some(({ key }) => reasonHelps.has(key)) ?? false,
      ...(errors.length === 0 && { refusal: details }),
    });
  }

  for (const kind of actKinds) {
    app.get<FileRequest>(
      `/dossiers/:id/${kind}`,
      { onRequest: requireRight(deps, `${kind}.record`, 'entry.on_behalf'), schema: { params: Params } },
      async (request, reply) => {
        const entry = await entryOf(request, deps);
        const asked = { patientId: request.params.id, step: kind };
        const { values, sources } = fromDraft(
          await draftAct(db, entry, asked, await recordRules.current(), clock.now()),
        );
        return sendForm(request, reply, entry, kind, {
          values: { ...values, key: randomUUID() },
          sources,
          language: languageOf(request),
        });
      },
    );
  }

  const onPost = (kind: ActKind) => ({
    onRequest: requireRight(deps, `${kind}.record`, 'entry.on_behalf'),
    bodyLimit: formLimitBytes,
    schema: { params: Params },
  });

  app.post<FileRequest>('/dossiers/:id/consultation', onPost('consultation'), async (request, reply) => {
    const values = checkedForm(request, 'consultation');
    const entry = await entryOf(request, deps);
    const language = formField(request.body, 'lang');
    if (isLanguage(language)) {
      rememberLanguage(reply, language, config);
      return sendForm(request, reply, entry, 'consultation', { values, language });
    }
    const read = toConsultation(values);
    if ('errors' in read) throw new Problem(422, 'invalid', { errors: read.errors });
    const given = { patientId: request.params.id, input: read.body };
    const { consultation } = await recordConsultation(db, entry, given, clock.now());
    return reply.redirect(`${actAddress(given.patientId, consultation)}?fait=recorded`, 303);
  });

  app.post<FileRequest>('/dossiers/:id/injection', onPost('injection'), async (request, reply) => {
    const typed = checkedForm(request, 'injection');
    const entry = await entryOf(request, deps);
    const chosen = formField(request.body, 'lang');
    const language = isLanguage(chosen) ? chosen : languageOf(request);
    if (isLanguage(chosen)) rememberLanguage(reply, chosen, config);
    const rules = await recordRules.current();
    const asked = { patientId: request.params.id, typed };
    const { values, sources } = await fillForm(db, entry, asked, rules, clock.now());
    const step = formField(request.body, 'step');
    if (step === 'edit' || isLanguage(chosen)) {
      return sendForm(request, reply, entry, 'injection', { values, sources, language });
    }
    const read = toInjection(values);
    if ('errors' in read) {
      const problem = new Problem(422, 'invalid', { errors: read.errors });
      return sendAgain(request, reply, entry, 'injection', problem, { values, sources });
    }
    const given = { patientId: request.params.id, input: read.body, idempotencyKey: values.key || undefined };
    if (step === 'confirm') {
      try {
        const { injection } = await recordInjection(db, entry, given, rules, clock.now());
        return reply.redirect(`${actAddress(given.patientId, injection)}?fait=recorded`, 303);
      } catch (error) {
        if (!(error instanceof Problem) || !['dose-findings', 'same-act'].includes(error.code)) throw error;
        const proposal = await proposeInjection(db, entry, given, rules, clock.now());
        const refusal = error.code === 'dose-findings' ? reasonAsked() : error;
        return sendConfirmation(request, reply, { values, sources }, proposal, language, refusal);
      }
    }
    const proposal = await proposeInjection(db, entry, given, rules, clock.now());
    await logAccess(db, { ...entry, patientId: given.patientId, action: 'injection.check' }, clock.now());
    return sendConfirmation(request, reply, { values, sources }, proposal, language);
  });

  /** A form with a token of this session. @throws Problem 403 `stale-form`. */
  function checkedForm(request: FastifyRequest, kind: ActKind): FormValues {
    if (!pages.tokenHolds(request)) throw new Problem(403, 'stale-form');
    return readForm(kind, request.body);
  }
}

const Params = {
  type: 'object',
  properties: { id: { type: 'string', format: 'uuid' } },
  required: ['id'],
} as const;

/** Faults that a reason lifts. */
const reasonHelps: ReadonlySet<string> = new Set([
  'records-acts.errors.lot_expired',
  'records-acts.errors.reason_missing',
]);

function readForm(kind: ActKind, body: unknown): FormValues {
  const names = kind === 'injection' ? [...injectionFields, 'key'] : [...consultationFields, 'key'];
  return Object.fromEntries(names.map((name) => [name, formField(body, name) ?? '']));
}

/** The error summary leads to the first button of a group of them. */
function toFirstElement({ field, message }: ShownError): ShownError {
  const groups = ['consent', 'decision', 'pastInfection', 'pregnancy', 'fever', 'arm'];
  return { field: groups.includes(field) ? `${field}-0` : field, message };
}

function reasonAsked(): Problem {
  const errors = [{ path: '/overrideReason', key: 'records-acts.errors.reason_missing' }];
  return new Problem(422, 'dose-findings', { errors });
}

/** Values that were refused by their shape are, for whoever typed them, values to correct. */
function asFormProblem(error: FastifyError | Problem): Problem {
  const problem = asProblem(error);
  if (problem.statusCode !== 400) return problem;
  return new Problem(422, problem.code, { errors: problem.errors, cause: error });
}
