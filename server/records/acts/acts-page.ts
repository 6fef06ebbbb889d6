import { parisDay } from '../../paris-day.ts';
import type { Language, Texts } from '../../texts.ts';
import type { PatientHead } from '../patients/find-patient-head.ts';
import { serviceSource } from '../rules/dose-rules/rule.ts';
import type { Finding } from '../rules/dose-rules.ts';
import { sayDay, sayFinding } from '../rules/finding-words.ts';
import { findVaccine, type VaccineList, vaccinesOn } from '../rules/vaccines.ts';
import type { Person } from './act-entry.ts';
import { type FormValues, fieldOfPath } from './act-form.ts';
import { arms, consents, decisions, placeKinds, routes } from './acts.table.ts';
import type { Act } from './find-act.ts';
import { placeZones, zoneOfFiness } from './place-zone.ts';

/** What pages are worded with. */
export interface PageWording {
  readonly texts: Texts;
  readonly language: Language;
  readonly vaccines: VaccineList;
}

/** The address of a patient's pages. */
export function fileAddress(patientId: string): string {
  return `/dossiers/${patientId}`;
}

/** The address of one act's page. */
export function actAddress(patientId: string, { kind, id }: Pick<Act, 'kind' | 'id'>): string {
  return `${fileAddress(patientId)}/${kind}s/${id}`;
}

export interface ShownError {
  readonly field: string;
  readonly message: string;
}

export interface FormState {
  readonly values: FormValues;
  /** Where a value that nobody typed comes from, by field. */
  readonly sources?: Readonly<Record<string, string>>;
  readonly errors: readonly ShownError[];
  readonly performers: readonly Person[];
}

/** A form's fields for the templates, each with value, error and hint, and the lists to choose from. */
export function formFields({ texts, language, vaccines }: PageWording, state: FormState, day: string) {
  const say = (key: string) => texts.say(language, `records-acts.${key}`);
  const options = (values: readonly string[], under: string) =>
    values.map((value) => ({ value, label: say(`${under}.${value}`) }));
  const names = new Set([
    ...Object.keys(state.values),
    ...Object.keys(state.sources ?? {}),
    ...state.errors.map(({ field }) => field),
  ]);
  const fields = Object.fromEntries(
    [...names].map((name) => {
      const source = state.sources?.[name];
      return [
        name,
        {
          value: state.values[name] ?? '',
          error: state.errors.find(({ field }) => field === name)?.message,
          hint: source && source !== 'clock' ? say(`sources.${source}`) : undefined,
        },
      ];
    }),
  );
  return {
    f: fields,
    performers: state.performers.map((each) => ({ value: each.nationalIdentifier, label: nameOf(each) })),
    choosePerformer: state.performers.length > 1,
    onlyPerformer: state.performers.length === 1 ? state.performers[0]?.nationalIdentifier : undefined,
    lists: {
      zones: placeZones.map((zone) => ({ value: zone, label: say(`zones.${zone.replace(/.*\//, '')}`) })),
      places: options(placeKinds, 'places'),
      vaccines: vaccinesOn(vaccines, day).map(({ vaccine, name }) => ({ value: vaccine, label: name })),
      arms: options(arms, 'arms'),
      routes: options(routes, 'routes'),
      consents: options(consents, 'consents'),
      decisions: options(decisions, 'decisions'),
      answers: options(['yes', 'no'], 'answers'),
    },
  };
}

/** Errors of the API's body as a form's, each beside its field. */
export function shownErrors(errors: readonly { readonly path: string; readonly message: string }[]) {
  return errors.map(({ path, message }): ShownError => ({ field: fieldOfPath(path), message }));
}

/** Findings in words, the most severe first, as notices. */
export function shownFindings({ texts, language, vaccines }: PageWording, findings: readonly Finding[]) {
  const kinds = { info: '', warning: 'warning', serious: 'danger' } as const;
  return findings.map((finding) => ({
    kind: kinds[finding.severity],
    heading: texts.say(language, `records-acts.severities.${finding.severity}`),
    text: sayFinding(texts, language, vaccines, finding),
    source:
      finding.source === serviceSource
        ? texts.say(language, 'records-acts.finding_sources.service', { service: serviceSource })
        : texts.say(language, 'records-acts.finding_sources.text', { source: finding.source }),
  }));
}

export function nameOf({ givenNames, familyName }: Pick<Person, 'givenNames' | 'familyName'>): string {
  return `${givenNames} ${familyName}`;
}

export interface Row {
  readonly label: string;
  readonly value: string;
}

