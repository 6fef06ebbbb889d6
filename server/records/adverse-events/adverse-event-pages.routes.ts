import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Temporal } from 'temporal-polyfill';
import type { Dependencies } from '../../dependencies.ts';
import { asProblem } from '../../http/error-handling.ts';
import { formField, registerForms } from '../../http/forms.ts';
import { languageOf } from '../../http/language.ts';
import { recordsPages } from '../../identity/records-pages.ts';
import { requireRight } from '../../identity/require-right.ts';
import { Problem } from '../../problem.ts';
import { logAccess } from '../access-log/log-access.ts';
import { outcomes, seriousnessCriteria } from '../acts/acts.table.ts';
import { fileAddress, sayMoment } from '../acts/acts-page.ts';
import { entryOf } from '../acts/entry-of.ts';
import { getAct } from '../acts/find-act.ts';
import { getPatientTraits } from '../patients/find-patient-traits.ts';
import { findVaccine } from '../rules/vaccines.ts';
import type { AdverseEventInput } from './adverse-event-body.ts';
import { changeAdverseEvent } from './change-adverse-event.ts';
import { declarationDocument } from './declaration-document.ts';
import { sectionsOf } from './declaration-pdf.ts';
import { declareAdverseEvent } from './declare-adverse-event.ts';
import { getAdverseEvent } from './find-adverse-events.ts';

/** Text fields of the form, in its order; criteria are boxes beside them. */
const fieldNames = [
  'date',
  'time',
  'description',
  'serious',
  'hospitalisedFrom',
  'hospitalisedTo',
  'diedOn',
  'outcome',
  'endedOn',
  'pregnancy',
  'pregnancyWeeks',
  'lotSuspected',
  'performedBy',
  'key',
] as const;
type Values = Readonly<Record<string, string>>;

const Params = {
  type: 'object',
  properties: { id: { type: 'string', format: 'uuid' }, itemId: { type: 'string', format: 'uuid' } },
  required: ['id', 'itemId'],
} as const;
interface ItemRequest {
  Params: { readonly id: string; readonly itemId: string };
}

