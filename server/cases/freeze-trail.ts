import type { Language, Texts } from '../texts.ts';
import type { Facts, Flow } from '../wizard/flow.ts';
import { describeTrail } from '../wizard/position.ts';
import type { Replay } from '../wizard/replay.ts';
import { factTextKey } from '../wizard/text-keys.ts';
import type { TrailEntry } from './cases.table.ts';

/**
 * The answered questions in the words that were displayed, in every language: what an agent reads stays what the
 * practitioner read, whatever becomes of the flow and its texts.
 */
export function freezeTrail(
  texts: Texts,
  flow: Flow,
  replay: Pick<Replay, 'trail' | 'knownBefore'>,
): readonly TrailEntry[] {
  const english = describeTrail(texts, 'en', flow, replay);
  return describeTrail(texts, 'fr', flow, replay).map(({ node, answer, title, label }, place) => ({
    node,
    answer,
    title: { fr: title, en: english[place]?.title ?? title },
    label: { fr: label, en: english[place]?.label ?? label },
  }));
}

/** One line for the queue, in every language: the way in and the symptom, where the trail told them. */
export function summarise(texts: Texts, { way, symptom }: Facts): Readonly<Record<Language, string>> {
  const say = (language: Language) => {
    const parts = [
      ...(way === undefined ? [] : [texts.say(language, factTextKey('way', way))]),
      ...(symptom === undefined ? [] : [texts.say(language, factTextKey('symptom', symptom))]),
    ];
    return parts.join(' · ') || texts.say(language, 'case.summary.unknown');
  };
  return { fr: say('fr'), en: say('en') };
}
