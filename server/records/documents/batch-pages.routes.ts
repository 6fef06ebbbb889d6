import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dependencies } from '../../dependencies.ts';
import { asProblem } from '../../http/error-handling.ts';
import { formField, registerForms } from '../../http/forms.ts';
import { languageOf } from '../../http/language.ts';
import { recordsPages } from '../../identity/records-pages.ts';
import { requireRight } from '../../identity/require-right.ts';
import { parisDay } from '../../paris-day.ts';
import { Problem } from '../../problem.ts';
import { entryOf } from '../acts/entry-of.ts';
import { isDay } from '../patients/patient-traits.ts';
import { sayDay } from '../rules/finding-words.ts';
import { sendPdf } from './documents.routes.ts';
import { getBatch, listRefused, printBatch } from './find-batch.ts';
import { startSummaryBatch } from './start-batch.ts';

const address = '/dossiers/bilans';
const Params = {
  type: 'object',
  properties: { id: { type: 'string', format: 'uuid' } },
  required: ['id'],
} as const;

interface BatchRequest {
  Params: { readonly id: string };
}

/** The summaries of an establishment, for people: asking for them, how far they are, the file of them all. */
export async function batchPages(app: FastifyInstance, deps: Dependencies): Promise<void> {
  await registerForms(app);
  app.removeContentTypeParser('application/json');
  const { db, clock, texts } = deps;
  const pages = recordsPages(deps);
  const onRequest = requireRight(deps, 'records.supervise');

  function showForm(request: FastifyRequest, reply: FastifyReply, problem?: Problem) {
    const language = languageOf(request);
    const details = problem?.describe(texts, language);
    const today = parisDay(clock.now());
    const structure = request.professional.actingAs?.structure;
    return pages.send(request, reply, {
      name: 'records/batch',
      section: 'patients',
      title: texts.say(language, 'records-documents.batch.title'),
      status: problem?.statusCode ?? 200,
      path: address,
      data: {
        structure: structure?.name ?? structure?.siteFiness,
        values: {
          firstDay: formField(request.body, 'firstDay') ?? today,
          lastDay: formField(request.body, 'lastDay') ?? today,
          bilingual: formField(request.body, 'bilingual') === 'yes',
        },
        fields: Object.fromEntries(
          (details?.errors ?? []).map(({ path, message }) => [path.slice(1), message]),
        ),
        heading: details && !details.errors ? details.title : undefined,
        errors:
          details &&
          (details.errors?.map(({ path, message }) => ({ field: path.slice(1), message })) ?? [
            { message: details.detail },
          ]),
      },
    });
  }

  app.get(address, { onRequest }, async (request, reply) => showForm(request, reply));

  app.post(address, { onRequest }, async (request, reply) => {
    try {
      if (!pages.tokenHolds(request)) throw new Problem(403, 'stale-form');
      const asked = {
        firstDay: dayOf(request, 'firstDay'),
        lastDay: dayOf(request, 'lastDay'),
        bilingual: formField(request.body, 'bilingual') === 'yes',
      };
      const id = await startSummaryBatch(db, await entryOf(request, deps), asked, clock.now());
      deps.doorbell.ring();
      return reply.redirect(`${address}/${id}`, 303);
    } catch (error) {
      const problem = asProblem(error as FastifyError); // Whatever was thrown, as the app's own handler takes it.
      if (problem.statusCode >= 500) throw error;
      return showForm(request, reply, problem);
    }
  });

  app.get<BatchRequest>(
    `${address}/:id`,
    { onRequest, schema: { params: Params } },
    async (request, reply) => {
      const language = languageOf(request);
      const { id } = request.params;
      const batch = await getBatch(db, id, request.professional.id);
      const done = batch.state === 'done';
      // A page without scripts looks again by itself.
      if (!done) reply.header('refresh', '5');
      const refused = done ? await listRefused(db, await entryOf(request, deps), id, clock.now()) : [];
      return pages.send(request, reply, {
        name: 'records/batch-progress',
        section: 'patients',
        title: texts.say(language, 'records-documents.batch.title'),
        data: {
          from: sayDay(language, batch.firstDay),
          to: sayDay(language, batch.lastDay),
          done,
          merging: batch.state === 'merging',
          settled: batch.issued + batch.refused,
          total: batch.issued + batch.refused + batch.waiting,
          issued: batch.issued,
          refused: refused.map(({ patientId, name, refusal }) => ({
            name,
            href: `/dossiers/${patientId}`,
            why: texts.say(language, `problems.${refusal}.title`),
          })),
          pdf: done && batch.pages !== 0 ? `${address}/${id}.pdf` : undefined,
        },
      });
    },
  );

  app.get<BatchRequest>(
    `${address}/:id.pdf`,
    { onRequest, schema: { params: Params } },
    async (request, reply) => {
      const { id } = request.params;
      const pdf = await printBatch(db, await entryOf(request, deps), id, clock.now());
      return sendPdf(reply, { number: `bilans-${id}`, pdf });
    },
  );
}

/** A day typed. @throws Problem 422 unless it is one. */
function dayOf(request: FastifyRequest, name: 'firstDay' | 'lastDay'): string {
  const typed = formField(request.body, name)?.trim() ?? '';
  if (isDay(typed)) return typed;
  throw new Problem(422, 'invalid', { errors: [{ path: `/${name}`, key: 'records-documents.errors.day' }] });
}