/** Declaring an adverse event from its injection, and following its declaration. */
export async function adverseEventPages(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { db, clock, texts, recordRules, config } = deps;
  const pages = recordsPages(deps);
  await registerForms(app);
  app.removeContentTypeParser('application/json');
  const formAddress = '/dossiers/:id/injections/:itemId/effet';
  const eventAddress = '/dossiers/:id/effets/:itemId';
  const schema = { params: Params };
  const onRequest = requireRight(deps, 'adverse_event.declare', 'entry.on_behalf');
  const toRead = requireRight(deps, 'patient.read', 'adverse_event.declare');

  /** Whatever stands in the way of a form that was sent, its sender is given back all that they typed. */
  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    const form = request.method === 'POST' && request.routeOptions.url === formAddress;
    if (!form || request.body === undefined) throw error;
    const given = asProblem(error);
    if (given.statusCode >= 500) request.log.error({ err: error }, 'request failed');
    const problem = given.statusCode === 400 ? new Problem(422, given.code, { errors: given.errors }) : given;
    return sendForm(request, reply, readValues(request.body), problem);
  });

  async function sendForm(request: FastifyRequest, reply: FastifyReply, values: Values, problem?: Problem) {
    const { id, itemId } = request.params as ItemRequest['Params'];
    const language = languageOf(request);
    const details = problem?.describe(texts, language);
    const shown = (details?.errors ?? []).map(({ path, message }) => ({ field: fieldOf(path), message }));
    const fieldErrors = Object.fromEntries(shown.map(({ field, message }) => [field, message]));
    const entry = await entryOf(request, deps);
    const about = await db.transaction(async (tx) => {
      const injection = await getAct(tx, 'injection', id, itemId);
      await logAccess(tx, { ...entry, patientId: id, action: 'injection.read' }, clock.now());
      return injection;
    });
    const vaccines = await recordRules.current();
    const vaccine = about.kind === 'injection' ? findVaccine(vaccines, about.vaccine, about.day) : undefined;
    return pages.send(request, reply, {
      name: 'records/adverse-event',
      section: 'patients',
      title: texts.say(language, 'records-adverse-events.form.title'),
      status: problem?.statusCode ?? 200,
      path: `${fileAddress(id)}/injections/${itemId}/effet`,
      data: {
        back: `${fileAddress(id)}/injections/${itemId}`,
        action: `${fileAddress(id)}/injections/${itemId}/effet`,
        about: texts.say(language, 'records-adverse-events.form.about', {
          vaccine: vaccine?.name ?? '–',
          lot: about.kind === 'injection' ? about.lot : '–',
          date: sayMoment(language, about.occurredAt, 'Europe/Paris'),
        }),
        values,
        fieldErrors,
        errors: details && shown.length === 0 ? [{ message: details.detail }] : shown.map(toFirst),
        heading: shown.length === 0 ? details?.title : undefined,
        criteria: seriousnessCriteria.map((value) => ({
          value,
          label: texts.say(language, `records-adverse-events.criteria.${value}`),
          checked: values[value] === 'yes',
        })),
        outcomes: outcomes.map((value) => ({
          value,
          label: texts.say(language, `records-adverse-events.outcomes.${value}`),
        })),
        answers: ['yes', 'no'].map((value) => ({
          value,
          label: texts.say(language, `records-adverse-events.document.${value}`),
        })),
      },
    });
  }

  app.get<ItemRequest>(formAddress, { onRequest, schema }, async (request, reply) =>
    sendForm(request, reply, { key: request.id }),
  );

  app.post<ItemRequest>(formAddress, { onRequest, schema }, async (request, reply) => {
    if (!pages.tokenHolds(request)) throw new Problem(403, 'stale-form');
    const { id: patientId, itemId } = request.params;
    const values = readValues(request.body);
    const read = toInput(values, itemId);
    if ('errors' in read) throw new Problem(422, 'invalid', { errors: read.errors });
    const given = {
      patientId,
      input: read.input,
      idempotencyKey: values.key ? `page-${values.key}` : undefined,
    };
    const { event } = await declareAdverseEvent(db, await entryOf(request, deps), given, clock.now());
    return reply.redirect(`${fileAddress(patientId)}/effets/${event.id}`, 303);
  });

  app.get<ItemRequest>(eventAddress, { onRequest: toRead, schema }, async (request, reply) => {
    const { id, itemId } = request.params;
    const language = languageOf(request);
    const entry = await entryOf(request, deps);
    const { event, patient } = await db.transaction(async (tx) => {
      const found = {
        patient: await getPatientTraits(tx, id),
        event: await getAdverseEvent(tx, id, itemId),
      };
      await logAccess(tx, { ...entry, patientId: id, action: 'adverse_event.read' }, clock.now());
      return found;
    });
    const document = declarationDocument(
      event,
      patient,
      await recordRules.current(),
      config.links.pharmacovigilance,
    );
    const say = (key: string, parameters = {}) => texts.say(language, key, parameters);
    return pages.send(request, reply, {
      name: 'records/adverse-event-read',
      section: 'patients',
      title: texts.say(language, 'records-adverse-events.document.title'),
      data: {
        back: `${fileAddress(id)}/injections/${event.injection.id}`,
        sections: sectionsOf(say, language, document),
        inError: event.state === 'entered_in_error',
        pdf: `/api/records/patients/${id}/adverse-events/${itemId}/declaration.pdf?lang=${language}`,
        json: `/api/records/patients/${id}/adverse-events/${itemId}/declaration.json`,
        action: `${fileAddress(id)}/effets/${itemId}`,
        version: event.version,
        canSend: event.declaration === 'draft' && event.validatedBy !== null,
        canAcknowledge: event.declaration === 'sent',
        centre: config.links.pharmacovigilance,
      },
    });
  });

  app.post<ItemRequest>(eventAddress, { onRequest, schema }, async (request, reply) => {
    if (!pages.tokenHolds(request)) throw new Problem(403, 'stale-form');
    const { id: patientId, itemId } = request.params;
    const state = formField(request.body, 'state') === 'acknowledged' ? 'acknowledged' : 'sent';
    const acknowledgement = formField(request.body, 'acknowledgement')?.trim().slice(0, 100) ?? '';
    const version = Number(formField(request.body, 'version'));
    const known = { patientId, id: itemId, version: Number.isInteger(version) ? version : -1 };
    const act = { change: 'declare', state, ...(acknowledgement !== '' && { acknowledgement }) } as const;
    await changeAdverseEvent(db, await entryOf(request, deps), known, act, clock.now());
    return reply.redirect(`${fileAddress(patientId)}/effets/${itemId}`, 303);
  });
}

