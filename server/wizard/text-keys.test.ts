import { describe, expect, it } from 'vitest';
import { aFlow } from './testing/a-flow.ts';
import {
  authorityNameKey,
  factNameKey,
  factTextKey,
  nodeTextKeys,
  optionHintKeys,
  optionLabelKeys,
} from './text-keys.ts';

const flow = aFlow({
  nodes: {
    ...aFlow().nodes,
    beds: { kind: 'question', variantBy: 'way', exits: [], options: [{ id: 'many', to: 'escalate' }] },
  },
});

describe('text keys', () => {
  it('try the variant before the node itself', () => {
    expect(nodeTextKeys(flow, 'beds', 'why', { way: 'card' })).toEqual([
      'wizard.small.beds.variants.card.why',
      'wizard.small.beds.why',
    ]);
  });

  it('try only the node while the varying fact is not known, or when it has no variant', () => {
    expect(nodeTextKeys(flow, 'beds', 'title', {})).toEqual(['wizard.small.beds.title']);
    expect(nodeTextKeys(flow, 'way', 'title', { way: 'card' })).toEqual(['wizard.small.way.title']);
  });

  it('try an option’s own label before the shared one', () => {
    expect(optionLabelKeys(flow, 'beds', 'many', { way: 'card' })).toEqual([
      'wizard.small.beds.variants.card.options.many',
      'wizard.small.beds.options.many',
      'wizard.small.options.many',
    ]);
  });

  it('look for the exits among the exits', () => {
    expect(optionLabelKeys(flow, 'way', 'help', {}).at(-1)).toBe('wizard.small.exits.help');
  });

  it('have no shared hints', () => {
    expect(optionHintKeys(flow, 'beds', 'many', {})).toEqual(['wizard.small.beds.hints.many']);
  });

  it('name facts and authorities', () => {
    expect(factTextKey('profession', '60')).toBe('wizard.facts.profession.60');
    expect(factNameKey('mode')).toBe('wizard.fact_names.mode');
    expect(authorityNameKey({ authority: 'oni' })).toBe('wizard.authorities.oni.name');
    expect(authorityNameKey({})).toBeUndefined();
  });
});
