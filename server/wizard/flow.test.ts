import { describe, expect, it } from 'vitest';
import { type Condition, holds, offeredLinks, offeredOptions, resolveTarget } from './flow.ts';
import { aFlow } from './testing/a-flow.ts';

const byCard: Condition = { fact: 'way', in: ['card'] };
const elsewhere: Condition = { fact: 'setting', in: ['practice', 'other'] };

describe('holds', () => {
  it.each([
    ['no condition', undefined, {}, true],
    ['a fact with one of the values', elsewhere, { setting: 'other' }, true],
    ['a fact with another value', elsewhere, { setting: 'establishment' }, false],
    ['a fact that is not known', elsewhere, {}, false],
    ['a fact among no values', { fact: 'way', in: [] } as const, { way: 'card' }, false],
    ['all, when each holds', { all: [byCard, elsewhere] }, { way: 'card', setting: 'other' }, true],
    ['all, when one does not', { all: [byCard, elsewhere] }, { way: 'card' }, false],
    ['all of nothing', { all: [] }, {}, true],
    ['any, when one holds', { any: [byCard, elsewhere] }, { way: 'card' }, true],
    ['any, when none does', { any: [byCard, elsewhere] }, { way: 'ecps' }, false],
    ['any of nothing', { any: [] }, {}, false],
    ['not, of what holds', { not: byCard }, { way: 'card' }, false],
    ['not, of what is not known', { not: byCard }, {}, true],
    [
      'conditions within conditions',
      { not: { any: [byCard, { not: elsewhere }] } },
      { setting: 'other' },
      true,
    ],
  ])('judges %s', (_, condition, facts, expected) => {
    expect(holds(condition, facts)).toBe(expected);
  });
});

describe('resolveTarget', () => {
  const target = [{ when: byCard, to: 'first' }, { when: elsewhere, to: 'second' }, { to: 'last' }];

  it('gives a plain target as it is', () => expect(resolveTarget('place', {})).toBe('place'));
  it('takes the first branch that holds, even when a later one holds too', () =>
    expect(resolveTarget(target, { way: 'card', setting: 'other' })).toBe('first'));
  it('passes over branches that do not hold', () =>
    expect(resolveTarget(target, { setting: 'other' })).toBe('second'));
  it('falls back on the last branch', () => expect(resolveTarget(target, {})).toBe('last'));
  it('refuses a target that leads nowhere', () =>
    expect(() => resolveTarget([{ when: byCard, to: 'first' }], {})).toThrow('without a last resort'));
});

describe('offeredOptions', () => {
  const flow = aFlow();
  const offered = (id: keyof typeof flow.nodes, facts = {}): string[] => {
    const node = flow.nodes[id];
    return node ? offeredOptions(flow, node, facts).map((option) => option.id) : [];
  };

  it('gives the own options, then every exit', () =>
    expect(offered('way')).toEqual(['card', 'app', 'it_works', 'help']));
  it('gives only the exits that the node lists', () =>
    expect(offered('reader')).toEqual(['still_stuck', 'it_works']));
  it('gives no exit to a node that lists none', () => expect(offered('beds')).toEqual(['many']));
  it('leaves out an option whose condition does not hold', () => {
    expect(offered('place', { way: 'card' })).toEqual(['hospital', 'it_works']);
    expect(offered('place', { way: 'ecps' })).toEqual(['hospital', 'home', 'it_works']);
  });
  it('gives nothing at an outcome', () => expect(offered('resolved')).toEqual([]));
});

describe('offeredLinks', () => {
  const node = {
    kind: 'outcome',
    outcome: 'resolved',
    links: ['eCps', { key: 'amelipro', when: byCard }, 'tutorial'],
  } as const;

  it('gives the links whose condition holds, in their order', () => {
    expect(offeredLinks(node, { way: 'card' })).toEqual(['eCps', 'amelipro', 'tutorial']);
    expect(offeredLinks(node, {})).toEqual(['eCps', 'tutorial']);
  });
  it('gives none where the node has none', () =>
    expect(offeredLinks({ kind: 'outcome', outcome: 'resolved' }, {})).toEqual([]));
});
