import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connection } from './flows/connection.ts';
import { listPaths } from './paths.ts';
import { type Answer, answered, replay } from './replay.ts';
import { aFinding } from './testing/a-finding.ts';
import { aFlow } from './testing/a-flow.ts';

const flow = aFlow();
const answers = (...pairs: [string, string][]): Answer[] => pairs.map(([node, answer]) => ({ node, answer }));
const toBeds = answers(['way', 'app'], ['update', 'still_stuck'], ['place', 'hospital']);

describe('replay', () => {
  it('stands at the start without answers', () => {
    expect(replay(flow, [])).toMatchObject({ nodeId: 'way', facts: {}, trail: [], knownBefore: [] });
  });

  it('follows the answers, and gathers what they teach', () => {
    const there = replay(flow, toBeds);
    expect(there).toMatchObject({
      nodeId: 'beds',
      facts: { way: 'ecps', setting: 'establishment' },
      trail: toBeds,
    });
    expect(there.options.map((option) => option.id)).toEqual(['many']);
    expect(there.problem).toBeUndefined();
  });

  it('says what was known when each page was shown', () => {
    expect(replay(flow, toBeds).knownBefore).toEqual([{}, { way: 'ecps' }, { way: 'ecps' }]);
  });

  it('takes a branch by what the option itself has just taught', () => {
    const there = replay(flow, answers(['way', 'card'], ['reader', 'still_stuck'], ['place', 'hospital']));
    expect(there.nodeId).toBe('escalate');
  });

  it('follows the flow’s exits', () => {
    expect(replay(flow, answers(['way', 'it_works'])).nodeId).toBe('resolved');
    expect(replay(flow, answers(['way', 'help'])).nodeId).toBe('place');
  });

  it('stops before an option that is not offered for what is known', () => {
    const given = answers(['way', 'card'], ['reader', 'still_stuck'], ['place', 'home']);
    expect(replay(flow, given)).toMatchObject({
      nodeId: 'place',
      trail: given.slice(0, 2),
      problem: { node: 'place', answer: 'home', reason: 'option-not-offered' },
    });
  });

  it('stops before an exit that the node leaves out', () => {
    const given = answers(['way', 'card'], ['reader', 'help']);
    expect(replay(flow, given)).toMatchObject({
      nodeId: 'reader',
      problem: { reason: 'option-not-offered' },
    });
  });

  it('stops before an answer to a node it did not reach', () => {
    const given = answers(['way', 'card'], ['update', 'still_stuck']);
    expect(replay(flow, given)).toMatchObject({
      nodeId: 'reader',
      trail: given.slice(0, 1),
      problem: { node: 'update', reason: 'node-not-reached' },
    });
  });

  it('stops before an option of another node', () => {
    const given = answers(['way', 'hospital']);
    expect(replay(flow, given)).toMatchObject({ nodeId: 'way', problem: { reason: 'option-not-offered' } });
  });

  it('stops at an outcome: nothing can be answered there', () => {
    const given = answers(['way', 'it_works'], ['resolved', 'it_works']);
    expect(replay(flow, given)).toMatchObject({
      nodeId: 'resolved',
      options: [],
      problem: { node: 'resolved', reason: 'option-not-offered' },
    });
  });

  it('keeps of an older version’s answers those that still fit', () => {
    const old = answers(['way', 'app'], ['restart', 'done'], ['place', 'home']);
    expect(replay(flow, old)).toMatchObject({
      nodeId: 'update',
      trail: old.slice(0, 1),
      facts: { way: 'ecps' },
    });
  });

  it.each(['__proto__', 'constructor', '', 'way\u0000'])('is not fooled by the node %j', (node) => {
    expect(replay(flow, answers([node, 'card']))).toMatchObject({
      nodeId: 'way',
      problem: { reason: 'node-not-reached' },
    });
  });
});

describe('answered', () => {
  it('adds an answer to the current node', () => {
    expect(answered(flow, toBeds, { node: 'beds', answer: 'many' })).toEqual([
      ...toBeds,
      { node: 'beds', answer: 'many' },
    ]);
  });

  it('replaces an earlier answer, and discards what followed it', () => {
    expect(answered(flow, toBeds, { node: 'way', answer: 'card' })).toEqual(answers(['way', 'card']));
  });

  it('forgets what the discarded answers taught', () => {
    const changed = answered(flow, toBeds, { node: 'way', answer: 'card' }) ?? [];
    expect(replay(flow, changed).facts).toEqual({ way: 'card' });
  });

  it('changes nothing when the same answer is sent twice', () => {
    expect(answered(flow, toBeds, { node: 'place', answer: 'hospital' })).toEqual(toBeds);
  });

  it('refuses a node that is neither in the trail nor the current one', () => {
    expect(answered(flow, toBeds, { node: 'reader', answer: 'still_stuck' })).toBeUndefined();
    expect(answered(flow, [], { node: 'nowhere', answer: 'card' })).toBeUndefined();
  });

  it('builds on the answers that still fit, not on those that do not', () => {
    const old = answers(['way', 'app'], ['restart', 'done']);
    expect(answered(flow, old, { node: 'update', answer: 'still_stuck' })).toEqual(
      answers(['way', 'app'], ['update', 'still_stuck']),
    );
  });
});

