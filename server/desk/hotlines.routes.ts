import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { QueueCounts } from '../cases/queue-counts.ts';
import type { Dependencies } from '../dependencies.ts';
import { languageOf } from '../http/language.ts';
import { Problem } from '../problem.ts';
import { findHotline } from '../routing/configuration.ts';
import { listChanges } from '../routing/configuration-history.ts';
import { documentOf } from '../routing/hotline-document.ts';
import { readForEditing } from '../routing/read-for-editing.ts';
import type { DeskPages } from './desk-pages.ts';
import { hotlineFormRoutes } from './hotlines-forms.routes.ts';
import { type LineReader, openCasesOf, viewHistory, viewLine, viewPreview } from './hotlines-view.ts';

/** The lines, `/desk/hotlines`, the page of each with its coming days and history, and the forms that edit them. */
export async function hotlinesRoutes(
  app: FastifyInstance,
  deps: Dependencies,
  pages: DeskPages,
  counts: QueueCounts,
): Promise<void> {
  const { db, clock, texts } = deps;

  app.get('/desk/hotlines', async (request, reply) => {
    const language = languageOf(request);
    const configuration = await deps.routing.current();
    const reader: LineReader = { texts, language, configuration, now: clock.now() };
    return pages.send(
      request,
      reply,
      {
        name: 'hotlines',
        section: 'hotlines',
        title: texts.say(language, 'desk-hotlines.title'),
        data: {
          lines: configuration.hotlines.map((line) => viewLine(reader, line.id, documentOf(line))),
          mayEdit: request.agent.role === 'supervisor',
        },
      },
      request.agent,
    );
  });

  app.get<{ Params: { id: string } }>('/desk/hotlines/:id', async (request, reply) =>
    showLine(request, reply, request.params.id),
  );

  async function showLine(request: FastifyRequest, reply: FastifyReply, id: string): Promise<FastifyReply> {
    const language = languageOf(request);
    const { configuration } = await readForEditing(db, `hotline:${id}`);
    const line = findHotline(configuration, id);
    if (!line) throw new Problem(404, 'not-found');
    const reader: LineReader = { texts, language, configuration, now: clock.now() };
    const document = documentOf(line);
    return pages.send(
      request,
      reply,
      {
        name: 'hotlines-line',
        section: 'hotlines',
        title: document.name[language],
        data: {
          line: viewLine(reader, id, document),
          openCases: document.validTo === null ? undefined : await openCasesOf(counts, id),
          preview: viewPreview(reader, document),
          history: viewHistory(reader, await listChanges(db, `hotline:${id}`)),
          mayEdit: request.agent.role === 'supervisor',
        },
      },
      request.agent,
    );
  }

  await hotlineFormRoutes(app, deps, pages, counts);
}
