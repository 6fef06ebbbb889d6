import type { DoseRule } from '../rules/dose-rules/rule.ts';
import type { Finding } from '../rules/dose-rules.ts';
import { isDuring } from '../rules/vaccines.ts';

/** What tells whether two entries are of one dose. */
export interface EnteredDose {
  readonly id: string;
  readonly patientId: string;
  readonly state: string;
  readonly vaccine: string;
  /** YYYY-MM-DD, Europe/Paris. */
  readonly day: string;
  readonly notADuplicate: boolean;
  /** Instants, or texts that sort as they do. */
  readonly createdAt: Date | string;
}

/**
 * Doses of a person, each once: of the same vaccine and day in records that were merged, the entry of the record that
 * goes on is kept, else the earliest, else that of the greater id. Nothing is stored, so records that are parted have again what was theirs.
 * @returns those that are kept, in the order given, and those that are not, by the id of the one that stands for them.
 */
export function shownOnce<Dose extends EnteredDose>(
  patientId: string,
  doses: readonly Dose[],
): { readonly once: readonly Dose[]; readonly doubles: ReadonlyMap<string, readonly Dose[]> } {
  const groups = new Map<string, Dose[]>();
  for (const dose of doses) {
    if (dose.state !== 'recorded' || dose.notADuplicate) continue;
    const key = `${dose.vaccine} ${dose.day}`;
    groups.set(key, [...(groups.get(key) ?? []), dose]);
  }
  const rank = (dose: Dose) => (dose.patientId === patientId ? 0 : 1);
  const doubles = new Map<string, readonly Dose[]>();
  for (const group of groups.values()) {
    const [kept, ...others] = group.sort(
      (a, b) =>
        rank(a) - rank(b) ||
        Number(a.createdAt > b.createdAt) - Number(a.createdAt < b.createdAt) ||
        // Of one file's import they have one instant; as fhir/search-immunizations.ts has it.
        Number(a.id < b.id) - Number(a.id > b.id),
    );
    if (kept && others.length > 0) doubles.set(kept.id, others);
  }
  const hidden = new Set([...doubles.values()].flat().map(({ id }) => id));
  return { once: doses.filter(({ id }) => !hidden.has(id)), doubles };
}

/** The injections with what the rules of that day say of those that stand for others, before their own findings. */
export function tellDoubles<Dose extends EnteredDose & { readonly findings: readonly Finding[] }>(
  injections: readonly Dose[],
  doubles: ReadonlyMap<string, readonly (EnteredDose & { readonly lot: string })[]>,
  rules: readonly DoseRule[],
): readonly Dose[] {
  return injections.map((injection) => {
    const { day } = injection;
    const rule = rules.find(
      ({ kind, validFrom, validTo }) => kind === 'entered_twice' && isDuring(validFrom, validTo, day),
    );
    const others = doubles.get(injection.id);
    if (!rule || !others) return injection;
    const { kind, severity, source, validFrom, validTo } = rule;
    const said = others.map(({ lot }) => ({
      ...{ rule: rule.rule, kind, severity, source, validFrom, validTo },
      parameters: { date: day, lot },
    }));
    return { ...injection, findings: [...said, ...injection.findings] };
  });
}
