import { parisDay } from '../../paris-day.ts';
import type { Problem } from '../../problem.ts';
import type { Terminologies } from '../../terminologies.ts';
import type { ShownChange } from '../acts/act-history-page.ts';
import { outcomes, seriousnessCriteria } from '../acts/acts.table.ts';
import {
  fileAddress,
  nameOf,
  type PageWording,
  type Row,
  sayMoment,
  vaccineName,
} from '../acts/acts-page.ts';
import type { ActVersion } from '../acts/list-versions.ts';
import { sayDay } from '../rules/finding-words.ts';
import { type EventValues, fieldOfEvent } from './adverse-event-form.ts';
import { sayTerm, termFields } from './adverse-event-terms.ts';
import type { AdverseEvent, SuspectedInjection } from './find-adverse-events.ts';

/** What the pages of adverse events are worded with. */
export interface EventWording extends PageWording {
  readonly terminologies: Terminologies;
}

/** The address of an adverse event's page. */
export function eventAddress(patientId: string, id: string): string {
  return `${fileAddress(patientId)}/effets/${id}`;
}

/** An adverse event's title: when it began. */
export function eventTitle({ texts, language }: PageWording, { occurredAt }: AdverseEvent): string {
  const date = sayDay(language, parisDay(occurredAt));
  return texts.say(language, 'records-adverse-events.title', { date });
}

/** The dose that an event followed, in a sentence. */
export function aboutDose({ texts, language, vaccines }: PageWording, dose: SuspectedDose): string {
  return texts.say(language, 'records-adverse-events.form.about', {
    vaccine: vaccineName(vaccines, dose.vaccine, parisDay(dose.occurredAt)),
    rank: dose.doseRank,
    total: dose.doseTotal,
    lot: dose.lot,
    date: sayMoment(language, dose.occurredAt, 'Europe/Paris'),
  });
}

type SuspectedDose = Pick<SuspectedInjection, 'vaccine' | 'lot' | 'occurredAt' | 'doseRank' | 'doseTotal'>;

/** What was declared, row by row, with its names and where its declaration has got to; what was not said is left out. */
export function eventRows(wording: EventWording, event: AdverseEvent): readonly Row[] {
  const { texts, language, terminologies } = wording;
  const say = (key: string) => texts.say(language, `records-adverse-events.${key}`);
  const row = (label: string, value: string | null): readonly Row[] =>
    value ? [{ label: say(`document.${label}`), value }] : [];
  const day = (label: string, value: string | null) => row(label, value && sayDay(language, value));
  const moment = (at: Date | null) => at && sayMoment(language, at, 'Europe/Paris');
  return [
    ...row('onset', moment(event.occurredAt)),
    ...row('description', event.description),
    ...row('term', event.terms.map((term) => sayTerm(terminologies, term)).join('\n')),
    ...row('lot_suspected', event.lotSuspected ? say('document.yes') : null),
    ...row('serious', say(`document.${event.serious ? 'yes' : 'no'}`)),
    ...row('criteria', event.criteria.map((each) => say(`criteria.${each}`)).join(', ')),
    ...day('hospitalised_from', event.hospitalisedFrom),
    ...day('hospitalised_to', event.hospitalisedTo),
    ...day('died', event.diedOn),
    ...row('outcome', say(`outcomes.${event.outcome}`)),
    ...day('ended', event.endedOn),
    ...row('pregnancy', event.pregnancy === null ? null : say(`document.${event.pregnancy ? 'yes' : 'no'}`)),
    ...row('weeks', event.pregnancyWeeks === null ? null : String(event.pregnancyWeeks)),
    ...row('declared_by', nameOf(event.performedBy)),
    ...row('entered_by', nameOf(event.enteredBy)),
    ...row(
      'validated_by',
      event.validatedBy ? nameOf(event.validatedBy) : texts.say(language, 'records-acts.waiting'),
    ),
    ...row('state', say(`states.${event.declaration}`)),
    ...(event.declaration === 'draft' ? [] : sendingRows(event)),
  ];

  function sendingRows({
    declaredBy,
    declaredAt,
    acknowledgedBy,
    acknowledgedAt,
    acknowledgement,
  }: AdverseEvent) {
    const by = (at: Date | null, who: AdverseEvent['declaredBy']) =>
      at &&
      who &&
      texts.say(language, 'records-adverse-events.by', { moment: moment(at) ?? '', name: nameOf(who) });
    return [
      ...row('sent', by(declaredAt, declaredBy)),
      ...row('acknowledged', by(acknowledgedAt, acknowledgedBy)),
      ...row('number', acknowledgement),
    ];
  }
}

