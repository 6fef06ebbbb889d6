import type { Language } from '../texts.ts';
import type { Facts } from '../wizard/flow.ts';
import { type ShownIncident, shownIncidents } from './describe.ts';
import type { Situation } from './open-incidents.ts';

/** A wish to be told that was sent, or taken, on the page that shows the incident. */
export interface WishSent {
  readonly incidentId: number;
  readonly typed?: string | undefined;
  readonly error?: string | undefined;
}

/** What `templates/partials/incident.hbs` shows: an incident, and beside it one field to be told when it is over. */
export interface IncidentBox extends ShownIncident {
  /** The address is noted: worth a sentence, and nothing more is believed of it. */
  readonly noted: boolean;
  /** Of several, the one that says what holds for all. */
  readonly first: boolean;
  /** After how many days an address is erased at the latest. */
  readonly days: number;
  /** Where the field is sent; absent where nothing is asked. */
  readonly action?: string;
  readonly typed?: string | undefined;
  readonly error?: string | undefined;
}

/**
 * The incidents of a page, those that certainly concern its reader before the others.
 * @param page.days after which an address is erased.
 * @param page.action where wishes are sent, on pages that take them: offered to those who are certainly concerned.
 * @param page.noted the incident of which the address says that a wish was noted.
 */
export function incidentBoxes(
  situation: Situation,
  facts: Pick<Facts, 'way' | 'symptom'>,
  language: Language,
  now: Date,
  page: {
    readonly days: number;
    readonly action?: string | undefined;
    readonly sent?: WishSent | undefined;
    readonly noted?: unknown;
    readonly caseIncident?: number | null;
  },
): readonly IncidentBox[] {
  return shownIncidents(situation, facts, language, now, page.caseIncident).map((incident, place) => {
    const noted = page.noted === String(incident.id);
    const offered = page.action !== undefined && incident.match === 'matches' && !noted;
    const sent = page.sent?.incidentId === incident.id ? page.sent : undefined;
    return {
      ...incident,
      noted,
      first: place === 0,
      days: page.days,
      ...(offered && { action: page.action, typed: sent?.typed, error: sent?.error }),
    };
  });
}

/** What is wrong with the wishes of a page, for its summary: each leads to its field. */
export function wishErrors(boxes: readonly IncidentBox[]) {
  return boxes.flatMap(({ id, error }) =>
    error === undefined ? [] : [{ field: `warn-${id}`, message: error }],
  );
}
