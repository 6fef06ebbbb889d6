import { describe, expect, it } from 'vitest';
import { type Language, languages, loadTexts, type Texts } from '#server/texts.ts';
import { factValues } from './check-flow.ts';
import { type Flow, offeredOptions } from './flow.ts';
import { passedOption } from './graph.ts';
import { listStates, type State } from './paths.ts';
import { listFlows } from './registry.ts';
import {
  authorityNameKey,
  factNameKey,
  factTextKey,
  nodeTextKeys,
  optionHintKeys,
  optionLabelKeys,
} from './text-keys.ts';

const texts = loadTexts();
/** Listed once: every page of a flow with everything that may be known there. */
const pages = new Map(listFlows().map((flow) => [flow, listStates(flow)]));

/** Every parameter of the catalogue, left as it is written. */
const asWritten = {
  authority: '{authority}',
  person: '{person}',
  professions: '{professions}',
  activities: '{activities}',
};

interface Audit {
  /** What some page needs and does not find: the keys that were tried. */
  readonly missing: readonly string[];
  /** Keys that no page of any flow ever shows. */
  readonly unused: readonly string[];
}

/** Compares what every reachable page of the flows needs with what the catalogue holds. */
function auditTexts(flows: typeof pages, texts: Pick<Texts, 'has' | 'keys'>, language: Language): Audit {
  const missing = new Set<string>();
  const used = new Set<string>();
  const look = (keys: readonly string[], optional = false): void => {
    const key = keys.find((each) => texts.has(language, each));
    if (key !== undefined) used.add(key);
    else if (!optional) missing.add(keys.join(' or '));
  };
  for (const [flow, states] of flows) {
    for (const { node: id, facts } of states) {
      const node = flow.nodes[id];
      if (!node) continue;
      look(nodeTextKeys(flow, id, 'title', facts));
      look(nodeTextKeys(flow, id, 'why', facts));
      if (node.kind === 'instruction') look(nodeTextKeys(flow, id, 'steps', facts));
      look(nodeTextKeys(flow, id, 'note', facts), true);
      for (const option of offeredOptions(flow, node, facts)) {
        look(optionLabelKeys(flow, id, option.id, facts));
        look(optionHintKeys(flow, id, option.id, facts), true);
      }
      // For the drawings: nobody is shown a page that is passed.
      if (node.kind !== 'outcome' && node.passed) look(optionLabelKeys(flow, id, passedOption, facts));
    }
    for (const [fact, values] of factValues(flow)) {
      look([factNameKey(fact)]);
      for (const value of values) {
        look([factTextKey(fact, value)]);
        const authority = fact === 'authority' ? authorityNameKey({ authority: value }) : undefined;
        if (authority) look([authority]);
      }
    }
  }
  const unused = texts.keys(language).filter((key) => key.startsWith('wizard.') && !used.has(key));
  return { missing: [...missing], unused };
}

/** Every sentence of the wizard's catalogue with its key. */
function sentences(language: Language): readonly (readonly [string, string])[] {
  return texts
    .keys(language)
    .filter((key) => key.startsWith('wizard.'))
    .flatMap((key) => texts.list(language, key, asWritten).map((sentence) => [key, sentence] as const));
}

describe('the audit itself', () => {
  it('reports a missing text and an unused one', () => {
    const changed: Pick<Texts, 'has' | 'keys'> = {
      has: (language, key) => key !== 'wizard.connection.mode.title' && texts.has(language, key),
      keys: (language) => [...texts.keys(language), 'wizard.connection.mode.subtitle', 'desk.title'],
    };
    expect(auditTexts(pages, changed, 'en')).toEqual({
      missing: ['wizard.connection.mode.title'],
      unused: ['wizard.connection.mode.title', 'wizard.connection.mode.subtitle'],
    });
  });
});

describe.each(languages)('the wizard’s texts in %s', (language) => {
  it('say everything that some page shows, and nothing that none does', () => {
    expect(auditTexts(pages, texts, language)).toEqual({ missing: [], unused: [] });
  });

  it('are sentences with words in them', () => {
    expect(sentences(language).filter(([, sentence]) => !/\p{L}/u.test(sentence))).toEqual([]);
  });

  it('hold no address, telephone number or markup: those are configuration and templates', () => {
    const wrong = sentences(language).filter(([, sentence]) =>
      /https?:|www\.|\d[\d \u00a0.]{7,}|[<>]/.test(sentence),
    );
    expect(wrong).toEqual([]);
  });

  it('use straight quotes and breaking spaces nowhere they should not', () => {
    const everywhere = /'|"|\.\.\.|^\s|\s$| {2}/;
    const french = /[ ][:;?!»]|«[ ]|[^\u202f\s][;?!]|[^\u00a0\s\d]:|«[^\u00a0]|[^\u00a0]»/;
    const wrong = sentences(language).filter(
      ([, sentence]) => everywhere.test(sentence) || (language === 'fr' && french.test(sentence)),
    );
    expect(wrong).toEqual([]);
  });

  it('name the authority only on pages reached once it is known, and never in a title', () => {
    const wrong: string[] = [];
    const check = (flow: Flow, { node, facts }: State): void => {
      for (const slot of ['title', 'why', 'steps', 'note'] as const) {
        const key = nodeTextKeys(flow, node, slot, facts).find((each) => texts.has(language, each));
        const said = key ? texts.list(language, key, asWritten).join(' ') : '';
        if (said.includes('{authority}') && (slot === 'title' || !facts.authority)) wrong.push(`${key}`);
      }
    };
    for (const [flow, states] of pages) for (const state of states) check(flow, state);
    expect([...new Set(wrong)]).toEqual([]);
  });
});

it('says the same in every language: the same keys, lists of the same length', () => {
  const shape = (language: Language): unknown =>
    texts
      .keys(language)
      .filter((key) => key.startsWith('wizard.'))
      .map((key) => [key, texts.list(language, key, asWritten).length]);
  expect(shape('en')).toEqual(shape('fr'));
});
