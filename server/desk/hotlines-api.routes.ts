import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { requireAgent } from '../agents/require-agent.ts';
import type { Dependencies } from '../dependencies.ts';
import { languageOf } from '../http/language.ts';
import { strictObject } from '../http/validation.ts';
import { Problem, ProblemSchema } from '../problem.ts';
import { addHotline } from '../routing/add-hotline.ts';
import { checkHotline, tidied } from '../routing/check-hotline.ts';
import { findHotline } from '../routing/configuration.ts';
import { listChanges } from '../routing/configuration-history.ts';
import { changeInWords } from '../routing/describe-changes.ts';
import { previewInWords } from '../routing/describe-hours.ts';
import { documentOf, type HotlineDocument, hotlineOf } from '../routing/hotline-document.ts';
import { previewDays } from '../routing/preview-days.ts';
import { readForEditing } from '../routing/read-for-editing.ts';
import { refuseFaults, saveHotline } from '../routing/save-hotline.ts';
import { onlySupervisors } from './hotlines-access.ts';
import {
  ChangeSchema,
  ConfiguredHotlineSchema,
  documentProperties,
  IdSchema,
  PreviewDaySchema,
  VersionSchema,
} from './hotlines-api.schemas.ts';
import { lineNames } from './hotlines-view.ts';

const tags = ['configuration'];
const refusals = {
  400: ProblemSchema,
  401: ProblemSchema,
  403: ProblemSchema,
  404: ProblemSchema,
  409: ProblemSchema,
  422: ProblemSchema,
};

/** The lines as programs of the supervision read and edit them; agents read. */
export async function hotlinesApiRoutes(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { db, clock, texts, doorbell } = deps;
  const routes = app.withTypeProvider<TypeBoxTypeProvider>();
  const params = Type.Object({ id: IdSchema });
  const signedIn = requireAgent(deps);
  const supervisor = async (request: FastifyRequest) => {
    await signedIn(request);
    onlySupervisors(request.agent);
  };

  async function configured(id: string): Promise<Static<typeof ConfiguredHotlineSchema>> {
    const { configuration, version } = await readForEditing(db, `hotline:${id}`);
    const line = findHotline(configuration, id);
    if (!line) throw new Problem(404, 'not-found');
    return { id, version, ...mutable(documentOf(line)) };
  }

  /** Every process looks whether something was saved. */
  function saved(): void {
    deps.routing.invalidate();
    doorbell.ring();
  }

  routes.get(
    '/api/desk/hotlines',
    {
      onRequest: signedIn,
      schema: {
        tags,
        summary: 'Every line with all that is configured of it, in service or not',
        response: { 200: Type.Array(ConfiguredHotlineSchema), 401: ProblemSchema },
      },
    },
    async () => {
      const { hotlines } = await deps.routing.current();
      return Promise.all(hotlines.map(({ id }) => configured(id)));
    },
  );

  routes.get(
    '/api/desk/hotlines/:id',
    {
      onRequest: signedIn,
      schema: {
        tags,
        summary: 'All that is configured of a line',
        params,
        response: { 200: ConfiguredHotlineSchema, 401: ProblemSchema, 404: ProblemSchema },
      },
    },
    async (request) => configured(request.params.id),
  );

  routes.post(
    '/api/desk/hotlines',
    {
      onRequest: supervisor,
      schema: {
        tags,
        summary: 'Add a line',
        body: strictObject({ id: IdSchema, ...documentProperties }),
        response: { 201: ConfiguredHotlineSchema, ...refusals },
      },
    },
    async (request, reply) => {
      const { id, ...document } = request.body;
      await addHotline(db, { agent: request.agent, id, document }, clock.now());
      saved();
      return reply.status(201).send(await configured(id));
    },
  );

  routes.put(
    '/api/desk/hotlines/:id',
    {
      onRequest: supervisor,
      schema: {
        tags,
        summary: 'Replace all that is configured of a line',
        params,
        body: strictObject({ version: VersionSchema, ...documentProperties }),
        response: { 200: ConfiguredHotlineSchema, ...refusals },
      },
    },
    async (request) => {
      const { version, ...document } = request.body;
      const { id } = request.params;
      await saveHotline(db, { agent: request.agent, id, version, document }, clock.now());
      saved();
      return configured(id);
    },
  );

  routes.post(
    '/api/desk/hotlines/:id/preview',
    {
      onRequest: supervisor,
      schema: {
        tags,
        summary: 'The next 14 days of a line as a document would make them; nothing is saved',
        params,
        body: strictObject(documentProperties),
        response: { 200: Type.Array(PreviewDaySchema), ...refusals },
      },
    },
    async (request) => {
      const { id } = request.params;
      const now = clock.now();
      const document = tidied(request.body);
      const { configuration } = await readForEditing(db, `hotline:${id}`);
      if (findHotline(configuration, id)) refuseFaults(configuration, id, document, now);
      const errors = checkHotline(document);
      if (errors.length > 0) throw new Problem(422, 'invalid', { errors });
      const days = previewDays(hotlineOf(id, document).schedule, now);
      const words = previewInWords({ texts, language: languageOf(request) }, days);
      return days.map(({ date, open, holiday, clocks }, index) => ({
        date,
        state: words[index]?.state ?? 'unknown',
        open: (open ?? []).map((each) => ({ ...each })),
        ...(holiday && { holiday }),
        ...(clocks && { clocks }),
        words: [words[index]?.day, words[index]?.hours, ...(words[index]?.notes ?? [])].join(' · '),
      }));
    },
  );

  routes.get(
    '/api/desk/hotlines/:id/history',
    {
      onRequest: signedIn,
      schema: {
        tags,
        summary: 'Who changed what of a line, the newest first',
        params,
        response: { 200: Type.Array(ChangeSchema), 401: ProblemSchema, 404: ProblemSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { configuration } = await readForEditing(db, `hotline:${id}`);
      if (!findHotline(configuration, id)) throw new Problem(404, 'not-found');
      const reader = { texts, language: languageOf(request), configuration, now: clock.now() };
      const changes = await listChanges(db, `hotline:${id}`);
      return changes.map((change) => changeJson(changeInWords(reader, change, lineNames(reader))));
    },
  );
}

/** A change as the API tells it. */
export function changeJson({ at, facts, ...change }: ReturnType<typeof changeInWords>) {
  return { ...change, at: at.toISOString(), facts: facts.map((fact) => ({ ...fact })) };
}

/** The document with lists of its own, as serialisers type them. */
function mutable({ timetables, exceptions, ...document }: HotlineDocument) {
  return {
    ...document,
    timetables: timetables.map(({ weekly, ...each }) => ({ ...each, weekly: [...weekly] })),
    exceptions: exceptions.map(({ intervals, ...each }) => ({ ...each, intervals: [...intervals] })),
  };
}
