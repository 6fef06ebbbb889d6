import { parisDay } from '../../paris-day.ts';
import type { FieldProblem } from '../../problem.ts';
import type { adverseEvents } from '../acts/acts.table.ts';
import type { AdverseEventInput } from './adverse-event-body.ts';

/** What an adverse event says, checked and as it is stored. */
export type AdverseEventFacts = Pick<
  typeof adverseEvents.$inferSelect,
  | 'occurredAt'
  | 'description'
  | 'terms'
  | 'serious'
  | 'criteria'
  | 'hospitalisedFrom'
  | 'hospitalisedTo'
  | 'diedOn'
  | 'outcome'
  | 'endedOn'
  | 'pregnancy'
  | 'pregnancyWeeks'
  | 'lotSuspected'
>;

type Said = Omit<AdverseEventInput, 'injectionId' | 'place' | 'performedBy'>;

/** A clock may be this much ahead of ours. */
const clockToleranceMs = 2 * 60_000;

/**
 * Refuses what contradicts itself: an onset before the injection or to come, seriousness without its criterion, the
 * dates of a criterion that does not hold or that are missing, an end before the beginning. Days are Europe/Paris.
 * @param injectedAt when the suspected dose was given.
 */
export function checkAdverseEvent(
  said: Said,
  injectedAt: Date,
  now: Date,
): { readonly facts: AdverseEventFacts } | { readonly errors: readonly FieldProblem[] } {
  const facts: AdverseEventFacts = {
    occurredAt: new Date(said.onset),
    description: said.description.trim(),
    terms: said.terms ?? [],
    serious: said.serious,
    criteria: said.criteria ?? [],
    hospitalisedFrom: said.hospitalisedFrom ?? null,
    hospitalisedTo: said.hospitalisedTo ?? null,
    diedOn: said.diedOn ?? null,
    outcome: said.outcome,
    endedOn: said.endedOn ?? null,
    pregnancy: said.pregnancy ?? null,
    pregnancyWeeks: said.pregnancyWeeks ?? null,
    lotSuspected: said.lotSuspected ?? false,
  };
  const [onset, today] = [parisDay(facts.occurredAt), parisDay(now)];
  const errors: FieldProblem[] = [];
  const fault = (path: string, key: string) => {
    errors.push({ path: `/${path}`, key: `records-adverse-events.errors.${key}` });
  };
  /** A day that must lie between the onset and today. */
  const within = (path: string, day: string | null, from = onset) => {
    if (day !== null && day < from) fault(path, 'before_beginning');
    if (day !== null && day > today) fault(path, 'future');
  };

  if (facts.occurredAt < injectedAt) fault('onset', 'before_injection');
  if (facts.occurredAt.getTime() > now.getTime() + clockToleranceMs) fault('onset', 'future');
  if (facts.serious && facts.criteria.length === 0) fault('criteria', 'criteria_missing');
  if (!facts.serious && facts.criteria.length > 0) fault('criteria', 'not_serious');

  const hospitalised = facts.criteria.includes('hospitalisation');
  if (hospitalised && facts.hospitalisedFrom === null) fault('hospitalisedFrom', 'hospitalised_missing');
  if (!hospitalised && facts.hospitalisedFrom !== null) fault('hospitalisedFrom', 'not_hospitalised');
  if (!hospitalised && facts.hospitalisedTo !== null) fault('hospitalisedTo', 'not_hospitalised');
  within('hospitalisedFrom', facts.hospitalisedFrom);
  within('hospitalisedTo', facts.hospitalisedTo, facts.hospitalisedFrom ?? onset);

  const died = facts.criteria.includes('death');
  if (died && facts.diedOn === null) fault('diedOn', 'died_missing');
  if (!died && facts.diedOn !== null) fault('diedOn', 'not_died');
  if (died !== (facts.outcome === 'fatal')) fault('outcome', 'fatal_and_death');
  within('diedOn', facts.diedOn);

  if (facts.endedOn !== null && !['recovered', 'sequelae'].includes(facts.outcome))
    fault('endedOn', 'not_ended');
  within('endedOn', facts.endedOn);
  if (facts.pregnancyWeeks !== null && facts.pregnancy !== true) fault('pregnancyWeeks', 'not_pregnant');
  return errors.length > 0 ? { errors } : { facts };
}
