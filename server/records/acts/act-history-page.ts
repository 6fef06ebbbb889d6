import { sayDay } from '../rules/finding-words.ts';
import type { Questionnaire } from './acts.table.ts';
import { nameOf, type PageWording, sayMoment, sayVolume } from './acts-page.ts';
import type { ActVersion } from './list-versions.ts';

/** Columns of the history that say nothing to a person, or that another one says better. */
const silent = new Set([
  'findings',
  'validated_at',
  'validated_by',
  'day',
  'not_a_duplicate',
  'gtin',
  'delegation_id',
]);

/** Columns of the history by the field that the forms call by another name. */
const fieldOfColumn: Readonly<Record<string, string>> = {
  occurred_at: 'moment',
  place_kind: 'placeKind',
  place_finess: 'finess',
  place_name: 'placeName',
  dose_rank: 'doseRank',
  dose_total: 'doseTotal',
  dose_volume: 'doseVolume',
  lot_expiry: 'lotExpiry',
  override_reason: 'overrideReason',
  deferred_until: 'deferredUntil',
  representative_capacity: 'representativeCapacity',
  consultation_id: 'linked',
};

/** A change in words, for `records/acts-history`. */
export interface ShownChange {
  readonly title: string;
  readonly at: Date;
  readonly reason: string | null;
  readonly rows: readonly { readonly label: string; readonly before: string; readonly after: string }[];
}

/** The history in words: each change with who, when, why, and what was before and after. */
export function shownHistory(wording: PageWording, history: readonly ActVersion[]): readonly ShownChange[] {
  const { texts, language, vaccines } = wording;
  const say = (key: string) => texts.say(language, `records-acts.${key}`);
  const words = (column: string, value: unknown): string => {
    if (value === null || value === undefined || value === '') return say('nothing');
    const text = String(value);
    if (column === 'occurred_at') return sayMoment(language, new Date(text), 'Europe/Paris');
    if (column === 'vaccine') return vaccines.vaccines.find((each) => each.vaccine === text)?.name ?? text;
    if (column === 'dose_volume') return sayVolume(wording, text);
    const list = {
      place_kind: 'places',
      arm: 'arms',
      route: 'routes',
      consent: 'consents',
      decision: 'decisions',
    };
    const under = Object.entries(list).find(([name]) => name === column)?.[1];
    if (under) return say(`${under}.${text}`);
    if (column === 'state') return say(`states.${text}`);
    return column === 'consultation_id' ? say('answers.yes') : sayDay(language, text);
  };
  return history.map(({ changedAt, changedBy, change, reason, before, after }) => ({
    title: texts.say(language, `records-acts.changes.${change}`, { name: nameOf(changedBy) }),
    at: changedAt,
    reason,
    rows: [
      ...Object.keys({ ...before, ...after })
        .filter((column) => !silent.has(column) && column !== 'questionnaire')
        .map((column) => ({
          label: say(`fields.${fieldOfColumn[column] ?? column}`),
          before: words(column, before[column]),
          after: words(column, after[column]),
        })),
      ...answerRows(wording, before.questionnaire, after.questionnaire),
    ],
  }));
}

/** The answers of a questionnaire that are no longer the same, each before and after. */
function answerRows({ texts, language }: PageWording, before: unknown, after: unknown) {
  // Both are of the column `questionnaire`, or absent when it did not change.
  const [former, latter] = [before, after] as readonly (Partial<Questionnaire> | undefined)[];
  const say = (key: string) => texts.say(language, `records-acts.${key}`);
  const words = (answer: Questionnaire[keyof Questionnaire] | undefined): string => {
    if (answer === null || answer === undefined) return say('not_asked');
    return typeof answer === 'boolean' ? say(`answers.${answer ? 'yes' : 'no'}`) : sayDay(language, answer);
  };
  return questions
    .filter((question) => (former?.[question] ?? null) !== (latter?.[question] ?? null))
    .map((question) => ({
      label: say(`fields.${question}`),
      before: words(former?.[question]),
      after: words(latter?.[question]),
    }));
}

const questions = [
  'pastInfection',
  'pastInfectionDate',
  'allergies',
  'contraindications',
  'pregnancy',
  'treatments',
  'fever',
] as const satisfies readonly (keyof Questionnaire)[];
