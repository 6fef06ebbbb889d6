import type { Dependencies } from '../dependencies.ts';
import { incidentsBand } from '../incidents/band.ts';
import { countLinked } from '../incidents/list-incidents.ts';
import type { IncidentsMessage } from './messages.ts';
import type { Worded } from './wording.ts';

/** Counting thousands of cases at every ring would tell nobody anything: this often at most, in milliseconds. */
const countRestMs = 500;

type WatchDependencies = Pick<Dependencies, 'db' | 'clock' | 'incidents' | 'texts' | 'views'>;

/**
 * What goes on, for the agents who watch. Gives the message to tell once it differs from the last one; nothing as long
 * as nothing ever went on. Counts that were not taken because of a ring too soon are taken by the poll.
 */
export function incidentsWatch({ db, clock, incidents, texts, views }: WatchDependencies) {
  let last: string | undefined;
  /** The situation without its counts, as it was when they were taken. */
  let known: string | undefined;
  let message: Worded | undefined;
  let countedAt = Number.NEGATIVE_INFINITY;

  return {
    /** The last message, for whoever comes now. */
    current: () => message,
    /** The new message, if there is news. */
    async look(): Promise<Worded | undefined> {
      const situation = await incidents.current();
      const quiet = situation.open.length === 0 && situation.suggestions.length === 0;
      if (quiet && last === undefined) return undefined;
      const now = clock.now().getTime();
      const seen = JSON.stringify(situation);
      if (seen === known && now - countedAt < countRestMs && now >= countedAt) return undefined;
      known = seen;
      countedAt = now;
      const counts = await countLinked(
        db,
        situation.open.map(({ id }) => id),
      );
      const key = JSON.stringify([seen, [...counts]]);
      if (key === last) return undefined;
      last = key;
      const said = new Map<string, string>();
      message = ({ language, html }) => {
        const form = `${language} ${html}`;
        const band = incidentsBand(texts, language, situation, counts);
        const told: IncidentsMessage = {
          type: 'incidents',
          incidents: band.incidents.map(({ id, title, cases, subscribers }) => ({
            id,
            title,
            cases,
            subscribers,
          })),
          suggestions: situation.suggestions.map(({ id, fact, value, since, count, usual }) => ({
            id,
            fact,
            value,
            since: since.toISOString(),
            count,
            usual,
          })),
          ...(html && { html: views.partial('desk/incidents-band', language, band) }),
        };
        const text = said.get(form) ?? JSON.stringify(told);
        said.set(form, text);
        return text;
      };
      return message;
    },
  };
}
