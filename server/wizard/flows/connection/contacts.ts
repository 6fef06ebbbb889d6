import type { FlowNode, Link } from '../../flow.ts';
import { lookUpNumber, professionKnown } from './findings.ts';
import { professionsOnly, professionsWithOrdre } from './professions.ts';

const ordres = ['cnom', 'cnop', 'oncd', 'cnosf', 'oni', 'cnomk', 'onpp'];

/** The address of the one authority that holds this person's contact details. */
const authorityLinks: readonly Link[] = [
  ...ordres.map((ordre) => ({ key: `order.${ordre}`, when: { fact: 'authority', in: [ordre] } as const })),
  { key: 'ars', when: { fact: 'authority', in: ['ars'] } },
  { key: 'rppsPlus', when: { fact: 'authority', in: ['employer'] } },
  { key: 'ssa', when: { fact: 'authority', in: ['ssa'] } },
];

/** Who holds the contact details, and checking them there: the notice's first step. */
export const contacts: Readonly<Record<string, FlowNode>> = {
  profession: {
    kind: 'question',
    // Whoever came with a card hears first why the e-CPS is spoken of.
    variantBy: 'symptom',
    options: [
      ...professionsWithOrdre('contacts'),
      { id: 'other_profession', to: 'identifier', sets: { profession: 'other', authority: 'ars' } },
      { id: 'staff', to: 'contacts', sets: { profession: 'none', authority: 'employer' } },
      { id: 'armed_forces', to: 'armed_forces', sets: { authority: 'ssa' } },
      { id: 'look_up', to: 'you_are', lookUp: lookUpNumber },
    ],
  },
  // Nothing is learnt of a look-up before it is confirmed: a mistyped number may be somebody else's.
  you_are: {
    kind: 'question',
    options: [
      { id: 'me', to: 'which_profession', confirms: 'profession' },
      {
        id: 'me_in_centre',
        to: 'which_profession',
        confirms: 'profession',
        sets: { setting: 'vaccination_centre' },
      },
      { id: 'not_me', to: 'profession', takesBack: true },
    ],
  },
  // Only those are asked for whom the directory knows several professions.
  which_profession: {
    kind: 'question',
    passed: [
      { when: { all: [professionKnown, { fact: 'identifier', in: ['adeli'] }] }, to: 'card_at_hand' },
      { when: professionKnown, to: 'contacts' },
      { when: { fact: 'authority', in: ['ssa'] }, to: 'armed_forces' },
    ],
    options: [
      ...professionsWithOrdre('contacts'),
      { id: 'other_profession', to: 'contacts', sets: { profession: 'other', authority: 'ars' } },
    ],
  },
  // The authority is known already: only the profession is asked, and any may be met there.
  armed_forces: {
    kind: 'question',
    options: [
      ...professionsOnly('contacts'),
      { id: 'other_profession', to: 'contacts', sets: { profession: 'other' } },
      { id: 'staff', to: 'contacts', sets: { profession: 'none' } },
    ],
  },
  // Only professions without an Ordre may still have nothing but an ADELI number: nobody else is asked.
  identifier: {
    kind: 'question',
    options: [
      { id: 'rpps', to: 'contacts', sets: { identifier: 'rpps' } },
      { id: 'adeli', to: 'card_at_hand', sets: { identifier: 'adeli' } },
    ],
  },
  contacts: {
    kind: 'instruction',
    variantBy: 'authority',
    options: [
      { id: 'correct', role: 'next', to: 'activate_by_contacts', sets: { contacts: 'correct' } },
      { id: 'unchecked', to: 'activate_by_contacts', sets: { contacts: 'unchecked' } },
      { id: 'waiting', role: 'stuck', to: 'card_at_hand', sets: { contacts: 'waiting' } },
    ],
    links: authorityLinks,
  },
};
