import type { Priority } from '#server/cases/cases.table.ts';
import type { NewCaseBody } from '#server/cases/new-case.ts';
import type { Language } from '#server/texts.ts';
import type { DemoAgentEmail } from './demo-agents.ts';

/** What an agent did to a demo case, `minutesAgo`. */
export type DemoStep = { readonly by: DemoAgentEmail; readonly minutesAgo: number } & (
  | { readonly do: 'claim' | 'resolve' }
  | { readonly do: 'note' | 'ask'; readonly body: string }
  | { readonly do: 'prioritise'; readonly priority: Priority }
);

/** An invented practitioner: what they answered to the wizard (`node/option`), what they then asked, what followed. */
export interface DemoCase {
  readonly minutesAgo: number;
  readonly language: Language;
  readonly answers: readonly string[];
  readonly asked: NewCaseBody;
  readonly steps: readonly DemoStep[];
  /**
   * Booked `minutesAgo`, on that number: the first free slot that begins `inMinutes` or later, before now when negative.
   * At night that is on the next day.
   */
  readonly callback?: { readonly minutesAgo: number; readonly inMinutes: number; readonly phone: string };
}

const day = 24 * 60;

/** Oldest first. Nobody's names; the numbers begin as those kept for fiction do, and `.test` is nobody's either. */
export const demoCases: readonly DemoCase[] = [
  {
    minutesAgo: day + 300,
    language: 'fr',
    answers: [
      'way/ecps',
      'problem/app',
      'app_trouble/expired',
      'ecps_expired/help',
      'setting/establishment',
      'case_profession/pharmacist',
    ],
    asked: {
      contact: { name: 'Salomé Vasseur', email: 'salome.vasseur@pharmacie.demo.test' },
      message: 'La réactivation demande un code que je n’ai jamais reçu.',
      followUps: true,
    },
    steps: [
      { do: 'claim', by: 'agent.etablissements@demo.test', minutesAgo: day + 300 - 14 },
      {
        do: 'note',
        by: 'agent.etablissements@demo.test',
        minutesAgo: day + 300 - 20,
        body: 'Ancien numéro de portable à l’Ordre. Mis à jour avec elle par téléphone, e-CPS réactivée.',
      },
      { do: 'resolve', by: 'agent.etablissements@demo.test', minutesAgo: day + 300 - 26 },
    ],
  },
  {
    minutesAgo: day,
    language: 'fr',
    answers: [
      'way/card',
      'problem/card',
      'card_trouble/lost',
      'card_lost/help',
      'setting/practice',
      'mode/independent',
      'case_profession/physiotherapist',
    ],
    asked: {
      contact: { name: 'Maxime Roussel', email: 'maxime.roussel@cabinet.demo.test', phone: '03 53 01 01 12' },
      message: 'Carte perdue la semaine dernière, je vaccine samedi.',
      followUps: true,
    },
    steps: [
      { do: 'claim', by: 'agent.liberaux@demo.test', minutesAgo: day - 25 },
      {
        do: 'ask',
        by: 'agent.liberaux@demo.test',
        minutesAgo: day - 31,
        body: 'Votre e-CPS peut être activée sans la carte. L’adresse électronique connue de votre Ordre est-elle encore la vôtre ?',
      },
    ],
  },
  {
    minutesAgo: 95,
    language: 'fr',
    answers: [
      'way/ecps',
      'problem/codes',
      'code_missing/email',
      'email_not_received/help',
      'setting/vaccination_centre',
      'case_profession/doctor',
    ],
    asked: {
      contact: { name: 'Bertille Chauvin', email: 'bertille.chauvin@centre.demo.test' },
      practitioner: { mode: 'L' },
      message: 'Libérale, j’interviens aujourd’hui au centre de vaccination.',
      followUps: true,
    },
    steps: [{ do: 'prioritise', by: 'agent.deux@demo.test', minutesAgo: 80, priority: 'high' }],
  },
  {
    minutesAgo: 70,
    language: 'fr',
    answers: [
      'way/card',
      'problem/card',
      'card_trouble/not_recognised',
      'card_not_recognised/help',
      'setting/practice',
      'mode/independent',
      'case_profession/midwife',
    ],
    asked: {
      contact: { name: 'Anaïs Delmas', phone: '05 36 49 02 37' },
      message: 'Le lecteur clignote mais le navigateur ne voit pas la carte.',
      followUps: false,
    },
    steps: [
      { do: 'claim', by: 'agent.deux@demo.test', minutesAgo: 22 },
      {
        do: 'note',
        by: 'agent.deux@demo.test',
        minutesAgo: 15,
        body: 'Windows à jour, cryptolib ancienne. Je la guide pour la mise à jour.',
      },
    ],
  },
  {
    minutesAgo: 48,
    language: 'en',
    answers: [
      'way/ecps',
      'problem/codes',
      'code_missing/sms',
      'sms_not_received/help',
      'setting/establishment',
      'case_profession/doctor',
    ],
    asked: {
      contact: { name: 'Eleanor Whitfield', email: 'eleanor.whitfield@hospital.demo.test' },
      message: 'My mobile number changed when I moved to France. Which body should I tell?',
      followUps: true,
    },
    steps: [],
    callback: { minutesAgo: 46, inMinutes: -15, phone: '05 36 49 18 20' },
  },
  {
    minutesAgo: 33,
    language: 'fr',
    answers: [
      'way/unknown',
      'ways_explained/ecps',
      'problem/app',
      'app_trouble/identifier',
      'identifier_refused/help',
      'setting/practice',
      'mode/salaried',
      'case_profession/dentist',
    ],
    asked: {
      contact: { name: 'Firmin Gaillard', phone: '04 65 71 03 58' },
      followUps: false,
    },
    steps: [
      {
        do: 'note',
        by: 'agent.etablissements@demo.test',
        minutesAgo: 19,
        body: 'Appelé une fois, pas de réponse. Invité à choisir un créneau de rappel.',
      },
    ],
    callback: { minutesAgo: 12, inMinutes: 90, phone: '04 65 71 03 58' },
  },
  {
    minutesAgo: 21,
    language: 'fr',
    answers: [
      'way/card',
      'problem/card',
      'card_trouble/pin',
      'pin_blocked/help',
      'setting/practice',
      'mode/independent',
      'case_profession/doctor',
    ],
    asked: {
      contact: { name: 'Gaspard Tellier', email: 'gaspard.tellier@cabinet.demo.test' },
      // Its key is wrong on purpose: nobody has this number.
      practitioner: { rpps: '10003456789' },
      message: 'Trois codes faux, la carte est bloquée.',
      followUps: true,
    },
    steps: [],
  },
  {
    minutesAgo: 9,
    language: 'fr',
    answers: [
      'way/ecps',
      'problem/changed',
      'what_changed/phone',
      'new_phone/help',
      'setting/practice',
      'mode/independent',
      'case_profession/nurse',
    ],
    asked: {
      contact: { name: 'Lison Barbier', email: 'lison.barbier@cabinet.demo.test' },
      message: 'Nouveau téléphone depuis hier, l’application demande une activation.',
      followUps: true,
    },
    steps: [],
  },
];
