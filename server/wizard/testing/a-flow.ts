import { defineFlow, type Flow } from '../flow.ts';

/**
 * A small flow for tests: way → (card: reader | app: update) → place → escalate, with "it works" and "help" on each page.
 * Whoever came by the card is not asked how many beds there are.
 */
export function aFlow(changes: Partial<Flow> = {}): Flow {
  return defineFlow(aFlowAsWritten(changes));
}

/** The same before `defineFlow` judged it. */
export function aFlowAsWritten(changes: Partial<Flow> = {}): Flow {
  return {
    id: 'small',
    version: 3,
    start: 'way',
    exits: [
      { id: 'it_works', role: 'works', to: 'resolved' },
      { id: 'help', role: 'help', to: 'place' },
    ],
    nodes: {
      way: {
        kind: 'question',
        options: [
          { id: 'card', to: 'reader', sets: { way: 'card' } },
          { id: 'app', to: 'update', sets: { way: 'ecps' } },
        ],
      },
      reader: {
        kind: 'instruction',
        options: [{ id: 'still_stuck', role: 'stuck', to: 'place' }],
        exits: ['it_works'],
      },
      update: { kind: 'instruction', options: [{ id: 'still_stuck', role: 'stuck', to: 'place' }] },
      place: {
        kind: 'question',
        exits: ['it_works'],
        options: [
          {
            id: 'hospital',
            sets: { setting: 'establishment' },
            to: [{ when: { fact: 'way', in: ['card'] }, to: 'escalate' }, { to: 'beds' }],
          },
          { id: 'home', when: { fact: 'way', in: ['ecps'] }, to: 'escalate', sets: { setting: 'other' } },
        ],
      },
      beds: { kind: 'question', exits: [], options: [{ id: 'many', to: 'escalate' }] },
      resolved: { kind: 'outcome', outcome: 'resolved' },
      escalate: { kind: 'outcome', outcome: 'escalate' },
    },
    ...changes,
  };
}
