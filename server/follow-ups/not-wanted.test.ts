import { describe, expect, test } from 'vitest';
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

describe('a mail about a callback', () => {
  const booked = { state: 'booked', begun: false, told: true } as const;
  test.each([
    ['callback_booked', {}, undefined],
    ['callback_booked', { state: 'cancelled' }, 'callback_over'],
    ['callback_reminder', {}, undefined],
    ['callback_reminder', { state: 'changed' }, 'callback_over'],
    ['callback_reminder', { state: 'settled' }, 'callback_over'],
    ['callback_reminder', { begun: true }, 'callback_over'],
    ['callback_moved', { state: 'withdrawn' }, 'callback_over'],
    ['callback_missed', { state: 'missed', begun: true }, undefined],
    ['callback_missed', {}, undefined],
    ['callback_cancelled', { state: 'cancelled' }, undefined],
    ['callback_cancelled', { state: 'cancelled', told: false }, 'callback_never_told'],
    ['callback_withdrawn', { state: 'withdrawn' }, undefined],
    ['callback_withdrawn', { state: 'withdrawn', told: false }, undefined],
  ] as const)('%s, %o → %s', (kind, change, reason) => {
    expect(reasonNotToSend({ ...wanted, kind, callback: { ...booked, ...change } })).toBe(reason);
  });

  test('is silenced like the others', () => {
    expect(reasonNotToSend({ ...wanted, kind: 'callback_reminder', callback: booked, consent: false })).toBe(
      'consent_withdrawn',
    );
  });
});
