import type { FactName, Facts, Flow } from './flow.ts';

/**
 * Where a flow's words are in the catalogue `wizard`:
 * - `wizard.<flow>.<node>.title|why|steps|note`, and `options.<option>` (label), `hints.<option>` (a line under it);
 * - `wizard.<flow>.<node>.variants.<value>.…` overrides any of these for that value of the node's `variantBy` fact;
 * - `wizard.<flow>.options.<option>` is the label of an option that many nodes share;
 * - `wizard.<flow>.exits.<exit>` is the label of an exit;
 * - `wizard.facts.<fact>.<value>` and `wizard.fact_names.<fact>` are short labels for agents;
 * - `wizard.authorities.<value>.name` is what `{authority}` stands for.
 * Every function gives the keys to try in order; the first that exists is the one.
 */
export type NodeSlot = 'title' | 'why' | 'steps' | 'note';

/** The keys of a node's own text. `title` and `why` always exist, `steps` for every instruction, `note` sometimes. */
export function nodeTextKeys(flow: Flow, nodeId: string, slot: NodeSlot, facts: Facts): readonly string[] {
  return levels(flow, nodeId, facts).map((level) => `${level}.${slot}`);
}

/** The keys of an option's label, at the node that offers it. One always exists. */
export function optionLabelKeys(
  flow: Flow,
  nodeId: string,
  optionId: string,
  facts: Facts,
): readonly string[] {
  const shared = flow.exits.some((exit) => exit.id === optionId) ? 'exits' : 'options';
  return [
    ...levels(flow, nodeId, facts).map((level) => `${level}.options.${optionId}`),
    `wizard.${flow.id}.${shared}.${optionId}`,
  ];
}

/** The keys of the line under an option's label. Often none exists. */
export function optionHintKeys(
  flow: Flow,
  nodeId: string,
  optionId: string,
  facts: Facts,
): readonly string[] {
  return levels(flow, nodeId, facts).map((level) => `${level}.hints.${optionId}`);
}

/** The key of a fact's own name, for agents. */
export function factNameKey(fact: FactName): string {
  return `wizard.fact_names.${fact}`;
}

/** The key of a short label for what is known, for agents. */
export function factTextKey(fact: FactName, value: string): string {
  return `wizard.facts.${fact}.${value}`;
}

/** The key of what `{authority}` stands for; undefined while the authority is not known. */
export function authorityNameKey(facts: Facts): string | undefined {
  return facts.authority === undefined ? undefined : `wizard.authorities.${facts.authority}.name`;
}

function levels(flow: Flow, nodeId: string, facts: Facts): readonly string[] {
  const base = `wizard.${flow.id}.${nodeId}`;
  const fact = flow.nodes[nodeId]?.variantBy;
  const value = fact && facts[fact];
  return value === undefined ? [base] : [`${base}.variants.${value}`, base];
}
