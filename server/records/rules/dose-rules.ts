/**
 * Purpose: what is to be said of a dose before it is recorded, from dated rules that are data.
 * Entry points: `evaluateDose`.
 * May import: dose-rules/, vaccines.ts (pure).
 */
import { parisDay } from '../../paris-day.ts';
import { conditions } from './dose-rules/conditions.ts';
import type { Dose, DoseHistory, DosePatient } from './dose-rules/history.ts';
import { readSituation } from './dose-rules/history.ts';
import { type DoseRule, type DoseRuleKind, isUsable } from './dose-rules/rule.ts';
import { isDuring } from './vaccines.ts';

export const severities = ['info', 'warning', 'serious'] as const;
export type Severity = (typeof severities)[number];

/** What a dose rule has to say of an injection: shown as a warning, never a refusal by itself. */
export interface Finding {
  /** Key of the rule. */
  readonly rule: string;
  /** What the rule is about: its words are `records-rules.findings.<kind>`. */
  readonly kind: DoseRuleKind;
  readonly severity: Severity;
  /** What the rule's words name: days, dates (YYYY-MM-DD), vaccines. */
  readonly parameters: Readonly<Record<string, string | number>>;
  /** Where the rule comes from. */
  readonly source: string;
  /** YYYY-MM-DD, half-open: the days on which the rule holds; null: without end. */
  readonly validFrom: string;
  readonly validTo: string | null;
}

/**
 * What the rules in force on the day of the act have to say of a dose: most severe first, then in the rules' order.
 * Pure; days are those of Europe/Paris; the order of the history does not matter, and a dose of the history that has
 * the id of `dose` is the dose itself, being corrected.
 *
 * @param at when the dose is, or was, given.
 */
export function evaluateDose(
  dose: Dose,
  history: DoseHistory,
  patient: DosePatient,
  rules: readonly DoseRule[],
  at: Date,
): readonly Finding[] {
  const day = parisDay(at);
  const inForce = rules.filter((rule) => isUsable(rule) && isDuring(rule.validFrom, rule.validTo, day));
  const situation = readSituation(dose, history, patient, inForce, day);
  const findings = inForce.flatMap((rule) =>
    conditions[rule.kind](rule, situation).map(
      ({ severity, parameters }): Finding => ({
        rule: rule.rule,
        kind: rule.kind,
        severity: severity ?? rule.severity,
        parameters,
        source: rule.source,
        validFrom: rule.validFrom,
        validTo: rule.validTo,
      }),
    ),
  );
  return findings.sort((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity));
}
