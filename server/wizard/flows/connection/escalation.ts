import type { FlowNode } from '../../flow.ts';
import { professionsOnly } from './professions.ts';
import { towardCase } from './targets.ts';

/** Already on the way to a person: "talk to someone" would turn in circles. */
const exits = ['it_works'];

/**
 * What choosing the right hotline needs, and nothing twice: the place first, which decides alone for an establishment or
 * a vaccination centre; else how one practises; and for whoever does both, the activity of this very sign-in.
 */
export const escalation: Readonly<Record<string, FlowNode>> = {
  setting: {
    kind: 'question',
    exits,
    options: [
      { id: 'establishment', to: towardCase, sets: { setting: 'establishment' } },
      { id: 'vaccination_centre', to: towardCase, sets: { setting: 'vaccination_centre' } },
      { id: 'practice', to: 'mode', sets: { setting: 'practice' } },
      { id: 'elsewhere', to: 'mode', sets: { setting: 'other' } },
    ],
  },
  mode: {
    kind: 'question',
    exits,
    options: [
      { id: 'independent', to: towardCase, sets: { mode: 'L' } },
      { id: 'salaried', to: towardCase, sets: { mode: 'S' } },
      { id: 'both', to: 'activity' },
      { id: 'volunteer', to: towardCase, sets: { mode: 'B' } },
    ],
  },
  activity: {
    kind: 'question',
    exits,
    options: [
      { id: 'independent', to: towardCase, sets: { mode: 'L' } },
      { id: 'salaried', to: towardCase, sets: { mode: 'S' } },
    ],
  },
  case_profession: {
    kind: 'question',
    exits,
    options: [
      ...professionsOnly('escalate'),
      { id: 'other_profession', to: 'escalate', sets: { profession: 'other' } },
      { id: 'staff', to: 'escalate', sets: { profession: 'none' } },
    ],
  },
};
