import type { FlowNode, Option } from '../../flow.ts';

/** What the notice prescribes for everybody: it begins by finding who holds the contact details. */
const tryNotice: Option = { id: 'still_stuck', role: 'stuck', to: 'profession' };
/** The notice's steps could not help: a person can. The exit "talk to someone" would say the same again. */
const askSomeone: Option = { id: 'still_stuck', role: 'stuck', to: 'setting' };
/** The remedy goes on by activating the e-CPS, or at the registration authority: what the next pages do. */
const goOn: Option = { id: 'next', role: 'next', to: 'profession' };

/** One page for each thing that happens, before what the notice prescribes for all. */
export const remedies: Readonly<Record<string, FlowNode>> = {
  sms_not_received: { kind: 'instruction', options: [tryNotice] },
  email_not_received: { kind: 'instruction', options: [tryNotice], links: ['eCpsSupport'] },
  identifier_refused: { kind: 'instruction', options: [tryNotice], links: ['eCps', 'directory'] },
  qr_not_read: { kind: 'instruction', options: [tryNotice], links: ['eCps'] },
  ecps_expired: { kind: 'instruction', options: [goOn] },
  login_fails: {
    kind: 'instruction',
    options: [{ id: 'test_succeeds', to: 'after_sign_in', sets: { symptom: 'after_sign_in' } }, tryNotice],
    links: ['eCpsTest'],
  },
  card_not_recognised: { kind: 'instruction', options: [tryNotice], links: ['cardSoftware', 'cardSupport'] },
  pin_blocked: { kind: 'instruction', options: [goOn], links: ['cardSupport'] },
  card_lost: { kind: 'instruction', options: [goOn], links: ['cardSupport'] },
  new_phone: { kind: 'instruction', options: [goOn], links: ['eCps'] },
  name_changed: { kind: 'instruction', options: [goOn] },
  after_sign_in: {
    kind: 'instruction',
    options: [askSomeone],
    links: ['amelipro'],
    exits: ['it_works'],
  },
  page_does_not_open: {
    kind: 'instruction',
    options: [{ id: 'everyone', to: 'everything_down', sets: { symptom: 'everything_down' } }, askSomeone],
    exits: ['it_works'],
  },
  wrong_site: { kind: 'instruction', options: [tryNotice], links: ['amelipro', 'eCps'] },
  everything_down: {
    kind: 'instruction',
    options: [{ id: 'only_me', to: 'profession', sets: { symptom: 'other' } }, askSomeone],
    links: ['amelipro'],
    exits: ['it_works'],
  },
};
