import type { Facts } from '../wizard/flow.ts';

/** What an incident touches; an empty list binds nothing. */
export interface Scope {
  readonly ways: readonly string[];
  readonly symptoms: readonly string[];
}

/**
 * How an incident and somebody's answers go together. `matches`: everything that the incident asks for is known of them.
 * `possible`: nothing they said speaks against it, and something is not known yet. `foreign`: it is not theirs.
 */
export type Match = 'matches' | 'possible' | 'foreign';

/** Whether somebody who has given these answers is touched by the incident. */
export function matchIncident(scope: Scope, { way, symptom }: Pick<Facts, 'way' | 'symptom'>): Match {
  const parts = [matchOne(scope.ways, way), matchOne(scope.symptoms, symptom)];
  if (parts.includes('foreign')) return 'foreign';
  return parts.includes('possible') ? 'possible' : 'matches';
}

function matchOne(wanted: readonly string[], known: string | undefined): Match {
  if (wanted.length === 0) return 'matches';
  if (known === undefined) return 'possible';
  return wanted.includes(known) ? 'matches' : 'foreign';
}

/**
 * The incident to which a new case belongs, of those open: the one that says most precisely what it touches, then the
 * oldest, so that the same answers always lead to the same one.
 */
export function incidentOfCase<Incident extends Scope & { readonly id: number }>(
  open: readonly Incident[],
  facts: Pick<Facts, 'way' | 'symptom'>,
): Incident | undefined {
  const mine = open.filter((each) => matchIncident(each, facts) === 'matches');
  return mine.sort((a, b) => precision(b) - precision(a) || a.id - b.id)[0];
}

/** A symptom says more than a way in. */
function precision({ ways, symptoms }: Scope): number {
  return (symptoms.length > 0 ? 2 : 0) + (ways.length > 0 ? 1 : 0);
}
