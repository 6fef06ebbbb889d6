import { Temporal } from 'temporal-polyfill';
import type { Severity } from '../dose-rules.ts';
import { type PastDose, type Situation, speaksOf } from './history.ts';
import type { DoseRule, DoseRuleKind } from './rule.ts';

/** What a rule says once: the words' values, and how severe it is when that is not the rule's own. */
export interface Said {
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly severity?: Severity;
}

type Condition = (rule: DoseRule, situation: Situation) => readonly Said[];

/** When each kind of rule speaks. Dates are YYYY-MM-DD and compare as text. */
export const conditions: Readonly<Record<DoseRuleKind, Condition>> = {
  minimum_interval(rule, situation) {
    const least = rule.parameters.days ?? 0;
    return neighboursInCourse(rule, situation).flatMap(({ day }) => {
      const days = daysBetween(day, situation.day);
      return days < least ? [{ parameters: { days, least, date: day } }] : [];
    });
  },

  maximum_interval(rule, situation) {
    const most = rule.parameters.days ?? 0;
    return neighboursInCourse(rule, situation).flatMap(({ day }) => {
      const days = daysBetween(day, situation.day);
      return days > most ? [{ parameters: { days, most, date: day } }] : [];
    });
  },

  course(rule, { dose, before }) {
    const first = before[0]?.vaccine ?? dose.vaccine;
    const doses = rule.parameters.doses ?? 0;
    // Within the course only: boosters are written 3/3 as well as 3/2.
    return speaksOf(rule, first) && dose.doseRank <= doses && dose.doseTotal > doses
      ? [{ parameters: { vaccine: first, doses, total: dose.doseTotal } }]
      : [];
  },

  after_infection(rule, { dose, before, infection, isBooster }) {
    const doses = rule.parameters.doses ?? 0;
    return infection !== undefined &&
      speaksOf(rule, dose.vaccine) &&
      isBooster !== true &&
      before.length >= doses
      ? [{ parameters: { date: infection, doses } }]
      : [];
  },

  booster_interval(rule, { dose, before, day, isBooster }) {
    const last = before.at(-1);
    const months = rule.parameters.months ?? 0;
    if (!isBooster || last === undefined || !speaksOf(rule, dose.vaccine)) return [];
    const earliest = Temporal.PlainDate.from(last.day).add({ months }).toString();
    return day < earliest ? [{ parameters: { months, date: last.day, earliest } }] : [];
  },

  mixed_vaccines(rule, { dose, before, isBooster }) {
    if (isBooster !== false) return [];
    const other = before.findLast(({ vaccine }) => vaccine !== dose.vaccine);
    return other && (speaksOf(rule, dose.vaccine) || speaksOf(rule, other.vaccine))
      ? [{ parameters: { vaccine: dose.vaccine, other: other.vaccine, date: other.day } }]
      : [];
  },

  minimum_age(rule, { dose, patient, day }) {
    const least = rule.parameters.years ?? 0;
    if (!speaksOf(rule, dose.vaccine)) return [];
    const years = Temporal.PlainDate.from(patient.birthDate).until(Temporal.PlainDate.from(day), {
      largestUnit: 'years',
    }).years;
    return years < least ? [{ parameters: { vaccine: dose.vaccine, years, least } }] : [];
  },

  same_day(rule, { dose, before, day }) {
    const other = before.find((each) => each.day === day);
    return other && speaksOf(rule, dose.vaccine) ? [{ parameters: { other: other.vaccine, date: day } }] : [];
  },

  rank_repeated(rule, { dose, before, after }) {
    const other = [...before, ...after].find(({ doseRank }) => doseRank === dose.doseRank);
    return other && speaksOf(rule, dose.vaccine)
      ? [{ parameters: { rank: dose.doseRank, date: other.day } }]
      : [];
  },

  rank_skipped(rule, { dose, before }) {
    return dose.doseRank > before.length + 1 && speaksOf(rule, dose.vaccine)
      ? [{ parameters: { rank: dose.doseRank, count: before.length } }]
      : [];
  },

  earlier_event(rule, { day, dose, before, events }) {
    if (!speaksOf(rule, dose.vaccine)) return [];
    const earlier = new Map(before.map((each) => [each.id, each]));
    return events.flatMap((event): readonly Said[] => {
      const cause = earlier.get(event.injectionId);
      if (cause === undefined || event.day > day) return [];
      const parameters = { date: event.day, vaccine: cause.vaccine, event: event.id };
      return [{ parameters, ...(event.serious && { severity: 'serious' }) }];
    });
  },

  contraindicated(rule, { dose, consultation }) {
    return consultation?.decision === 'contraindicated' && speaksOf(rule, dose.vaccine)
      ? [{ parameters: { date: consultation.day } }]
      : [];
  },

  deferred(rule, { dose, day, consultation }) {
    const until = consultation?.decision === 'deferred' ? consultation.deferredUntil : null;
    return consultation && until !== null && day < until && speaksOf(rule, dose.vaccine)
      ? [{ parameters: { date: consultation.day, until } }]
      : [];
  },

  opposed(rule, { dose, consultation }) {
    return consultation?.decision === 'opposed' && speaksOf(rule, dose.vaccine)
      ? [{ parameters: { date: consultation.day } }]
      : [];
  },

  // A dose by itself is in one record: whoever lists merged ones says it (../../acts/shown-once.ts).
  entered_twice: () => [],
};

/** The doses right before and right after, of one course with the dose and of the rule's vaccines like it. */
function neighboursInCourse(
  rule: DoseRule,
  { dose, before, after, isBooster, course }: Situation,
): readonly PastDose[] {
  if (!speaksOf(rule, dose.vaccine) || isBooster !== false) return [];
  const last = before.at(-1);
  const next = before.length + 1 < (course ?? 0) ? after[0] : undefined;
  return [last, next].filter((each) => each !== undefined).filter(({ vaccine }) => speaksOf(rule, vaccine));
}

/** Whole days between two dates, in whatever order. */
function daysBetween(one: string, other: string): number {
  return Math.abs(Temporal.PlainDate.from(one).until(Temporal.PlainDate.from(other)).days);
}
