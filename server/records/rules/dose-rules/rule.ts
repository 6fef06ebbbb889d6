/**
 * Purpose: the parts of judging a dose: what rules can say, the record they look at, when each speaks. Pure.
 * Entry points: ../dose-rules.ts.
 * May import: each other, ../vaccines.ts.
 */
import type { Severity } from '../dose-rules.ts';

/**
 * What rules can say. Each kind has its words (`records-rules.findings.<kind>`) and its condition
 * (dose-rules/conditions.ts); which rules there are, and when, is data.
 */
export const doseRuleKinds = [
  /** At least `days` between two doses of one course, both of the rule's vaccines. */
  'minimum_interval',
  /** At most `days` between them. */
  'maximum_interval',
  /** A course begun with one of the rule's vaccines has `doses` doses. */
  'course',
  /** After an infection a course has `doses` doses. */
  'after_infection',
  /** At least `months` between the last dose and a booster. */
  'booster_interval',
  /** Doses of one course are of different vaccines. */
  'mixed_vaccines',
  /** At least `years` old on the day. */
  'minimum_age',
  /** Another dose stands on the same day. */
  'same_day',
  /** Another dose stands with the same rank. */
  'rank_repeated',
  /** Fewer doses stand before than the rank says. */
  'rank_skipped',
  /** An adverse event followed an earlier dose. */
  'earlier_event',
  /** The last consultation found a contraindication. */
  'contraindicated',
  /** The last consultation deferred the vaccination beyond that day. */
  'deferred',
  /** The last consultation noted that the vaccination was declined. */
  'opposed',
  /** The same dose stands in two records that were merged: said where acts are listed. */
  'entered_twice',
] as const;
export type DoseRuleKind = (typeof doseRuleKinds)[number];

/** The source of rules that come from no text: what this service checks by itself, in the record. */
export const serviceSource = 'Aiguillage';

/** The quantities that kinds need, whole and not negative; those of other kinds are absent. */
export interface DoseRuleParameters {
  readonly days?: number;
  readonly months?: number;
  readonly years?: number;
  readonly doses?: number;
}

/** What each kind needs to be told. */
export const neededParameter: Readonly<Partial<Record<DoseRuleKind, keyof DoseRuleParameters>>> = {
  minimum_interval: 'days',
  maximum_interval: 'days',
  course: 'doses',
  after_infection: 'doses',
  booster_interval: 'months',
  minimum_age: 'years',
};

export interface DoseRule {
  /** Names the rule across its periods. */
  readonly rule: string;
  readonly kind: DoseRuleKind;
  readonly severity: Severity;
  readonly parameters: DoseRuleParameters;
  /** Keys of the vaccines that it speaks of; null: any. */
  readonly vaccines: readonly string[] | null;
  /** Title of the text that it comes from, or `serviceSource`. */
  readonly source: string;
  /** YYYY-MM-DD, half-open, Europe/Paris; null: without end. */
  readonly validFrom: string;
  readonly validTo: string | null;
}

/** Whether a rule has what its kind needs, each quantity whole and between 0 and 10,000. */
export function isUsable(rule: DoseRule): boolean {
  const needed = neededParameter[rule.kind];
  const given = Object.values(rule.parameters);
  return (
    given.every((each) => Number.isInteger(each) && each >= 0 && each <= 10_000) &&
    (needed === undefined || rule.parameters[needed] !== undefined)
  );
}
