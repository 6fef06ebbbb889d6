import type { FastifyInstance } from 'fastify';
import type { Dependencies } from '../dependencies.ts';
import { languageOf } from '../http/language.ts';
import type { Language, Texts } from '../texts.ts';
import { drawFlow, labelsFrom } from '../wizard/draw.ts';
import { listFlows } from '../wizard/registry.ts';
import type { DeskPages } from './desk-pages.ts';
import { type ConditionWords, outlineFlow } from './flow-outline.ts';

/** `GET /desk/flows`: what practitioners are asked, and where each answer leads. */
export async function flowsRoutes(app: FastifyInstance, deps: Dependencies, pages: DeskPages): Promise<void> {
  const { texts } = deps;
  const outlined = new Map<Language, readonly object[]>();

  app.get('/desk/flows', async (request, reply) => {
    const language = languageOf(request);
    // Flows and texts are read once at start: so is what is made of them.
    const flows = outlined.get(language) ?? outlineFlows(texts, language);
    outlined.set(language, flows);
    const title = texts.say(language, 'desk.flows.title');
    return pages.send(
      request,
      reply,
      { name: 'flows', section: 'flows', title, data: { flows } },
      request.agent,
    );
  });
}

function outlineFlows(texts: Texts, language: Language): readonly object[] {
  const word = (name: keyof ConditionWords) => texts.say(language, `desk.flows.${name}`);
  const words = { and: word('and'), or: word('or'), not: word('not'), isKnown: word('isKnown') };
  return listFlows().map((flow) => {
    const labels = labelsFrom(flow, (key) =>
      texts.has(language, key) ? texts.say(language, key) : undefined,
    );
    return { ...outlineFlow(flow, labels, words), source: drawFlow(flow, labels) };
  });
}
