import type { Flow } from '../wizard/flow.ts';
import { currentFlow } from '../wizard/registry.ts';

/** The facts that say what an incident touches. */
export type ScopeFact = 'way' | 'symptom';

/** Every value that the answers of the flow can teach for this fact, in the order in which they are asked. */
export function scopeValues(fact: ScopeFact, flow: Flow = currentFlow): readonly string[] {
  const values = Object.values(flow.nodes).flatMap((node) =>
    node.kind === 'outcome' ? [] : node.options.map(({ sets }) => sets?.[fact]),
  );
  return [...new Set(values.filter((value) => value !== undefined))];
}
