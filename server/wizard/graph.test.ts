import { describe, expect, it } from 'vitest';
import { findCycle, flowAsData, listEdges } from './graph.ts';
import { aFlow, aFlowAsWritten } from './testing/a-flow.ts';

describe('listEdges', () => {
  it('gives the own options of a node, then its exits, with what they teach', () => {
    expect(listEdges(aFlow()).filter((edge) => edge.from === 'way')).toEqual([
      { from: 'way', option: 'card', to: 'reader', sets: { way: 'card' }, exit: false },
      { from: 'way', option: 'app', to: 'update', sets: { way: 'ecps' }, exit: false },
      { from: 'way', option: 'it_works', to: 'resolved', exit: true },
      { from: 'way', option: 'help', to: 'place', exit: true },
    ]);
  });

  it('gives each branch a condition complete in itself', () => {
    const byCard = { fact: 'way', in: ['card'] };
    expect(listEdges(aFlow()).filter((edge) => edge.option === 'hospital')).toMatchObject([
      { to: 'escalate', when: byCard },
      { to: 'beds', when: { not: byCard } },
    ]);
  });

  it('joins an option’s own condition with its branches’', () => {
    const byCard = { fact: 'way', in: ['card'] } as const;
    const byApp = { fact: 'way', in: ['ecps'] } as const;
    const flow = aFlow({
      nodes: {
        ...aFlow().nodes,
        beds: {
          kind: 'question',
          exits: [],
          options: [{ id: 'many', when: byApp, to: [{ when: byCard, to: 'resolved' }, { to: 'escalate' }] }],
        },
      },
    });
    expect(listEdges(flow).filter((edge) => edge.from === 'beds')).toMatchObject([
      { to: 'resolved', when: { all: [byApp, byCard] } },
      { to: 'escalate', when: { all: [byApp, { not: byCard }] } },
    ]);
  });
});

describe('flowAsData', () => {
  it('gives the nodes with their kind and outcome, and every edge', () => {
    const data = flowAsData(aFlow());
    expect(data).toMatchObject({ id: 'small', version: 3, start: 'way' });
    expect(data.nodes).toContainEqual({ id: 'reader', kind: 'instruction' });
    expect(data.nodes).toContainEqual({ id: 'escalate', kind: 'outcome', outcome: 'escalate' });
    expect(data.edges).toEqual(listEdges(aFlow()));
  });

  it('survives JSON unchanged', () => {
    const data = flowAsData(aFlow());
    expect(JSON.parse(JSON.stringify(data))).toEqual(data);
  });
});

describe('findCycle', () => {
  it('finds none in a flow that only goes forward', () => expect(findCycle(aFlow())).toBeUndefined());

  it('finds a node that leads to itself', () => {
    const written = aFlowAsWritten();
    const nodes = {
      ...written.nodes,
      beds: { kind: 'question', exits: [], options: [{ id: 'many', to: 'beds' }] } as const,
    };
    expect(findCycle({ ...written, nodes })).toEqual(['beds', 'beds']);
  });

  it('finds a circle through an exit, even where no path reaches it', () => {
    const written = aFlowAsWritten();
    const nodes = {
      ...written.nodes,
      island: { kind: 'question', options: [{ id: 'go', to: 'resolved' }] } as const,
    };
    const exits = [...written.exits, { id: 'swim', to: 'island' }];
    expect(findCycle({ ...written, nodes, exits })).toEqual(['island', 'island']);
  });
});
