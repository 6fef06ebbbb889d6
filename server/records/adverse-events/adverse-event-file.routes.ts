import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dependencies } from '../../dependencies.ts';
import { formField, formLimitBytes, registerForms } from '../../http/forms.ts';
import { languageOf } from '../../http/language.ts';
import { rememberLanguage } from '../../http/language-choice.ts';
import { recordsPages } from '../../identity/records-pages.ts';
import { requireRight } from '../../identity/require-right.ts';
import { Problem } from '../../problem.ts';
import { isLanguage, type Language } from '../../texts.ts';
import { logAccess } from '../access-log/log-access.ts';
import { mayDoToAct } from '../acts/act-authority.ts';
import { asFormProblem, reasonOf } from '../acts/act-form-page.ts';
import { fileAddress, fileHead, nameOf } from '../acts/acts-page.ts';
import { entryOf } from '../acts/entry-of.ts';
import { changesSince, listVersions } from '../acts/list-versions.ts';
import { findPatientHead } from '../patients/find-patient-head.ts';
import { fromEvent, readEventForm, toEvent } from './adverse-event-form.ts';
import {
  aboutDose,
  type EventWording,
  eventAddress,
  eventFields,
  eventHistory,
  eventRows,
  eventTitle,
} from './adverse-event-page.ts';
import { withOneMoreTerm } from './adverse-event-terms.ts';
import { type AdverseEventAct, changeAdverseEvent, declaredThen } from './change-adverse-event.ts';
import { getAdverseEvent } from './find-adverse-events.ts';

const uuid = { type: 'string', format: 'uuid' } as const;
const Params = {
  type: 'object',
  properties: { id: uuid, itemId: uuid },
  required: ['id', 'itemId'],
} as const;
interface ItemRequest {
  Params: { readonly id: string; readonly itemId: string };
}

/** What was just done, as the address says it: worth a sentence, and nothing more is believed of it. */
const deeds = [
  'recorded',
  'correct',
  'enter_in_error',
  'restore',
  'validate',
  'sent',
  'acknowledged',
] as const;
type Deed = (typeof deeds)[number];

