import type { FastifyInstance } from 'fastify';
import { toCaseRow } from '../cases/case-row.ts';
import { listCases } from '../cases/list-cases.ts';
import type { Dependencies } from '../dependencies.ts';
import { languageOf } from '../http/language.ts';
import { shortLineName } from './case-view.ts';
import type { DeskPages } from './desk-pages.ts';
import { textField } from './form-fields.ts';
import { shortMoment } from './moments.ts';

const resultsShown = 50;
const maxQueryLength = 200;

/** `GET /desk/recherche?q=`: cases of the agent's hotlines, open or not, by what is known of them. */
export async function searchRoutes(
  app: FastifyInstance,
  deps: Dependencies,
  pages: DeskPages,
): Promise<void> {
  const { db, clock, texts } = deps;

  app.get('/desk/recherche', async (request, reply) => {
    const { agent } = request;
    const language = languageOf(request);
    const q = textField(request.query, 'q').trim().slice(0, maxQueryLength);
    const after = textField(request.query, 'after') || undefined;
    const list =
      q === '' ? undefined : await listCases(db, { hotlines: agent.hotlines, q, limit: resultsShown, after });
    const configuration = await deps.routing.current();
    const results = list?.rows.map((stored) => {
      const row = toCaseRow(stored, language);
      return {
        row,
        line: shortLineName({ texts, configuration, language }, row.hotline),
        opened: shortMoment(row.openedAt, clock.now(), language),
      };
    });
    return pages.send(
      request,
      reply,
      {
        name: 'search',
        section: 'search',
        title: texts.say(language, 'desk.search.title'),
        data: {
          q,
          results,
          searched: results !== undefined,
          found: results && results.length > 0,
          next: list?.next && new URLSearchParams({ q, after: list.next }).toString(),
        },
      },
      agent,
    );
  });
}
