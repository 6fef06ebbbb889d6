import { randomUUID } from 'node:crypto';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dependencies } from '../../dependencies.ts';
import { asProblem } from '../../http/error-handling.ts';
import { formField, formLimitBytes, registerForms } from '../../http/forms.ts';
import { languageOf } from '../../http/language.ts';
import { rememberLanguage } from '../../http/language-choice.ts';
import { recordsPages } from '../../identity/records-pages.ts';
import { requireRight } from '../../identity/require-right.ts';
import { Problem } from '../../problem.ts';
import { isLanguage } from '../../texts.ts';
import { logAccess } from '../access-log/log-access.ts';
import { fileAddress } from '../acts/acts-page.ts';
import { entryOf } from '../acts/entry-of.ts';
import { getAct } from '../acts/find-act.ts';
import { type EventValues, readEventForm, toEvent } from './adverse-event-form.ts';
import { aboutDose, type EventWording, eventAddress, eventFields } from './adverse-event-page.ts';
import { withOneMoreTerm } from './adverse-event-terms.ts';
import { declareAdverseEvent } from './declare-adverse-event.ts';

const uuid = { type: 'string', format: 'uuid' } as const;
const Params = {
  type: 'object',
  properties: { id: uuid, itemId: uuid },
  required: ['id', 'itemId'],
} as const;
interface ItemRequest {
  Params: { readonly id: string; readonly itemId: string };
}

/** Declaring an adverse event, from the page of its injection. */
export async function adverseEventPages(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { db, clock, texts, config, recordRules } = deps;
  const pages = recordsPages(deps);
  await registerForms(app);
  app.removeContentTypeParser('application/json');
  const address = '/dossiers/:id/injections/:itemId/effet';
  const onRequest = requireRight(deps, 'adverse_event.declare', 'entry.on_behalf');

  /** Whatever stands in the way of a form that was sent, its sender is given back all that they typed. */
  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    if (request.method !== 'POST' || request.body === undefined) throw error;
    const given = asProblem(error);
    if (given.statusCode === 404) throw given;
    if (given.statusCode >= 500) request.log.error({ err: error }, 'request failed');
    const problem = given.statusCode === 400 ? new Problem(422, given.code, { errors: given.errors }) : given;
    return sendForm(request, reply, readEventForm(request.body), { problem });
  });

  async function sendForm(
    request: FastifyRequest,
    reply: FastifyReply,
    values: EventValues,
    { problem, added = false }: { readonly problem?: Problem; readonly added?: boolean } = {},
  ) {
    // The routes of this file all have these parameters, checked before.
    const { id, itemId } = request.params as ItemRequest['Params'];
    const chosen = formField(request.body, 'lang');
    const language = isLanguage(chosen) ? chosen : languageOf(request);
    const entry = await entryOf(request, deps);
    const injection = await db.transaction(async (tx) => {
      const act = await getAct(tx, 'injection', id, itemId);
      await logAccess(tx, { ...entry, patientId: id, action: 'injection.read' }, clock.now());
      if (act.kind !== 'injection') throw new Error('asked for an injection');
      return act;
    });
    const { terminologies } = config;
    const wording: EventWording = {
      texts,
      language,
      vaccines: await recordRules.current(),
      terminologies,
    };
    const back = `${fileAddress(id)}/injections/${itemId}`;
    return pages.send(request, reply, {
      name: 'records/adverse-event',
      section: 'patients',
      title: texts.say(language, 'records-adverse-events.form.title'),
      status: problem?.statusCode ?? 200,
      language,
      data: {
        ...eventFields(wording, values, { problem, added }),
        back,
        action: `${back}/effet`,
        about: aboutDose(wording, injection),
        languageSwitch: { form: 'act-form' },
      },
    });
  }

  app.get<ItemRequest>(address, { onRequest, schema: { params: Params } }, async (request, reply) =>
    // Never the request's number: another process, or this one started again, gives the same.
    sendForm(request, reply, { key: randomUUID() }),
  );

  app.post<ItemRequest>(
    address,
    { onRequest, bodyLimit: formLimitBytes, schema: { params: Params } },
    async (request, reply) => {
      if (!pages.tokenHolds(request)) throw new Problem(403, 'stale-form');
      const { id: patientId, itemId } = request.params;
      const values = readEventForm(request.body);
      const chosen = formField(request.body, 'lang');
      if (isLanguage(chosen)) {
        rememberLanguage(reply, chosen, config);
        return sendForm(request, reply, values);
      }
      if (formField(request.body, 'add') === 'term') {
        return sendForm(request, reply, withOneMoreTerm(values), { added: true });
      }
      const read = toEvent(values);
      if ('errors' in read) throw new Problem(422, 'invalid', { errors: read.errors });
      const given = {
        patientId,
        input: { injectionId: itemId, ...read.told },
        idempotencyKey: values.key ? `page-${values.key}` : undefined,
      };
      const { event } = await declareAdverseEvent(db, await entryOf(request, deps), given, clock.now());
      return reply.redirect(`${eventAddress(patientId, event.id)}?fait=recorded`, 303);
    },
  );
}
