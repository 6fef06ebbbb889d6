import type { Condition, FlowNode, Option, Passed } from '../../flow.ts';
import { lookUpNumber, professionKnown } from './findings.ts';
import { professionsOnly } from './professions.ts';

/** Already on the way to a person: "talk to someone" would turn in circles. */
const exits = ['it_works'];

const places: readonly Option[] = [
  { id: 'establishment', to: 'mode', sets: { setting: 'establishment' } },
  { id: 'vaccination_centre', to: 'mode', sets: { setting: 'vaccination_centre' } },
  { id: 'practice', to: 'mode', sets: { setting: 'practice' } },
  { id: 'elsewhere', to: 'mode', sets: { setting: 'other' } },
];

const placeKnown: Passed = {
  when: { fact: 'setting', in: ['establishment', 'vaccination_centre', 'practice'] },
  to: 'mode',
};

/** In a practice, whoever has one activity there only. */
function inPracticeOnly(mode: string): Condition {
  return {
    all: [
      { fact: 'setting', in: ['practice'] },
      { fact: 'in_practice', in: [mode] },
    ],
  };
}

/**
 * What choosing the right hotline needs, and nothing twice: the place first, which decides alone for an establishment or
 * a vaccination centre; else how one practises; and for whoever does both, the activity of this very sign-in, unless the
 * directory knows only one of theirs in a practice. What it told, once confirmed, is not asked again.
 */
export const escalation: Readonly<Record<string, FlowNode>> = {
  setting: {
    kind: 'question',
    exits,
    passed: [placeKnown],
    options: [
      ...places,
      {
        id: 'look_up',
        to: 'case_you_are',
        when: { not: professionKnown },
        lookUp: lookUpNumber,
      },
    ],
  },
  case_you_are: {
    kind: 'question',
    exits,
    options: [
      { id: 'me', to: 'place', confirms: 'setting' },
      { id: 'me_in_centre', to: 'mode', confirms: 'setting', sets: { setting: 'vaccination_centre' } },
      { id: 'not_me', to: 'setting', takesBack: true },
    ],
  },
  // The same question, for whom the directory was silent about it.
  place: { kind: 'question', exits, passed: [placeKnown], options: places },
  mode: {
    kind: 'question',
    exits,
    passed: [
      { when: { fact: 'setting', in: ['establishment', 'vaccination_centre'] }, to: 'case_profession' },
      { when: { fact: 'mode', in: ['L', 'S', 'B'] }, to: 'case_profession' },
      { when: inPracticeOnly('L'), to: 'case_profession', sets: { mode: 'L' } },
      { when: inPracticeOnly('S'), to: 'case_profession', sets: { mode: 'S' } },
      { when: { fact: 'practises', in: ['both'] }, to: 'activity' },
    ],
    options: [
      { id: 'independent', to: 'case_profession', sets: { mode: 'L' } },
      { id: 'salaried', to: 'case_profession', sets: { mode: 'S' } },
      { id: 'both', to: 'activity' },
      { id: 'volunteer', to: 'case_profession', sets: { mode: 'B' } },
    ],
  },
  activity: {
    kind: 'question',
    exits,
    options: [
      { id: 'independent', to: 'case_profession', sets: { mode: 'L' } },
      { id: 'salaried', to: 'case_profession', sets: { mode: 'S' } },
    ],
  },
  case_profession: {
    kind: 'question',
    exits,
    passed: [{ when: professionKnown, to: 'escalate' }],
    options: [
      ...professionsOnly('escalate'),
      { id: 'other_profession', to: 'escalate', sets: { profession: 'other' } },
      { id: 'staff', to: 'escalate', sets: { profession: 'none' } },
    ],
  },
};
