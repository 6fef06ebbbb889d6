import type { Language, Texts } from '../texts.ts';
import { factTextKey } from '../wizard/text-keys.ts';
import { incidentWords } from './describe.ts';
import type { IncidentCounts } from './list-incidents.ts';
import type { Situation, SuggestionRecord } from './open-incidents.ts';

/** A sudden rise in words: how many times the usual, where there is a usual to speak of. */
export function describeSuggestion(texts: Texts, language: Language, suggestion: SuggestionRecord) {
  const { id, fact, value, since, count, usual } = suggestion;
  const what = texts.say(language, factTextKey(fact, value));
  return { id, what, since, count, times: usual >= 1 ? Math.round(count / usual) : undefined };
}

/** What `templates/partials/desk/incidents-band.hbs` shows above the queue: the same to every agent of a language. */
export function incidentsBand(
  texts: Texts,
  language: Language,
  { open, suggestions }: Situation,
  counts: ReadonlyMap<number, IncidentCounts>,
) {
  return {
    incidents: open.map((incident) => ({
      id: incident.id,
      title: incidentWords(incident, language).title,
      openedAt: incident.openedAt,
      ...(counts.get(incident.id) ?? { cases: 0, subscribers: 0 }),
    })),
    suggestions: suggestions.map((each) => describeSuggestion(texts, language, each)),
  };
}
