import type { FlowNode } from '../../flow.ts';

/** Activating the e-CPS: by the contact details, then by the card, on a computer beside the telephone. */
export const activation: Readonly<Record<string, FlowNode>> = {
  activate_by_contacts: {
    kind: 'instruction',
    variantBy: 'authority',
    options: [{ id: 'still_stuck', role: 'stuck', to: 'card_at_hand' }],
    links: ['eCps'],
  },
  card_at_hand: {
    kind: 'question',
    variantBy: 'identifier',
    // A person at once for whoever already said that the card is blocked or lost.
    passed: [{ when: { fact: 'card', in: ['blocked', 'lost'] }, to: 'setting' }],
    options: [
      { id: 'yes', to: 'activate_by_card', sets: { card: 'at_hand' } },
      { id: 'no', to: 'setting', sets: { card: 'missing' } },
    ],
  },
  activate_by_card: {
    kind: 'instruction',
    options: [{ id: 'still_stuck', role: 'stuck', to: 'setting' }],
    links: ['eCps', 'cardSoftware'],
    exits: ['it_works'],
  },
};