function readValues(body: unknown): Values {
  const names = [...fieldNames, ...seriousnessCriteria];
  return Object.fromEntries(names.map((name) => [name, (formField(body, name) ?? '').trim()]));
}

/** What was typed in the words of the command; the times are Paris's. */
function toInput(values: Values, injectionId: string) {
  const errors: { path: string; key: string }[] = [];
  const onset = readOnset(values.date ?? '', values.time ?? '');
  if (onset === undefined) errors.push({ path: '/onset', key: 'records-adverse-events.errors.onset' });
  if (!values.description)
    errors.push({ path: '/description', key: 'records-adverse-events.errors.description' });
  const outcome = outcomes.find((each) => each === values.outcome);
  if (!outcome) errors.push({ path: '/outcome', key: 'records-adverse-events.errors.outcome' });
  const day = (name: 'hospitalisedFrom' | 'hospitalisedTo' | 'diedOn' | 'endedOn') => {
    const text = values[name] ?? '';
    if (text !== '' && !isDay(text))
      errors.push({ path: `/${name}`, key: 'records-adverse-events.errors.day' });
    return text === '' ? null : text;
  };
  const weeks = values.pregnancyWeeks ?? '';
  if (weeks !== '' && !(/^\d{1,2}$/.test(weeks) && Number(weeks) <= 45)) {
    errors.push({ path: '/pregnancyWeeks', key: 'records-adverse-events.errors.weeks' });
  }
  const [hospitalisedFrom, hospitalisedTo, diedOn, endedOn] = [
    day('hospitalisedFrom'),
    day('hospitalisedTo'),
    day('diedOn'),
    day('endedOn'),
  ];
  if (errors.length > 0 || onset === undefined || !outcome) return { errors };
  const input: AdverseEventInput = {
    injectionId,
    onset,
    description: (values.description ?? '').slice(0, 5000),
    serious: values.serious === 'yes',
    criteria: seriousnessCriteria.filter((each) => values[each] === 'yes'),
    outcome,
    hospitalisedFrom,
    hospitalisedTo,
    diedOn,
    endedOn,
    pregnancy: values.pregnancy === '' ? null : values.pregnancy === 'yes',
    pregnancyWeeks: weeks === '' ? null : Number(weeks),
    lotSuspected: values.lotSuspected === 'yes',
    ...(values.performedBy && { performedBy: values.performedBy }),
  };
  return { input };
}

function readOnset(date: string, time: string): string | undefined {
  if (!isDay(date) || !/^([01]\d|2[0-3]):[0-5]\d$/.test(time)) return undefined;
  const at = Temporal.PlainDateTime.from(`${date}T${time}`).toZonedDateTime('Europe/Paris');
  return new Date(at.epochMilliseconds).toISOString();
}

function isDay(text: string): boolean {
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' }).toString() === text;
  } catch {
    return false;
  }
}

/** The field of the form that a path of the command stands for. */
function fieldOf(path: string): string {
  return path === '/onset' ? 'date' : path.slice(1);
}

/** The error summary leads to the first button or box of a group of them. */
function toFirst({ field, message }: { readonly field: string; readonly message: string }) {
  return { field: field === 'criteria' ? 'death' : field === 'serious' ? 'serious-0' : field, message };
}
