import { Type } from 'typebox';
import type { Language } from '../texts.ts';
import type { Facts } from '../wizard/flow.ts';
import { shownIncidents } from './describe.ts';
import type { Situation } from './open-incidents.ts';

/** An open incident as the wizard's API tells it. */
export const PublicIncident = Type.Object(
  {
    id: Type.Integer(),
    title: Type.String(),
    message: Type.String(),
    openedAt: Type.String({ format: 'date-time' }),
    expectedEnd: Type.Optional(Type.String({ format: 'date-time' })),
    concerned: Type.Boolean({
      description: 'The answers match all that it touches: waiting for its end is better than a case',
    }),
  },
  { title: 'PublicIncident' },
);

/** The open incidents that may be somebody's, as the API tells them. */
export function publicIncidents(
  situation: Situation,
  facts: Pick<Facts, 'way' | 'symptom'>,
  language: Language,
  now: Date,
) {
  return shownIncidents(situation, facts, language, now).map((each) => ({
    id: each.id,
    title: each.title,
    message: each.message.join('\n'),
    openedAt: each.openedAt.toISOString(),
    ...(each.expectedEnd && { expectedEnd: each.expectedEnd.toISOString() }),
    concerned: each.match === 'matches',
  }));
}
