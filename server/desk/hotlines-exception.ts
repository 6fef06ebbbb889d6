import type { FieldProblem } from '../problem.ts';
import type { Wording } from '../routing/describe-hours.ts';
import { type HotlineDocument, placeException } from '../routing/hotline-document.ts';
import type { Interval } from '../routing/schedule.ts';
import { inForce, isDate } from '../routing/time-zones.ts';
import { readHours, writeHours } from '../routing/typed-hours.ts';
import { fault, type LineForm, newPart, type Typed } from './hotlines-form.ts';

/** What a day unlike the others may be; `usual` keeps the weekday's hours although it is a public holiday. */
export const exceptionKinds = ['closed', 'strike', 'special', 'usual'] as const;
type ExceptionKind = (typeof exceptionKinds)[number];

/** A day unlike the others. */
export const exceptionForm: LineForm = {
  fields: ['day', 'kind', 'hours', 'noteFr', 'noteEn'],
  fill({ exceptions }, part) {
    if (part === newPart) return {};
    const exception = exceptions.find(({ day }) => day === part);
    if (!exception) return undefined;
    const { day, intervals, note } = exception;
    const kind: ExceptionKind = intervals.length === 0 ? 'closed' : 'special';
    return { day, kind, hours: writeHours(intervals), noteFr: note.fr, noteEn: note.en };
  },
  apply(document, part, typed, { texts }) {
    const kind = exceptionKinds.find((each) => each === typed.kind);
    const day = (typed.day ?? '').trim();
    const read = kind ? intervalsOf(kind, document, day, typed) : [fault('kind', 'kind')];
    const { intervals, errors } = splitFaults(read);
    const note = (language: Wording['language'], field: string) =>
      typed[field]?.trim() || (kind ? texts.say(language, `desk-hotlines.notes.${kind}`) : '-');
    const exception = { day, intervals, note: { fr: note('fr', 'noteFr'), en: note('en', 'noteEn') } };
    const replaced = part === newPart ? undefined : part;
    return {
      document: { ...document, exceptions: placeException(document.exceptions, exception, replaced) },
      errors,
      from: day,
    };
  },
  remove: (document, part) => ({
    ...document,
    exceptions: placeException(document.exceptions, undefined, part),
  }),
  fieldOf(path) {
    const [, list, , field, language] = path.split('/');
    if (list !== 'exceptions') return '';
    if (field === 'note') return language === 'fr' ? 'noteFr' : 'noteEn';
    return field === 'intervals' ? 'hours' : 'day';
  },
};

/** The hours that a kind of day has, or the fields that do not tell them. */
function intervalsOf(
  kind: ExceptionKind,
  document: HotlineDocument,
  day: string,
  typed: Typed,
): readonly (Interval | FieldProblem)[] {
  if (kind === 'closed' || kind === 'strike') return [];
  if (kind === 'special') {
    const hours = readHours(typed.hours ?? '');
    if (!hours) return [fault('hours', 'hours')];
    return hours.length > 0 ? hours : [fault('hours', 'specialHours')];
  }
  if (!isDate(day)) return [];
  const timetable = document.timetables.find((each) => inForce(each, day));
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
  const usual = timetable?.weekly.filter((each) => each.weekday === weekday) ?? [];
  if (usual.length === 0) return [fault('kind', 'noUsualHours')];
  return usual.map(({ opensAt, closesAt }) => ({ opensAt, closesAt }));
}

function splitFaults(read: readonly (Interval | FieldProblem)[]) {
  return {
    intervals: read.filter((each): each is Interval => 'opensAt' in each),
    errors: read.filter((each): each is FieldProblem => 'path' in each),
  };
}
