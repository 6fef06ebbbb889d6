import type { DoseRule } from './rule.ts';

/** A dose to be judged. */
export interface Dose {
  /** Of the injection being corrected; absent for a new one. */
  readonly id?: string;
  readonly vaccine: string;
  readonly doseRank: number;
  readonly doseTotal: number;
}

/** A dose already recorded. */
export interface PastDose {
  readonly id: string;
  readonly vaccine: string;
  /** YYYY-MM-DD, Europe/Paris. */
  readonly day: string;
  readonly doseRank: number;
  readonly doseTotal: number;
}

export interface PastEvent {
  readonly id: string;
  /** The dose that it followed. */
  readonly injectionId: string;
  /** Day of the onset. */
  readonly day: string;
  readonly serious: boolean;
}

export interface PastConsultation {
  readonly day: string;
  readonly decision: 'fit' | 'deferred' | 'contraindicated' | 'opposed';
  /** YYYY-MM-DD; set when deferred. */
  readonly deferredUntil: string | null;
}

/** What the patient's record holds, in any order; only what stands (nothing entered in error). */
export interface DoseHistory {
  readonly doses: readonly PastDose[];
  readonly events: readonly PastEvent[];
  readonly consultations: readonly PastConsultation[];
  /** Days (YYYY-MM-DD) of past infections. */
  readonly infections: readonly string[];
}

export interface DosePatient {
  /** YYYY-MM-DD. */
  readonly birthDate: string;
}

/** What the conditions look at, worked out once. */
export interface Situation {
  readonly dose: Dose;
  readonly day: string;
  readonly patient: DosePatient;
  /** Other doses up to and including that day, earliest first. */
  readonly before: readonly PastDose[];
  /** Other doses after it: those that were recorded before an earlier one. */
  readonly after: readonly PastDose[];
  readonly events: readonly PastEvent[];
  /** The last consultation up to that day. */
  readonly consultation: PastConsultation | undefined;
  /** The last infection up to that day. */
  readonly infection: string | undefined;
  /** Doses that a course begun as this one has, whatever the infections; undefined when no rule says. */
  readonly course: number | undefined;
  /** Whether the dose comes after a whole course; undefined when no rule says how long the course is. */
  readonly isBooster: boolean | undefined;
}

/** The dose amid the patient's record, as of `day`. */
export function readSituation(
  dose: Dose,
  history: DoseHistory,
  patient: DosePatient,
  rules: readonly DoseRule[],
  day: string,
): Situation {
  const others = history.doses.filter(({ id }) => id !== dose.id).sort(earliestFirst);
  const before = others.filter((each) => each.day <= day);
  const infection = history.infections
    .filter((each) => each <= day)
    .sort(order)
    .at(-1);
  const first = before[0]?.vaccine ?? dose.vaccine;
  const course = rules.find((rule) => rule.kind === 'course' && speaksOf(rule, first))?.parameters.doses;
  // After an infection the one who writes 1/1, or 2/1, has counted the course short: what follows is a booster.
  const shortened = rules.find((rule) => rule.kind === 'after_infection')?.parameters.doses;
  const counted =
    infection !== undefined && shortened !== undefined && dose.doseTotal <= shortened ? shortened : course;
  return {
    dose,
    day,
    patient,
    before,
    after: others.filter((each) => each.day > day),
    events: [...history.events].sort((a, b) => order(a.day, b.day) || order(a.id, b.id)),
    consultation: history.consultations
      .filter((each) => each.day <= day)
      // On one day the stricter has the last word, in whatever order they come.
      .sort((a, b) => order(a.day, b.day) || strictness(a) - strictness(b) || order(until(a), until(b)))
      .at(-1),
    infection,
    course,
    isBooster: counted === undefined ? undefined : before.length >= counted,
  };
}

/** Whether a rule speaks of that vaccine. */
export function speaksOf({ vaccines }: Pick<DoseRule, 'vaccines'>, vaccine: string): boolean {
  return vaccines === null || vaccines.includes(vaccine);
}

/** Doses as they were given; those of one day by their ranks. */
export function earliestFirst(a: PastDose, b: PastDose): number {
  return order(a.day, b.day) || a.doseRank - b.doseRank || order(a.id, b.id);
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const strictness = ({ decision }: PastConsultation) =>
  ['fit', 'opposed', 'deferred', 'contraindicated'].indexOf(decision);
const until = ({ deferredUntil }: PastConsultation) => deferredUntil ?? '';
