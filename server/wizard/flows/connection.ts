import { defineFlow } from '../flow.ts';
import { activation } from './connection/activation.ts';
import { contacts } from './connection/contacts.ts';
import { escalation } from './connection/escalation.ts';
import { remedies } from './connection/remedies.ts';
import { symptoms } from './connection/symptoms.ts';

/**
 * "I cannot get into Vaccin Covid": which way in, what happens, the remedy for that (remedies.ts), then what the notice
 * prescribes in its order: contact details with the registration authority (contacts.ts), the e-CPS by contact details,
 * the e-CPS by the card on a computer (activation.ts), and at last a person (escalation.ts).
 *
 * Where the profession is asked, a number of the directory may be typed instead: once confirmed, nothing is asked that the
 * directory told (findings.ts). The nodes of version 1 are all still there: an older session goes on as if nothing were new.
 *
 * The notice's order is left aside where it cannot help: a page that does not open, a refusal after sign-in and a general
 * breakdown are nobody's contact details, so they lead from their remedy straight to a person.
 */
export const connection = defineFlow({
  id: 'connection',
  version: 2,
  start: 'way',
  exits: [
    { id: 'it_works', role: 'works', to: 'resolved' },
    { id: 'help', role: 'help', to: 'setting' },
  ],
  nodes: {
    ...symptoms,
    ...remedies,
    ...contacts,
    ...activation,
    ...escalation,
    resolved: { kind: 'outcome', outcome: 'resolved' },
    insured_site: { kind: 'outcome', outcome: 'redirected', links: ['ameli'] },
    delegated: { kind: 'outcome', outcome: 'redirected', links: ['tutorial'], orAsk: true },
    escalate: { kind: 'outcome', outcome: 'escalate' },
  },
});