/** The page of one adverse event: what was declared, by whom, its history, and what can be done to it. */
export async function adverseEventFileRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { db, clock, texts, recordRules, config } = deps;
  const pages = recordsPages(deps);
  await registerForms(app);
  app.removeContentTypeParser('application/json');
  const address = '/dossiers/:id/effets/:itemId';
  const schema = { params: Params };
  const onRequest = requireRight(deps, 'adverse_event.declare', 'entry.on_behalf');
  const toRead = requireRight(deps, 'patient.read', 'adverse_event.declare');
  const write = { onRequest, bodyLimit: formLimitBytes, schema };

  /** An event with its history and whose it is, logged as read. */
  async function readEvent(request: FastifyRequest<ItemRequest>, language: Language) {
    const { id, itemId } = request.params;
    const entry = await entryOf(request, deps);
    const vaccines = await recordRules.current();
    const wording: EventWording = { texts, language, vaccines, terminologies: config.terminologies };
    const read = await db.transaction(async (tx) => {
      const event = await getAdverseEvent(tx, id, itemId);
      await logAccess(tx, { ...entry, patientId: id, action: 'adverse_event.read' }, clock.now());
      const history = await listVersions(tx, 'adverse_event', itemId);
      return { event, history, may: await mayDoToAct(tx, entry, declaredThen(event)) };
    });
    const patient = await findPatientHead(db, id);
    if (!patient) throw new Problem(404, 'no-such-patient');
    const { event } = read;
    return {
      ...read,
      wording,
      shared: {
        ...fileHead(patient, language),
        href: eventAddress(id, itemId),
        about: aboutDose(wording, event.injection),
        version: event.version,
        leftTheHouse: event.declaration !== 'draft',
      },
    };
  }

  async function sendEvent(request: FastifyRequest<ItemRequest>, reply: FastifyReply, problem?: Problem) {
    const { id, itemId } = request.params;
    const language = languageOf(request);
    const { event, history, may, wording, shared } = await readEvent(request, language);
    const details = problem?.describe(texts, language);
    const told = (request.query as Readonly<Record<string, unknown>>).fait;
    const deed = problem ? undefined : deeds.find((each) => each === told);
    const recorded = event.state === 'recorded';
    return pages.send(request, reply, {
      name: 'records/adverse-event-read',
      section: 'patients',
      title: eventTitle(wording, event),
      status: problem?.statusCode ?? 200,
      data: {
        ...shared,
        injection: `${fileAddress(id)}/injections/${event.injection.id}`,
        rows: eventRows(wording, event),
        history: eventHistory(wording, history),
        done: deed && texts.say(language, `records-adverse-events.done.${deed}`),
        inError: !recorded,
        waiting: recorded && event.validatedBy === null,
        mayChange: may.change,
        mayValidate: may.validate,
        performer: nameOf(event.performedBy),
        pdf: `/api/records/patients/${id}/adverse-events/${itemId}/declaration.pdf?lang=${language}`,
        json: `/api/records/patients/${id}/adverse-events/${itemId}/declaration.json`,
        canSend: may.change && event.declaration === 'draft' && event.validatedBy !== null,
        canAcknowledge: may.change && event.declaration === 'sent',
        centre: config.links.pharmacovigilance,
        typed: formField(request.body, 'reason'),
        acknowledgement: formField(request.body, 'acknowledgement'),
        heading: details?.title,
        errors: details && [
          details.errors?.[0]
            ? { field: 'reason', message: details.errors[0].message }
            : { message: details.detail },
        ],
        reasonError: details?.errors?.[0]?.message,
        languageSwitch: { address: shared.href },
      },
    });
  }

  async function sendCorrection(
    request: FastifyRequest<ItemRequest>,
    reply: FastifyReply,
    problem?: Problem,
  ) {
    const chosen = formField(request.body, 'lang');
    const language = isLanguage(chosen) ? chosen : languageOf(request);
    if (isLanguage(chosen)) rememberLanguage(reply, chosen, config);
    const { event, history, wording, shared } = await readEvent(request, language);
    const typed = request.method === 'POST';
    const asTyped = typed ? readEventForm(request.body) : fromEvent(event);
    const added = !problem && formField(request.body, 'add') === 'term';
    const values = added ? withOneMoreTerm(asTyped) : asTyped;
    const since =
      problem?.code === 'stale-record' ? changesSince(history, formField(request.body, 'version')) : [];
    return pages.send(request, reply, {
      name: 'records/adverse-event-correct',
      section: 'patients',
      title: texts.say(language, 'records-adverse-events.correct.title'),
      status: problem?.statusCode ?? 200,
      language,
      data: {
        ...shared,
        ...eventFields(wording, values, { problem, added }),
        subtitle: eventTitle(wording, event),
        // Whoever was overtaken sees what the others did since, above what they typed themselves.
        overtaken: eventHistory(wording, since),
        languageSwitch: { form: 'act-form' },
      },
    });
  }

  /** Whatever stands in the way, the same page comes back with all that was typed. */
  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    const problem = asFormProblem(error);
    const lost = [401, 404].includes(problem.statusCode) || problem.code.startsWith('may-not');
    if (request.method !== 'POST' || typeof request.body !== 'object' || lost) throw error;
    if (problem.statusCode >= 500) request.log.error({ err: error }, 'request failed');
    // The routes of this file all have these parameters, checked before.
    const asked = request as FastifyRequest<ItemRequest>;
    return request.routeOptions.url?.endsWith('/corriger')
      ? sendCorrection(asked, reply, problem)
      : sendEvent(asked, reply, problem);
  });

  app.get<ItemRequest>(address, { onRequest: toRead, schema }, async (request, reply) =>
    sendEvent(request, reply),
  );
  app.get<ItemRequest>(`${address}/corriger`, { onRequest, schema }, async (request, reply) =>
    sendCorrection(request, reply),
  );

  app.post<ItemRequest>(`${address}/corriger`, write, async (request, reply) => {
    checkToken(request);
    const shownAgain = ['lang', 'add'].some((button) => formField(request.body, button) !== undefined);
    if (shownAgain) return sendCorrection(request, reply);
    const read = toEvent(readEventForm(request.body));
    if ('errors' in read) throw new Problem(422, 'invalid', { errors: read.errors });
    const { performedBy: _, ...fields } = read.told;
    return change(request, reply, { change: 'correct', reason: reasonOf(request.body), fields }, 'correct');
  });

  app.post<ItemRequest>(`${address}/erreur`, write, async (request, reply) => {
    checkToken(request);
    const act = { change: 'enter_in_error', reason: reasonOf(request.body) } as const;
    return change(request, reply, act, 'enter_in_error');
  });

  app.post<ItemRequest>(`${address}/retablir`, write, async (request, reply) => {
    checkToken(request);
    return change(request, reply, { change: 'restore', reason: reasonOf(request.body) }, 'restore');
  });

  app.post<ItemRequest>(
    `${address}/valider`,
    { ...write, onRequest: requireRight(deps, 'record.validate') },
    async (request, reply) => {
      checkToken(request);
      return change(request, reply, { change: 'validate' }, 'validate');
    },
  );

  app.post<ItemRequest>(`${address}/declaration`, write, async (request, reply) => {
    checkToken(request);
    const state = formField(request.body, 'state') === 'acknowledged' ? 'acknowledged' : 'sent';
    const acknowledgement = formField(request.body, 'acknowledgement')?.trim().slice(0, 100) ?? '';
    const act = { change: 'declare', state, ...(acknowledgement !== '' && { acknowledgement }) } as const;
    return change(request, reply, act, state);
  });

  /** @throws Problem 403 `stale-form` for a form of another session, or one that was left open too long. */
  function checkToken(request: FastifyRequest): void {
    if (!pages.tokenHolds(request)) throw new Problem(403, 'stale-form');
  }

  /** Does it to the event as the version that the form's page showed, and leads back to it or to the list. */
  async function change(
    request: FastifyRequest<ItemRequest>,
    reply: FastifyReply,
    act: AdverseEventAct,
    deed: Deed,
  ) {
    const { id: patientId, itemId } = request.params;
    const version = formField(request.body, 'version') ?? '';
    if (!/^[1-9]\d{0,8}$/.test(version)) throw new Problem(422, 'bad-request');
    const known = { patientId, id: itemId, version: Number(version) };
    await changeAdverseEvent(db, await entryOf(request, deps), known, act, clock.now());
    const fromList = formField(request.body, 'list') === 'yes';
    const to = fromList ? '/dossiers/a-valider' : eventAddress(patientId, itemId);
    return reply.redirect(`${to}?fait=${deed}`, 303);
  }
}