describe('any walk through the connection flow', () => {
  const nodes = Object.keys(connection.nodes);
  const optionIds = Object.values(connection.nodes).flatMap((node) =>
    node.kind === 'outcome' ? [] : node.options.map((option) => option.id),
  );
  const noise = fc.record({
    node: fc.oneof(fc.constantFrom(...nodes), fc.string()),
    answer: fc.oneof(fc.constantFrom(...optionIds, 'it_works', 'help'), fc.string()),
  });
  const choices = fc.array(fc.nat(100), { maxLength: 20 });

  /** Answers given by always choosing among what is offered, until an outcome or no choice is left. */
  function walk(choices: readonly number[]): readonly Answer[] {
    let given: readonly Answer[] = [];
    for (const choice of choices) {
      const here = replay(connection, given);
      const { nodeId } = here;
      // What takes an answer back leaves none to follow.
      const options = here.options.filter(({ takesBack }) => !takesBack);
      const option = options[choice % Math.max(options.length, 1)];
      if (!option) break;
      given = [...given, { node: nodeId, answer: option.id }];
    }
    return given;
  }

  it('never throws on any answers, and keeps a prefix of them', () => {
    fc.assert(
      fc.property(choices, fc.array(noise, { maxLength: 4 }), (chosen, more) => {
        const given = [...walk(chosen), ...more];
        const { trail, problem, knownBefore } = replay(connection, given);
        expect(trail).toEqual(given.slice(0, trail.length));
        expect(knownBefore).toHaveLength(trail.length);
        expect(problem === undefined).toBe(trail.length === given.length);
      }),
      { numRuns: 500 },
    );
  });

  it('accepts every offered option, and ends in an outcome in a few pages', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { minLength: 20, maxLength: 20 }), (chosen) => {
        const { node, problem } = replay(connection, walk(chosen));
        expect(problem).toBeUndefined();
        expect(node.kind).toBe('outcome');
      }),
      { numRuns: 500 },
    );
  });

  it('comes back to the same place when an earlier answer is given again with what followed', () => {
    fc.assert(
      fc.property(choices, fc.nat(20), (chosen, at) => {
        const given = walk(chosen);
        const again = given[at % Math.max(given.length, 1)];
        if (!again) return;
        const cut = answered(connection, given, again) ?? [];
        expect(cut).toEqual(given.slice(0, cut.length));
        const rest = given.slice(cut.length);
        expect(replay(connection, [...cut, ...rest])).toEqual(replay(connection, given));
      }),
      { numRuns: 300 },
    );
  });
});

describe('a look-up', () => {
  const mayFind = [{ setting: 'establishment' }];
  const flow = aFlow({
    nodes: {
      ...aFlow().nodes,
      way: {
        kind: 'question',
        options: [
          { id: 'card', to: 'reader', sets: { way: 'card' } },
          { id: 'app', to: 'update', sets: { way: 'ecps' } },
          { id: 'look_up', to: 'is_it_you', lookUp: { field: 'number', mayFind } },
        ],
      },
      is_it_you: {
        kind: 'question',
        options: [
          { id: 'me', to: 'place', confirms: 'way' },
          { id: 'not_me', to: 'way', takesBack: true },
        ],
      },
      place: {
        kind: 'question',
        exits: ['it_works'],
        passed: [{ when: { fact: 'setting', in: ['establishment'] }, to: 'beds' }],
        options: [{ id: 'hospital', to: 'beds' }],
      },
    },
  });
  const found = aFinding({ facts: { setting: 'establishment' } });
  const looked = { node: 'way', answer: 'look_up', typed: '10000000009', found };

  it('teaches what it found when it is confirmed, and passes what that answers', () => {
    expect(replay(flow, [looked])).toMatchObject({ nodeId: 'is_it_you', facts: {}, confirmed: false, found });
    const answers = answered(flow, [looked], { node: 'is_it_you', answer: 'me' });
    expect(answers?.at(-1)).toEqual({ node: 'is_it_you', answer: 'me', learnt: found.facts });
    expect(replay(flow, answers ?? [])).toMatchObject({
      nodeId: 'beds',
      facts: found.facts,
      confirmed: true,
      typed: '10000000009',
    });
  });

  it('that is not confirmed is taken back with all it found', () => {
    expect(answered(flow, [looked], { node: 'is_it_you', answer: 'not_me' })).toEqual([]);
  });

  it('has no stored answer that takes it back', () => {
    const taken = replay(flow, [looked, { node: 'is_it_you', answer: 'not_me' }]);
    expect(taken).toMatchObject({ nodeId: 'is_it_you', problem: { reason: 'option-not-offered' } });
  });

  it('is forgotten when its question is answered otherwise', () => {
    const answers = answered(flow, [looked, { node: 'is_it_you', answer: 'me', learnt: found.facts }], {
      node: 'way',
      answer: 'card',
    });
    expect(replay(flow, answers ?? [])).toMatchObject({ nodeId: 'reader', facts: { way: 'card' } });
    expect(replay(flow, answers ?? []).found).toBeUndefined();
  });

  it('teaches only through the option that confirms it', () => {
    const forged = { node: 'way', answer: 'card', learnt: { setting: 'establishment' } };
    expect(replay(flow, [forged]).facts).toEqual({ way: 'card' });
  });

  it('is walked with everything that it may find', () => {
    const ends = listPaths(flow).filter(({ answers }) => answers[0]?.answer === 'look_up');
    expect(ends.map(({ answers }) => answers.map(({ answer }) => answer).join(' '))).toContain(
      'look_up me many',
    );
  });
});
