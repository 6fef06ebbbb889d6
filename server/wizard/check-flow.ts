import type { Condition, FactName, Flow, FlowNode, Option, Target } from './flow.ts';
import { findCycle } from './graph.ts';

/** Names of the text catalogue's own levels beside the nodes (text-keys.ts). */
const reserved = ['exits', 'options'];

/**
 * Refuses a flow that could not be walked, drawn or put in words:
 * a start, exit or target that names no node; an id that is not an identifier; an option twice on a page, or
 * named like an exit; a page without options; a conditional target without a last resort, or with branches after it;
 * a condition or a variant on something that no option teaches; a confirmation of what is not looked up; a way back to a page already seen.
 * @throws Error naming the node and option at fault.
 */
export function checkFlow(flow: Flow): void {
  requireIdentifier(flow.id, 'flow');
  requireNode(flow, flow.start, 'start');
  const taught = factValues(flow);
  const exits = flow.exits.map((exit) => exit.id);
  for (const exit of flow.exits) checkOption(flow, exit, `exit "${exit.id}"`, taught);
  for (const [id, node] of Object.entries(flow.nodes)) {
    const place = `node "${id}"`;
    requireIdentifier(id, place);
    if (reserved.includes(id)) throw new Error(`${place}: the name is taken by the text catalogue`);
    checkPage(node, place, taught);
    if (node.kind === 'outcome') continue;
    if (node.options.length === 0) throw new Error(`${place}: no option`);
    for (const exit of node.exits ?? []) {
      if (!exits.includes(exit)) throw new Error(`${place}: no exit "${exit}" in flow "${flow.id}"`);
    }
    for (const branch of node.passed ?? []) {
      requireNode(flow, branch.to, `${place}, when passed`);
      checkCondition(branch.when, `${place}, when passed`, taught);
    }
    if (node.options.filter((option) => option.lookUp).length > 1) {
      throw new Error(`${place}: one field at most is looked up on a page`);
    }
    const seen = new Set(exits);
    for (const option of node.options) {
      const where = `${place}, option "${option.id}"`;
      if (seen.has(option.id)) throw new Error(`${where}: the same option twice`);
      seen.add(option.id);
      checkOption(flow, option, where, taught);
    }
  }
  const cycle = findCycle(flow);
  if (cycle) throw new Error(`flow "${flow.id}" turns in circles: ${cycle.join(' → ')}`);
}

/** Every value that some option of the flow, or a look-up, gives to a fact. */
export function factValues(flow: Flow): ReadonlyMap<FactName, ReadonlySet<string>> {
  const values = new Map<FactName, Set<string>>();
  const steps = Object.values(flow.nodes).flatMap((node) => (node.kind === 'outcome' ? [] : [node]));
  const options = [...steps.flatMap((node) => node.options), ...flow.exits];
  const taught = [
    ...options.flatMap(({ sets, lookUp }) => [sets ?? {}, ...(lookUp?.mayFind ?? [])]),
    ...steps.flatMap(({ passed = [] }) => passed.map(({ sets }) => sets ?? {})),
  ];
  for (const facts of taught) {
    for (const [fact, value] of Object.entries(facts)) {
      // Object.entries forgets that the keys of Facts are fact names.
      const name = fact as FactName;
      const known = values.get(name) ?? new Set<string>();
      values.set(name, known.add(value));
    }
  }
  return values;
}

type Taught = ReturnType<typeof factValues>;

function checkPage(node: FlowNode, place: string, taught: Taught): void {
  if (node.variantBy && !taught.has(node.variantBy)) {
    throw new Error(`${place}: no option teaches "${node.variantBy}"`);
  }
  for (const link of node.links ?? []) {
    if (typeof link !== 'string') checkCondition(link.when, `${place}, link "${link.key}"`, taught);
  }
}

function checkOption(flow: Flow, option: Option, place: string, taught: Taught): void {
  requireIdentifier(option.id, place);
  if (option.when) checkCondition(option.when, place, taught);
  checkTarget(flow, option.to, place, taught);
  if (option.lookUp) requireIdentifier(option.lookUp.field, place);
  if (option.takesBack && typeof option.to !== 'string') {
    throw new Error(`${place}: what is taken back is the answer of one node`);
  }
  if (option.confirms !== undefined) {
    const looked = flow.nodes[option.confirms];
    if (!looked || looked.kind === 'outcome' || !looked.options.some((each) => each.lookUp)) {
      throw new Error(`${place}: nothing is looked up at "${option.confirms}"`);
    }
  }
}

function checkTarget(flow: Flow, target: Target, place: string, taught: Taught): void {
  if (typeof target === 'string') {
    requireNode(flow, target, place);
    return;
  }
  const last = target.length - 1;
  if (last < 0 || target[last]?.when) {
    throw new Error(`${place}: the last branch of a conditional target must have no condition`);
  }
  for (const [index, branch] of target.entries()) {
    requireNode(flow, branch.to, place);
    if (branch.when) checkCondition(branch.when, place, taught);
    else if (index < last) throw new Error(`${place}: a branch without a condition hides those after it`);
  }
}

function checkCondition(condition: Condition, place: string, taught: Taught): void {
  if ('fact' in condition) {
    for (const value of condition.in) {
      if (taught.get(condition.fact)?.has(value)) continue;
      throw new Error(`${place}: no option teaches that "${condition.fact}" is "${value}"`);
    }
  } else if ('not' in condition) checkCondition(condition.not, place, taught);
  else
    for (const each of 'all' in condition ? condition.all : condition.any)
      checkCondition(each, place, taught);
}

function requireNode(flow: Flow, id: string, place: string): void {
  if (!Object.hasOwn(flow.nodes, id)) throw new Error(`${place}: no node "${id}" in flow "${flow.id}"`);
}

function requireIdentifier(id: string, place: string): void {
  if (!/^[a-z][a-z0-9_]*$/.test(id)) throw new Error(`${place}: "${id}" is not an identifier`);
}
