import type { FastifyInstance } from 'fastify';
import { listCallbacksOfDay } from '../callbacks/list-callbacks.ts';
import type { Dependencies } from '../dependencies.ts';
import { languageOf } from '../http/language.ts';
import { viewListedCallback } from './callbacks-view.ts';
import type { DeskPages } from './desk-pages.ts';

/** `GET /desk/rappels`: the calls of today on the agent's hotlines; what became of one is said on its case's page. */
export async function callbackListRoutes(
  app: FastifyInstance,
  deps: Dependencies,
  pages: DeskPages,
): Promise<void> {
  const { db, clock, texts } = deps;

  app.get('/desk/rappels', async (request, reply) => {
    const { agent } = request;
    const language = languageOf(request);
    const now = clock.now();
    const configuration = await deps.routing.current();
    const listed = await listCallbacksOfDay(db, agent.hotlines, now);
    const all = listed.map((each) =>
      viewListedCallback({ texts, language, agent, configuration, now }, each),
    );
    const sections = [
      { id: 'toMake', rows: all.filter(({ toMake }) => toMake) },
      { id: 'made', rows: all.filter(({ toMake }) => !toMake) },
    ];
    const title = texts.say(language, 'callbacks.desk.title');
    return pages.send(
      request,
      reply,
      {
        name: 'callbacks',
        section: 'callbacks',
        title,
        data: { sections, hotlineIds: agent.hotlines.join(' ') },
      },
      agent,
    );
  });
}
