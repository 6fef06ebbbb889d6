import { type Hotline, phoneLink, type RoutingConfiguration } from '../routing/configuration.ts';
import { describeOpening, describeOpeningReason, servedBy } from '../routing/describe.ts';
import { openingAt } from '../routing/opening-hours.ts';
import type { Language, Texts } from '../texts.ts';
import { weeklyHours } from './weekly-hours.ts';

/** What `templates/partials/hotline-card.hbs` shows of a help line. */
export type HotlineCard = ReturnType<typeof hotlineCard>;

/** A help line at an instant, in words: number, price, whom it serves, whether it answers now, and its usual hours. */
export function hotlineCard(
  texts: Texts,
  language: Language,
  configuration: RoutingConfiguration,
  hotline: Hotline,
  at: Date,
) {
  const opening = openingAt(hotline.schedule, at);
  return {
    id: hotline.id,
    name: hotline.name[language],
    phone: hotline.phone,
    phoneLink: phoneLink(hotline),
    cost: hotline.cost[language],
    serves: servedBy(configuration, hotline.id, at).map((each) =>
      texts.say(language, `routing.serves.${each}`),
    ),
    opening: {
      state: opening.state,
      sentence: describeOpening(texts, language, opening, at),
      reason: describeOpeningReason(texts, language, opening),
      /** When it closes or opens, if known. */
      edge: opening.state === 'open' ? opening.closesAt : opening.opensAt,
      zone: opening.zone,
    },
    hours: weeklyHours(texts, language, hotline.schedule, at),
  };
}
