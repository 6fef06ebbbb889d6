import { Temporal } from 'temporal-polyfill';
import type { TypedIncident } from '../incidents/check-incident.ts';
import { incidentWords } from '../incidents/describe.ts';
import type { IncidentDetail, ListedIncident } from '../incidents/list-incidents.ts';
import type { IncidentRecord } from '../incidents/open-incidents.ts';
import { type ScopeFact, scopeValues } from '../incidents/scope.ts';
import { wallClock } from '../routing/time-zones.ts';
import type { Language, Texts } from '../texts.ts';
import { factTextKey } from '../wizard/text-keys.ts';
import { shortMoment } from './moments.ts';

/** On whose wall clock supervisors write when they expect an end. */
const zone = 'Europe/Paris';

/** What incidents are put in words with. */
export interface IncidentReader {
  readonly texts: Texts;
  readonly language: Language;
  readonly now: Date;
}

/** The form's fields as they are typed; choices are there when they are ticked. */
export interface IncidentForm {
  readonly titleFr: string;
  readonly messageFr: string;
  readonly titleEn: string;
  readonly messageEn: string;
  readonly expectedEnd: string;
  readonly ways: readonly string[];
  readonly symptoms: readonly string[];
}

export const emptyIncidentForm: IncidentForm = {
  titleFr: '',
  messageFr: '',
  titleEn: '',
  messageEn: '',
  expectedEnd: '',
  ways: [],
  symptoms: [],
};

/** The form that shows an incident as it is. */
export function formOf(record: IncidentRecord): IncidentForm {
  const { titleFr, messageFr, titleEn, messageEn, expectedEnd, ways, symptoms } = record;
  return {
    titleFr,
    messageFr,
    titleEn: titleEn ?? '',
    messageEn: messageEn ?? '',
    expectedEnd:
      expectedEnd === null
        ? ''
        : wallClock(zone, expectedEnd).toPlainDateTime().toString({ smallestUnit: 'minute' }),
    ways,
    symptoms,
  };
}

/** What was sent, by field; `text` reads one. */
export function readIncidentForm(text: (name: string) => string): IncidentForm {
  const ticked = (fact: ScopeFact) => scopeValues(fact).filter((value) => text(`${fact}-${value}`) !== '');
  return {
    titleFr: text('titleFr'),
    messageFr: text('messageFr'),
    titleEn: text('titleEn'),
    messageEn: text('messageEn'),
    expectedEnd: text('expectedEnd').trim(),
    ways: ticked('way'),
    symptoms: ticked('symptom'),
  };
}

/** The form as the incident's commands take it; without its date when there is a sentence that says what is wrong with it. */
export function typedIncident(
  form: IncidentForm,
  now: Date,
  before?: Date | null,
): { readonly typed: TypedIncident; readonly dateProblem?: string } {
  const { titleFr, titleEn, messageFr, messageEn, ways, symptoms } = form;
  const typed = {
    title: { fr: titleFr, en: titleEn },
    message: { fr: messageFr, en: messageEn },
    ways,
    symptoms,
  };
  if (form.expectedEnd === '') return { typed };
  const expectedEnd = readWallTime(form.expectedEnd);
  if (expectedEnd === undefined) return { typed, dateProblem: 'incidents.errors.date' };
  // An end that passed by itself does not stand in the way of other changes.
  const minute = (at: Date) => Math.floor(at.getTime() / 60_000);
  const kept = before != null && minute(before) === minute(expectedEnd);
  if (expectedEnd <= now && !kept) return { typed, dateProblem: 'incidents.errors.date_past' };
  return { typed: { ...typed, expectedEnd: kept ? before : expectedEnd } };
}

/** `2026-11-23T14:30` on the wall of Paris. */
function readWallTime(text: string): Date | undefined {
  if (!/^20\d\d-\d\d-\d\d[T ]\d\d:\d\d$/.test(text)) return undefined;
  try {
    const wall = Temporal.PlainDateTime.from(text.replace(' ', 'T'), { overflow: 'reject' });
    return new Date(wall.toZonedDateTime(zone).epochMilliseconds);
  } catch {
    return undefined;
  }
}

/** What `templates/partials/desk/incident-form.hbs` shows. */
export function viewForm(
  { texts, language }: IncidentReader,
  form: IncidentForm,
  errors: Readonly<Partial<Record<string, string>>> = {},
) {
  const choices = (fact: ScopeFact, chosen: readonly string[]) =>
    scopeValues(fact).map((value) => ({
      id: `${fact}-${value}`,
      label: texts.say(language, factTextKey(fact, value)),
      checked: chosen.includes(value),
    }));
  return {
    values: form,
    errors,
    ways: choices('way', form.ways),
    symptoms: choices('symptom', form.symptoms),
  };
}

/** An incident in the list. */
export function viewListed(reader: IncidentReader, { record, counts }: ListedIncident) {
  return { ...viewIncident(reader, record), ...counts };
}

function viewIncident({ texts, language, now }: IncidentReader, record: IncidentRecord) {
  const words = incidentWords(record, language);
  const when = (at: Date | null) => (at === null ? undefined : shortMoment(at.toISOString(), now, language));
  const named = (fact: ScopeFact, values: readonly string[]) =>
    values.length === 0
      ? texts.say(language, `incidents.desk.${fact === 'way' ? 'ways' : 'symptoms'}_all`)
      : values.map((value) => texts.say(language, factTextKey(fact, value))).join(', ');
  return {
    id: record.id,
    version: record.version,
    title: words.title,
    message: words.message.split('\n').filter((line) => line.trim() !== ''),
    open: record.closedAt === null,
    since: when(record.openedAt),
    until: when(record.closedAt),
    expected: when(record.expectedEnd),
    ways: named('way', record.ways),
    symptoms: named('symptom', record.symptoms),
  };
}

/** An incident's page: who did what, and how far its mails are. */
export function viewDetail(reader: IncidentReader, detail: IncidentDetail) {
  const { texts, language, now } = reader;
  return {
    ...viewIncident(reader, detail.record),
    ...detail.counts,
    mails: detail.mails.sent + detail.mails.waiting + detail.mails.failed > 0 ? detail.mails : undefined,
    history: detail.history.map(({ kind, at, agent, fields }) => ({
      at: at.toISOString(),
      when: shortMoment(at.toISOString(), now, language),
      text: texts.say(language, `incidents.desk.changes.${kind}`, {
        name: agent.name,
        fields: Object.keys(fields)
          .map((field) => texts.say(language, `incidents.desk.fields.${field}`))
          .join(', '),
      }),
      edits: Object.entries(fields).map(([field, [before, after]]) => ({
        field: texts.say(language, `incidents.desk.fields.${field}`),
        change: texts.say(language, 'incidents.desk.was', {
          before: inWords(reader, field, before),
          after: inWords(reader, field, after),
        }),
      })),
    })),
  };
}

/** A field as the history keeps it, in the words of the form; a value that a flow no longer teaches stays as it is. */
function inWords({ texts, language, now }: IncidentReader, field: string, value: unknown): string {
  if (value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0))
    return texts.say(language, 'incidents.desk.nothing');
  if (field === 'expectedEnd') return shortMoment(String(value), now, language);
  if (!Array.isArray(value)) return String(value);
  const fact: ScopeFact = field === 'ways' ? 'way' : 'symptom';
  return value
    .map(String)
    .map((each) => {
      const key = factTextKey(fact, each);
      return texts.has(language, key) ? texts.say(language, key) : each;
    })
    .join(', ');
}
