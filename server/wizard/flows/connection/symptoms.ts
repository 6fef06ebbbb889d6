import type { Condition, FlowNode } from '../../flow.ts';

const byCard: Condition = { fact: 'way', in: ['card'] };
const byECps: Condition = { fact: 'way', in: ['ecps'] };

/** Which way in, and what happens: two short lists rather than a long one, for a small screen. */
export const symptoms: Readonly<Record<string, FlowNode>> = {
  way: {
    kind: 'question',
    options: [
      { id: 'card', to: 'problem', sets: { way: 'card' } },
      { id: 'ecps', to: 'problem', sets: { way: 'ecps' } },
      { id: 'unknown', to: 'ways_explained' },
      { id: 'insured', to: 'insured_site' },
    ],
  },
  ways_explained: {
    kind: 'question',
    options: [
      { id: 'card', to: 'problem', sets: { way: 'card' } },
      { id: 'ecps', to: 'problem', sets: { way: 'ecps' } },
      { id: 'neither', to: 'profession', sets: { way: 'ecps', symptom: 'never_activated' } },
    ],
  },
  problem: {
    kind: 'question',
    options: [
      { id: 'codes', to: 'code_missing', when: byECps },
      { id: 'app', to: 'app_trouble', when: byECps },
      { id: 'never_activated', to: 'profession', when: byECps, sets: { symptom: 'never_activated' } },
      { id: 'card', to: 'card_trouble' },
      { id: 'changed', to: 'what_changed', when: byECps },
      { id: 'name', to: 'name_changed', when: byCard, sets: { symptom: 'name_changed' } },
      { id: 'access', to: 'access_trouble' },
      { id: 'everyone', to: 'everything_down', sets: { symptom: 'everything_down' } },
      { id: 'no_rpps', to: 'training', sets: { symptom: 'no_rpps' } },
      { id: 'other', to: 'profession', sets: { symptom: 'other' } },
    ],
  },
  code_missing: {
    kind: 'question',
    options: [
      { id: 'sms', to: 'sms_not_received', sets: { symptom: 'code_sms' } },
      { id: 'email', to: 'email_not_received', sets: { symptom: 'code_email' } },
      { id: 'both', to: 'profession', sets: { symptom: 'code_both' } },
    ],
  },
  app_trouble: {
    kind: 'question',
    options: [
      { id: 'identifier', to: 'identifier_refused', sets: { symptom: 'identifier_refused' } },
      { id: 'qr', to: 'qr_not_read', sets: { symptom: 'qr_not_read' } },
      { id: 'expired', to: 'ecps_expired', sets: { symptom: 'ecps_expired' } },
      { id: 'fails', to: 'login_fails', sets: { symptom: 'login_fails' } },
    ],
  },
  card_trouble: {
    kind: 'question',
    options: [
      { id: 'not_recognised', to: 'card_not_recognised', sets: { symptom: 'card_not_recognised' } },
      { id: 'pin', to: 'pin_blocked', sets: { symptom: 'pin_blocked', card: 'blocked' } },
      { id: 'lost', to: 'card_lost', sets: { symptom: 'card_lost', card: 'lost' } },
    ],
  },
  what_changed: {
    kind: 'question',
    options: [
      { id: 'phone', to: 'new_phone', sets: { symptom: 'new_phone' } },
      { id: 'contacts', to: 'profession', sets: { symptom: 'new_contacts' } },
      { id: 'name', to: 'name_changed', sets: { symptom: 'name_changed' } },
    ],
  },
  access_trouble: {
    kind: 'question',
    options: [
      { id: 'signed_in', to: 'after_sign_in', sets: { symptom: 'after_sign_in' } },
      { id: 'page', to: 'page_does_not_open', sets: { symptom: 'page_does_not_open' } },
      { id: 'wrong_site', to: 'wrong_site', sets: { symptom: 'wrong_site' } },
    ],
  },
  // Interns and midwifery students are in the directory: for them the profession, and so the Ordre, is known at once.
  training: {
    kind: 'question',
    options: [
      {
        id: 'medicine',
        to: 'contacts',
        sets: { training: 'medicine', profession: '10', authority: 'cnom' },
      },
      {
        id: 'pharmacy',
        to: 'contacts',
        sets: { training: 'pharmacy', profession: '21', authority: 'cnop' },
      },
      {
        id: 'dentistry',
        to: 'contacts',
        sets: { training: 'dentistry', profession: '40', authority: 'oncd' },
      },
      {
        id: 'midwifery',
        to: 'contacts',
        sets: { training: 'midwifery', profession: '50', authority: 'cnosf' },
      },
      { id: 'nursing', to: 'delegated', sets: { training: 'nursing' } },
      { id: 'other_training', to: 'training_card', sets: { training: 'other' } },
      { id: 'staff', to: 'contacts', sets: { profession: 'none', authority: 'employer' } },
    ],
  },
  training_card: {
    kind: 'question',
    options: [
      { id: 'yes', to: 'profession' },
      { id: 'no', to: 'delegated' },
    ],
  },
};
