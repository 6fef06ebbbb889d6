import type { Language } from '../texts.ts';
import type { Facts } from '../wizard/flow.ts';
import { type Match, matchIncident } from './match.ts';
import type { IncidentRecord, Situation } from './open-incidents.ts';

/** An incident as everybody may see it, in one language. */
export interface ShownIncident {
  readonly id: number;
  readonly title: string;
  /** Lines of the public message, none of them empty. */
  readonly message: readonly string[];
  /** The language of the two, when it is not the one that was asked for. */
  readonly wordsLanguage: Language | undefined;
  readonly openedAt: Date;
  readonly expectedEnd: Date | undefined;
  readonly match: Match;
}

/** The incident's words; in French where nobody wrote them in English. */
export function incidentWords(
  {
    titleFr,
    titleEn,
    messageFr,
    messageEn,
  }: Pick<IncidentRecord, 'titleFr' | 'titleEn' | 'messageFr' | 'messageEn'>,
  language: Language,
): { readonly title: string; readonly message: string; readonly language: Language } {
  return language === 'en' && titleEn !== null && messageEn !== null
    ? { title: titleEn, message: messageEn, language: 'en' }
    : { title: titleFr, message: messageFr, language: 'fr' };
}

/**
 * The open incidents that may be somebody's who gave these answers, those that certainly are before the others.
 * @param caseIncident the incident that their case belongs to: theirs whatever they answered.
 */
export function shownIncidents(
  { open }: Pick<Situation, 'open'>,
  facts: Pick<Facts, 'way' | 'symptom'>,
  language: Language,
  now: Date,
  caseIncident?: number | null,
): readonly ShownIncident[] {
  const shown = open.flatMap((incident): readonly ShownIncident[] => {
    const match = incident.id === caseIncident ? 'matches' : matchIncident(incident, facts);
    if (match === 'foreign') return [];
    const words = incidentWords(incident, language);
    return [
      {
        id: incident.id,
        title: words.title,
        message: words.message.split('\n').filter((line) => line.trim() !== ''),
        wordsLanguage: words.language === language ? undefined : words.language,
        openedAt: incident.openedAt,
        // An end that has passed says nothing any more.
        expectedEnd:
          incident.expectedEnd !== null && incident.expectedEnd > now ? incident.expectedEnd : undefined,
        match,
      },
    ];
  });
  return shown.toSorted((a, b) => Number(b.match === 'matches') - Number(a.match === 'matches'));
}
