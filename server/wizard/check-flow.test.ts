import { describe, expect, it } from 'vitest';
import { factValues } from './check-flow.ts';
import { defineFlow, type FlowNode, type Option } from './flow.ts';
import { aFlow, aFlowAsWritten } from './testing/a-flow.ts';

const written = aFlowAsWritten();

function withNode(id: string, node: FlowNode): () => unknown {
  return () => defineFlow({ ...written, nodes: { ...written.nodes, [id]: node } });
}

function withOptions(...options: Option[]): () => unknown {
  return withNode('update', { kind: 'instruction', options });
}

describe('defineFlow', () => {
  it('accepts a flow that can be walked, and gives it back unchanged', () => {
    expect(defineFlow(written)).toBe(written);
  });

  it('accepts a way back that takes an answer back: it is no circle', () => {
    expect(
      withOptions({ id: 'go', to: 'place' }, { id: 'not_so', takesBack: true, to: 'way' }),
    ).not.toThrow();
  });

  it('knows what a look-up may teach', () => {
    const mayFind = [{ mode: 'L' }, { mode: 'S', setting: 'practice' }];
    const flow = withOptions({ id: 'find', to: 'place', lookUp: { field: 'number', mayFind } })();
    expect(factValues(flow as typeof written).get('mode')).toEqual(new Set(['L', 'S']));
  });

  it('refuses a start that is no node', () => {
    expect(() => defineFlow({ ...written, start: 'nowhere' })).toThrow(
      'start: no node "nowhere" in flow "small"',
    );
  });

  it('refuses a start that only an object’s prototype has', () => {
    expect(() => defineFlow({ ...written, start: 'constructor' })).toThrow('no node "constructor"');
  });

  it('refuses an exit that leads to no node', () => {
    const exits = [{ id: 'it_works', to: 'nowhere' }];
    expect(() => defineFlow({ ...written, exits })).toThrow('exit "it_works": no node "nowhere"');
  });

  it.each([
    [
      'a page passed on to no node',
      withNode('update', {
        kind: 'question',
        passed: [{ when: { fact: 'way', in: ['card'] }, to: 'nowhere' }],
        options: [{ id: 'go', to: 'place' }],
      }),
      'node "update", when passed: no node "nowhere"',
    ],
    [
      'a page passed by what nobody teaches',
      withNode('update', {
        kind: 'question',
        passed: [{ when: { fact: 'mode', in: ['L'] }, to: 'place' }],
        options: [{ id: 'go', to: 'place' }],
      }),
      'node "update", when passed: no option teaches that "mode" is "L"',
    ],
    [
      'two fields on a page',
      withOptions(
        { id: 'one', to: 'place', lookUp: { field: 'number', mayFind: [] } },
        { id: 'two', to: 'place', lookUp: { field: 'number', mayFind: [] } },
      ),
      'node "update": one field at most',
    ],
    [
      'a confirmation of what is not looked up',
      withOptions({ id: 'me', to: 'place', confirms: 'reader' }),
      'node "update", option "me": nothing is looked up at "reader"',
    ],
    [
      'taking back the answers of several nodes',
      withOptions({ id: 'back', takesBack: true, to: [{ to: 'way' }] }),
      'node "update", option "back": what is taken back is the answer of one node',
    ],
    [
      'an option that leads to no node',
      withOptions({ id: 'go', to: 'nowhere' }),
      'node "update", option "go": no node "nowhere"',
    ],
    [
      'a branch that leads to no node',
      withOptions({ id: 'go', to: [{ to: 'nowhere' }] }),
      'no node "nowhere"',
    ],
    [
      'the same option twice',
      withOptions({ id: 'go', to: 'place' }, { id: 'go', to: 'beds' }),
      'the same option twice',
    ],
    ['an option named like an exit', withOptions({ id: 'help', to: 'place' }), 'the same option twice'],
    ['a page without options', withOptions(), 'node "update": no option'],
    ['a conditional target without branches', withOptions({ id: 'go', to: [] }), 'the last branch'],
    [
      'a conditional target without a last resort',
      withOptions({ id: 'go', to: [{ when: { fact: 'way', in: ['card'] }, to: 'place' }] }),
      'the last branch of a conditional target must have no condition',
    ],
    [
      'a branch that hides those after it',
      withOptions({ id: 'go', to: [{ to: 'place' }, { to: 'beds' }] }),
      'a branch without a condition hides those after it',
    ],
    [
      'a branch on a value that nothing teaches',
      withOptions({ id: 'go', to: [{ when: { fact: 'way', in: ['boat'] }, to: 'place' }, { to: 'beds' }] }),
      'no option teaches that "way" is "boat"',
    ],
    [
      'an option offered on a value that nothing teaches, however deep',
      withOptions({
        id: 'go',
        to: 'place',
        when: { not: { all: [{ any: [{ fact: 'mode', in: ['L'] }] }] } },
      }),
      'no option teaches that "mode" is "L"',
    ],
    [
      'a link shown on a value that nothing teaches',
      withNode('resolved', {
        kind: 'outcome',
        outcome: 'resolved',
        links: [{ key: 'ars', when: { fact: 'authority', in: ['ars'] } }],
      }),
      'link "ars": no option teaches',
    ],
    [
      'texts that vary by what nothing teaches',
      withNode('resolved', { kind: 'outcome', outcome: 'resolved', variantBy: 'authority' }),
      'no option teaches "authority"',
    ],
    [
      'an exit that the flow does not have',
      withNode('update', { kind: 'instruction', options: [{ id: 'go', to: 'place' }], exits: ['leave'] }),
      'no exit "leave"',
    ],
    [
      'a node named like a level of the catalogue',
      withNode('exits', { kind: 'outcome', outcome: 'resolved' }),
      'taken',
    ],
    [
      'a node id that is no identifier',
      withNode('A b', { kind: 'outcome', outcome: 'resolved' }),
      'not an identifier',
    ],
    [
      'an option id that is no identifier',
      withOptions({ id: '10', to: 'place' }),
      '"10" is not an identifier',
    ],
  ])('refuses %s', (_, define, message) => {
    expect(define).toThrow(message);
  });

  it('refuses a flow id that is no identifier', () => {
    expect(() => defineFlow({ ...written, id: 'a/b' })).toThrow('"a/b" is not an identifier');
  });

  it('refuses a way back to a page already seen, naming the pages', () => {
    expect(
      withNode('beds', { kind: 'question', exits: [], options: [{ id: 'many', to: 'update' }] }),
    ).toThrow('flow "small" turns in circles: place → beds → update → place');
  });
});

describe('factValues', () => {
  it('gathers every value that the options teach', () => {
    expect(factValues(aFlow())).toEqual(
      new Map([
        ['way', new Set(['card', 'ecps'])],
        ['setting', new Set(['establishment', 'other'])],
      ]),
    );
  });
});
