import type { Language, Texts } from '../texts.ts';
import type { Facts, Flow } from '../wizard/flow.ts';
import { confirms, describeTrail } from '../wizard/position.ts';
import type { Answer, Replay } from '../wizard/replay.ts';
import { factTextKey } from '../wizard/text-keys.ts';
import type { TrailEntry } from './cases.table.ts';

/**
 * The answered questions in the words that were displayed, in every language: what an agent reads stays what the
 * practitioner read, whatever becomes of the flow and its texts.
 */
export function freezeTrail(
  texts: Texts,
  flow: Flow,
  { trail, knownBefore }: Pick<Replay, 'trail' | 'knownBefore'>,
): readonly TrailEntry[] {
  return trail.map((answer, place) => {
    const known = knownBefore[place] ?? {};
    // What was typed and who was found is one person's own: put in words for them alone.
    if (answer.typed !== undefined || confirms(flow, answer)) {
      const before = { trail: trail.slice(0, place + 1), knownBefore: knownBefore.slice(0, place + 1) };
      return putInWords(texts, flow, before);
    }
    return freeze(texts, flow, answer, known);
  });
}

/** Entries already put in words: the same few hundred come again and again. */
const frozen = new WeakMap<Texts, Map<string, TrailEntry>>();

function freeze(texts: Texts, flow: Flow, answer: Answer, known: Facts): TrailEntry {
  // All that a page's words depend on, see flow.ts: its variant, and the name of the registration authority.
  const variantBy = flow.nodes[answer.node]?.variantBy;
  const variant = variantBy && known[variantBy];
  const key = [flow.id, flow.version, answer.node, answer.answer, variant, known.authority].join(' ');
  const entries = frozen.get(texts) ?? new Map<string, TrailEntry>();
  frozen.set(texts, entries);
  const entry = entries.get(key) ?? putInWords(texts, flow, { trail: [answer], knownBefore: [known] });
  entries.set(key, entry);
  return entry;
}

/** The last answer of the trail. */
function putInWords(texts: Texts, flow: Flow, replay: Pick<Replay, 'trail' | 'knownBefore'>): TrailEntry {
  const french = describeTrail(texts, 'fr', flow, replay).at(-1);
  const english = describeTrail(texts, 'en', flow, replay).at(-1);
  if (!french || !english) throw new Error('an answer was not put in words');
  const { node, answer } = french;
  return {
    node,
    answer,
    title: { fr: french.title, en: english.title },
    label: { fr: french.label, en: english.label },
  };
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
