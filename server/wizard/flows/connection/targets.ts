import type { Target } from '../../flow.ts';

/** The card route; a person at once for whoever already said that the card is blocked or lost. */
export const towardCard: Target = [
  { when: { fact: 'card', in: ['blocked', 'lost'] }, to: 'setting' },
  { to: 'card_at_hand' },
];

/** Opening a case; the profession is asked first when nothing on the way needed it. */
export const towardCase: Target = [
  {
    when: { fact: 'profession', in: ['10', '21', '40', '50', '60', '70', '80', 'other', 'none'] },
    to: 'escalate',
  },
  { to: 'case_profession' },
];