/** An act in words, row by row; what was not said is left out. */
export function actRows(wording: PageWording, act: Act): readonly Row[] {
  const { texts, language } = wording;
  const say = (key: string) => texts.say(language, `records-acts.${key}`);
  const row = (field: string, value: string | null | undefined): readonly Row[] =>
    value ? [{ label: say(`fields.${field}`), value }] : [];
  const place = [
    say(`places.${act.placeKind}`),
    act.placeName,
    act.placeFiness && `FINESS ${act.placeFiness}`,
  ];
  return [
    ...row('moment', sayMoment(language, act.occurredAt, zoneOfFiness(act.placeFiness))),
    ...(act.kind === 'injection' ? injectionRows(wording, act, row) : consultationRows(wording, act, row)),
    ...row('place', place.filter((each) => each).join(', ')),
    ...row('performed', nameOf(act.performedBy)),
    ...row('entered', nameOf(act.enteredBy)),
    ...row('validated', act.validatedBy ? nameOf(act.validatedBy) : say('waiting')),
  ];
}

type RowMaker = (field: string, value: string | null | undefined) => readonly Row[];

function injectionRows(
  { texts, language, vaccines }: PageWording,
  act: Omit<Extract<Act, { kind: 'injection' }>, 'kind'>,
  row: RowMaker,
): readonly Row[] {
  const say = (key: string) => texts.say(language, `records-acts.${key}`);
  return [
    ...row('vaccine', vaccineName(vaccines, act.vaccine, parisDay(act.occurredAt))),
    ...row('rank', `${act.doseRank}/${act.doseTotal}`),
    ...row('lot', act.lot),
    ...row('lotExpiry', act.lotExpiry && sayDay(language, act.lotExpiry)),
    ...row('serial', act.serial),
    ...row('arm', act.arm && say(`arms.${act.arm}`)),
    ...row('site', act.site),
    ...row('route', say(`routes.${act.route}`)),
    ...row('doseVolume', act.doseVolume && sayVolume({ texts, language }, act.doseVolume)),
    ...row('overrideReason', act.overrideReason),
  ];
}

function consultationRows(
  { texts, language }: PageWording,
  act: Extract<Act, { kind: 'consultation' }>,
  row: RowMaker,
): readonly Row[] {
  const say = (key: string) => texts.say(language, `records-acts.${key}`);
  const answers = Object.entries(act.questionnaire).flatMap(([name, value]) => {
    const words = typeof value === 'boolean' ? say(`answers.${value ? 'yes' : 'no'}`) : value;
    return row(name, typeof words === 'string' && name.endsWith('Date') ? sayDay(language, words) : words);
  });
  return [
    ...row('decision', say(`decisions.${act.decision}`)),
    ...row('deferredUntil', act.deferredUntil && sayDay(language, act.deferredUntil)),
    ...row('consent', say(`consents.${act.consent}`)),
    ...row('representative', act.representativeName),
    ...row('representativeCapacity', act.representativeCapacity),
    ...answers,
    ...row('comment', act.comment),
  ];
}

/** An act's title: the vaccine and its rank, or what the consultation decided. */
export function actTitle({ texts, language, vaccines }: PageWording, act: Act): string {
  if (act.kind === 'consultation') {
    const decision = texts.say(language, `records-acts.decisions.${act.decision}`);
    return texts.say(language, 'records-acts.consultation_title', { decision });
  }
  const { doseRank: rank, doseTotal: total } = act;
  const name = vaccineName(vaccines, act.vaccine, parisDay(act.occurredAt));
  return texts.say(language, 'records-acts.injection_title', { name, rank, total });
}

export function vaccineName(vaccines: VaccineList, vaccine: string, day: string): string {
  return findVaccine(vaccines, vaccine, day)?.name ?? vaccine;
}

/** An instant in words on the wall of a zone. */
export function sayMoment(language: Language, at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
    timeZone,
    dateStyle: 'long',
    timeStyle: 'short',
  }).format(at);
}

/** An act as a card of a list shows it. */
export function actCard(wording: PageWording, patientId: string, act: Act) {
  return {
    title: actTitle(wording, act),
    href: actAddress(patientId, act),
    inError: act.state === 'entered_in_error',
    waiting: act.validatedBy === null && act.state === 'recorded',
    rows: actRows(wording, act),
  };
}

/** Whose file it is, above each of its pages. */
export function fileHead({ id, name, birthDate }: PatientHead, language: Language) {
  return { address: fileAddress(id), patient: { name, born: sayDay(language, birthDate) } };
}

/** What was just done, as the address says it: worth a sentence, and nothing more is believed of it. */
const deeds = ['recorded', 'correct', 'enter_in_error', 'restore', 'validate'] as const;
export type Deed = (typeof deeds)[number];

/** The sentence of `?fait=`; undefined when it names no deed. */
export function doneOf(texts: Texts, language: Language, query: unknown): string | undefined {
  const told = (query as Readonly<Record<string, unknown>>).fait;
  const deed = deeds.find((each) => each === told);
  return deed && texts.say(language, `records-acts.done.${deed}`);
}

/** Millilitres in words, with the comma or the point of the language. */
export function sayVolume(
  { texts, language }: Pick<PageWording, 'texts' | 'language'>,
  volume: string,
): string {
  const written = language === 'fr' ? volume.replace('.', ',') : volume;
  return texts.say(language, 'records-acts.volume', { volume: written });
}
