import { Temporal } from 'temporal-polyfill';
import { formField } from '../../http/forms.ts';
import type { FieldProblem } from '../../problem.ts';
import type { TextParameters } from '../../texts.ts';
import { outcomes, seriousnessCriteria } from '../acts/acts.table.ts';
import type { AdverseEventInput } from './adverse-event-body.ts';
import { fromTerms, readTerms, toTerms } from './adverse-event-terms.ts';
import type { AdverseEvent } from './find-adverse-events.ts';

/** Text fields of the forms; criteria are boxes beside them, coded terms rows of fields. */
const fieldNames = [
  'date',
  'time',
  'description',
  'serious',
  'hospitalisedFrom',
  'hospitalisedTo',
  'diedOn',
  'outcome',
  'endedOn',
  'pregnancy',
  'pregnancyWeeks',
  'lotSuspected',
  'performedBy',
  'key',
  'onset',
  'reason',
] as const;

/** What a form holds, as typed; what is not filled in is empty. */
export type EventValues = Readonly<Record<string, string>>;

/** What a form says of an event, in the words of the command. */
export type ToldEvent = Omit<AdverseEventInput, 'injectionId' | 'place'>;

const longest = 5000;

export function readEventForm(body: unknown): EventValues {
  const names = [...fieldNames, ...seriousnessCriteria];
  return {
    ...Object.fromEntries(names.map((name) => [name, (formField(body, name) ?? '').trim()])),
    ...readTerms(body),
  };
}

/** An event that stands, as the form for its correction shows it. */
export function fromEvent(event: AdverseEvent): EventValues {
  const { pregnancy, pregnancyWeeks, hospitalisedFrom, hospitalisedTo, diedOn, endedOn } = event;
  const days = { hospitalisedFrom, hospitalisedTo, diedOn, endedOn };
  const onset = event.occurredAt.toISOString();
  return {
    ...onParisWall(onset),
    onset,
    description: event.description,
    ...fromTerms(event.terms),
    serious: event.serious ? 'yes' : 'no',
    outcome: event.outcome,
    lotSuspected: event.lotSuspected ? 'yes' : '',
    pregnancy: pregnancy === null ? '' : pregnancy ? 'yes' : 'no',
    pregnancyWeeks: pregnancyWeeks === null ? '' : String(pregnancyWeeks),
    ...Object.fromEntries(Object.entries(days).map(([name, day]) => [name, day ?? ''])),
    ...Object.fromEntries(event.criteria.map((each) => [each, 'yes'])),
  };
}

/** What was typed in the words of the command; the times are Paris's. */
export function toEvent(
  values: EventValues,
): { readonly told: ToldEvent } | { readonly errors: readonly FieldProblem[] } {
  const errors: FieldProblem[] = [];
  const fault = (path: string, key: string, parameters: TextParameters = {}) => {
    errors.push({ path: `/${path}`, key: `records-adverse-events.errors.${key}`, parameters });
  };
  const { description = '', serious = '', pregnancy = '', pregnancyWeeks: weeks = '' } = values;
  const onset = readOnset(values);
  if (onset === undefined) fault('onset', 'onset');
  if (description === '') fault('description', 'description');
  if (description.length > longest) fault('description', 'too_long');
  const terms = toTerms(values, fault);
  if (serious === '') fault('serious', 'serious');
  const outcome = outcomes.find((each) => each === values.outcome);
  if (!outcome) fault('outcome', 'outcome');
  const day = (name: 'hospitalisedFrom' | 'hospitalisedTo' | 'diedOn' | 'endedOn') => {
    const text = values[name] ?? '';
    if (text !== '' && !isDay(text)) fault(name, 'day');
    return text === '' ? null : text;
  };
  if (weeks !== '' && !(/^\d{1,2}$/.test(weeks) && Number(weeks) <= 45)) fault('pregnancyWeeks', 'weeks');
  const days = {
    hospitalisedFrom: day('hospitalisedFrom'),
    hospitalisedTo: day('hospitalisedTo'),
    diedOn: day('diedOn'),
    endedOn: day('endedOn'),
  };
  if (errors.length > 0 || onset === undefined || !outcome) return { errors };
  return {
    told: {
      onset,
      description,
      terms,
      serious: serious === 'yes',
      criteria: seriousnessCriteria.filter((each) => values[each] === 'yes'),
      outcome,
      ...days,
      pregnancy: pregnancy === '' ? null : pregnancy === 'yes',
      pregnancyWeeks: weeks === '' ? null : Number(weeks),
      lotSuspected: values.lotSuspected === 'yes',
      ...(values.performedBy && { performedBy: values.performedBy }),
    },
  };
}

/** The field of the forms that a path of the command stands for: `terms-0-code` for `/terms/0/code`. */
export function fieldOfEvent(path: string): string {
  return path === '/onset' ? 'date' : path.slice(1).replaceAll('/', '-');
}

/** An instant (ISO 8601) as the clocks of Paris show it, to the minute. */
function onParisWall(instant: string): { readonly date: string; readonly time: string } {
  const wall = Temporal.Instant.from(instant).toZonedDateTimeISO('Europe/Paris');
  return {
    date: wall.toPlainDate().toString(),
    time: wall.toPlainTime().toString({ smallestUnit: 'minute' }),
  };
}

/** The onset: as it stood, to its seconds, when the minute that the form showed was left as it was. */
function readOnset({ date = '', time = '', onset = '' }: EventValues): string | undefined {
  if (!isDay(date) || !/^([01]\d|2[0-3]):[0-5]\d$/.test(time)) return undefined;
  if (/^\d{4}-\d\d-\d\dT[\d:.]{8,12}Z$/.test(onset) && isDay(onset.slice(0, 10))) {
    const stood = onParisWall(onset);
    if (stood.date === date && stood.time === time) return onset;
  }
  const at = Temporal.PlainDateTime.from(`${date}T${time}`).toZonedDateTime('Europe/Paris');
  return new Date(at.epochMilliseconds).toISOString();
}

function isDay(text: string): boolean {
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' }).toString() === text;
  } catch {
    return false;
  }
}
