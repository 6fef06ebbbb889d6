import { expect, test } from 'vitest';
import { caseStates } from '../cases/cases.table.ts';
import { cartesian } from '../routing/builders.ts';
import { followUpKinds } from './follow-ups.table.ts';
import { type PresentFacts, reasonNotToSend } from './not-wanted.ts';

const wanted: PresentFacts = {
  kind: 'did_it_work',
  state: 'waiting',
  mergedInto: null,
  consent: true,
  email: 'camille@exemple.test',
  confirmed: false,
};

test('a mail goes whatever the state of the case, but for a closed one', () => {
  for (const { kind, state } of cartesian({ kind: followUpKinds, state: caseStates })) {
    expect(reasonNotToSend({ ...wanted, kind, state }), `${kind} ${state}`).toBe(
      state === 'closed' ? 'case_closed' : undefined,
    );
  }
});

test.each([
  [{ mergedInto: 12 }, 'case_merged'],
  [{ state: 'closed' }, 'case_closed'],
  [{ consent: false }, 'consent_withdrawn'],
  [{ email: null }, 'no_address'],
  [{ confirmed: true }, 'works_already'],
] as const)('%o → %s', (change, reason) => {
  expect(reasonNotToSend({ ...wanted, ...change })).toBe(reason);
});

test('a message of the desk is announced even to somebody who is through', () => {
  expect(reasonNotToSend({ ...wanted, kind: 'message_from_desk', confirmed: true })).toBeUndefined();
});
