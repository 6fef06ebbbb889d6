import type { RecordRules } from '../rules/load-rules.ts';
import { isDuring } from '../rules/vaccines.ts';

/** How many doses are to be expected, and what says so. */
export interface ProposedTotal {
  readonly value: number;
  readonly from: 'earlier_doses' | 'dose_rules';
}

/** What is known of the course that a dose belongs to. */
export interface Course {
  /** The total of the last dose that stands; undefined when there is none. */
  readonly lastTotal: number | undefined;
  readonly infections: readonly string[];
  readonly rank: number;
}

/**
 * The total of a dose: that of the doses before it, else what the rules in force on the day say of its vaccine. Undefined
 * when none does.
 * @param vaccine undefined: not known yet; rules of every vaccine speak all the same.
 * @param day YYYY-MM-DD
 */
export function proposeTotal(
  { lastTotal, infections, rank }: Course,
  vaccine: string | undefined,
  { doseRules }: Pick<RecordRules, 'doseRules'>,
  day: string,
): ProposedTotal | undefined {
  if (lastTotal !== undefined) return { value: Math.max(rank, lastTotal), from: 'earlier_doses' };
  const course = doseRules.find(
    (rule) =>
      rule.kind === (infections.length > 0 ? 'after_infection' : 'course') &&
      isDuring(rule.validFrom, rule.validTo, day) &&
      (rule.vaccines === null || (vaccine !== undefined && rule.vaccines.includes(vaccine))),
  );
  const doses = course?.parameters.doses;
  return doses === undefined ? undefined : { value: doses, from: 'dose_rules' };
}