/** An adverse event as a card of a list shows it. */
export function eventCard(wording: EventWording, patientId: string, event: AdverseEvent) {
  const after = wording.texts.say(wording.language, 'records-adverse-events.document.vaccine');
  return {
    title: eventTitle(wording, event),
    href: eventAddress(patientId, event.id),
    inError: event.state === 'entered_in_error',
    waiting: event.validatedBy === null && event.state === 'recorded',
    rows: [{ label: after, value: aboutDose(wording, event.injection) }, ...eventRows(wording, event)],
  };
}

/** Fields of the history by their label, in its order; what is not here says nothing more to a person. */
const labels: Readonly<Record<string, string>> = {
  occurredAt: 'onset',
  description: 'description',
  terms: 'term',
  lotSuspected: 'lot_suspected',
  serious: 'serious',
  criteria: 'criteria',
  hospitalisedFrom: 'hospitalised_from',
  hospitalisedTo: 'hospitalised_to',
  diedOn: 'died',
  outcome: 'outcome',
  endedOn: 'ended',
  pregnancy: 'pregnancy',
  pregnancyWeeks: 'weeks',
  declaration: 'state',
  acknowledgement: 'number',
};

/** The history in words: each change with who, when, why, and what was before and after. */
export function eventHistory(wording: EventWording, history: readonly ActVersion[]): readonly ShownChange[] {
  const { texts, language, terminologies } = wording;
  const say = (key: string) => texts.say(language, `records-adverse-events.${key}`);
  const words = (field: string, value: unknown): string => {
    if (value === null || value === undefined || value === '')
      return texts.say(language, 'records-acts.nothing');
    if (typeof value === 'boolean') return say(`document.${value ? 'yes' : 'no'}`);
    if (Array.isArray(value)) {
      const all = value.map((each) =>
        field === 'criteria' ? say(`criteria.${each}`) : sayTerm(terminologies, each),
      );
      return all.join(', ') || texts.say(language, 'records-acts.nothing');
    }
    const text = String(value);
    if (field === 'occurredAt') return sayMoment(language, new Date(text), 'Europe/Paris');
    if (field === 'outcome') return say(`outcomes.${text}`);
    return field === 'declaration' ? say(`states.${text}`) : sayDay(language, text);
  };
  return history.map(({ change, changedAt, changedBy, reason, before, after }) => {
    const title = change === 'declare' ? 'records-adverse-events.declared' : `records-acts.changes.${change}`;
    const rows = Object.entries(labels)
      .filter(([field]) => JSON.stringify(before[field] ?? null) !== JSON.stringify(after[field] ?? null))
      .map(([field, label]) => ({
        label: say(`document.${label}`),
        before: words(field, before[field]),
        after: words(field, after[field]),
      }));
    return { title: texts.say(language, title, { name: nameOf(changedBy) }), at: changedAt, reason, rows };
  });
}

/** The fields of a form for the templates: what was typed, with its errors, and the lists to choose from. */
export function eventFields(
  { texts, language, terminologies }: EventWording,
  values: EventValues,
  { problem, added }: { readonly problem: Problem | undefined; readonly added: boolean },
) {
  const details = problem?.describe(texts, language);
  const shown = (details?.errors ?? []).map(({ path, message }) => ({ field: fieldOfEvent(path), message }));
  const say = (key: string) => texts.say(language, `records-adverse-events.${key}`);
  const fieldErrors = Object.fromEntries(shown.map(({ field, message }) => [field, message]));
  return {
    values,
    fieldErrors,
    ...termFields(terminologies, values, { errors: fieldErrors, choose: say('form.choose'), added }),
    errors: details && shown.length === 0 ? [{ message: details.detail }] : shown.map(toFirst),
    heading: shown.length === 0 ? details?.title : undefined,
    criteria: seriousnessCriteria.map((value) => ({
      value,
      label: say(`criteria.${value}`),
      checked: values[value] === 'yes',
    })),
    outcomes: outcomes.map((value) => ({ value, label: say(`outcomes.${value}`) })),
    answers: ['yes', 'no'].map((value) => ({ value, label: say(`document.${value}`) })),
  };
}

/** The error summary leads to the first button or box of a group of them. */
function toFirst({ field, message }: { readonly field: string; readonly message: string }) {
  return { field: field === 'criteria' ? 'death' : field === 'serious' ? 'serious-0' : field, message };
}

/** What followed doses in words: before the next one (`records/earlier-events`), and on the page of its own. */
export function shownEarlier(wording: PageWording, patientId: string, events: readonly AdverseEvent[]) {
  const { texts, language } = wording;
  const say = (key: string) => texts.say(language, `records-adverse-events.${key}`);
  return events.map((event) => ({
    title: eventTitle(wording, event),
    href: eventAddress(patientId, event.id),
    after: aboutDose(wording, event.injection),
    serious: event.serious ? say('earlier.serious') : undefined,
    outcome: texts.say(language, 'records-adverse-events.document.line', {
      label: say('document.outcome'),
      value: say(`outcomes.${event.outcome}`),
    }),
  }));
}
