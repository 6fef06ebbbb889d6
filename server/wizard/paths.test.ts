import { describe, expect, it } from 'vitest';
import { listPaths, listStates, neverReached } from './paths.ts';
import { aFlow, aFlowAsWritten } from './testing/a-flow.ts';

const written = aFlowAsWritten();

describe('listPaths', () => {
  it('lists every path once, in the order of the options', () => {
    const paths = listPaths(aFlow()).map((path) => [
      ...path.answers.map(({ node, answer }) => `${node}.${answer}`),
      path.end,
    ]);
    expect(paths.slice(0, 3)).toEqual([
      ['way.card', 'reader.still_stuck', 'place.hospital', 'escalate'],
      ['way.card', 'reader.still_stuck', 'place.it_works', 'resolved'],
      ['way.card', 'reader.it_works', 'resolved'],
    ]);
    // card 3; app: 3 from the place twice (stuck, help) and it works; it works; help: 2 (no way known, so no "home").
    expect(paths).toHaveLength(3 + 7 + 1 + 2);
    expect(new Set(paths.map((path) => path.join(' '))).size).toBe(paths.length);
  });

  it('gives the facts and the outcome of each', () => {
    expect(listPaths(aFlow())[0]).toMatchObject({
      facts: { way: 'card', setting: 'establishment' },
      outcome: 'escalate',
      end: 'escalate',
    });
  });

  it('refuses a circle, naming its nodes', () => {
    const nodes = {
      ...written.nodes,
      beds: { kind: 'question', exits: [], options: [{ id: 'many', to: 'place' }] } as const,
    };
    expect(() => listPaths({ ...written, nodes })).toThrow('turns in circles: place → beds → place');
  });

  it('refuses a page that has only exits to offer to what is known', () => {
    const nodes = {
      ...written.nodes,
      update: {
        kind: 'instruction',
        options: [{ id: 'go', to: 'place', when: { fact: 'way', in: ['card'] } }],
      } as const,
    };
    expect(() => listPaths({ ...written, nodes })).toThrow(
      'node "update" offers nothing of its own to {"way":"ecps"}',
    );
  });
});

describe('listStates', () => {
  it('gives each page with each set of facts once, however many paths come by', () => {
    const places = listStates(aFlow()).filter((state) => state.node === 'place');
    expect(places.map((state) => state.facts)).toEqual(
      expect.arrayContaining([{}, { way: 'card' }, { way: 'ecps' }]),
    );
    expect(places).toHaveLength(3);
  });
});

describe('neverReached', () => {
  it('finds nothing in a flow where everything serves', () => {
    expect(neverReached(aFlow())).toEqual({ nodes: [], edges: [] });
  });

  it('finds a node that nothing leads to', () => {
    const nodes = { ...written.nodes, island: { kind: 'outcome', outcome: 'redirected' } as const };
    expect(neverReached({ ...written, nodes }).nodes).toEqual(['island']);
  });

  it('finds an option that is never offered, and a branch that is never taken', () => {
    const nodes = {
      ...written.nodes,
      reader: {
        kind: 'instruction',
        exits: [],
        options: [
          { id: 'app_only', to: 'place', when: { fact: 'way', in: ['ecps'] } },
          { id: 'go', to: [{ when: { fact: 'setting', in: ['other'] }, to: 'beds' }, { to: 'place' }] },
        ],
      } as const,
    };
    const edges = neverReached({ ...written, nodes }).edges;
    expect(edges.map(({ from, option, to }) => [from, option, to])).toEqual([
      ['reader', 'app_only', 'place'],
      ['reader', 'go', 'beds'],
    ]);
  });
});
