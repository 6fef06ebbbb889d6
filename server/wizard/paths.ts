import { type Facts, type Flow, type Option, type Outcome, offeredOptions, wayTo } from './flow.ts';
import { type Edge, findCycle, listEdges, passedOption } from './graph.ts';
import type { Answer } from './replay.ts';

/** One complete way through a flow. */
export interface Path {
  readonly answers: readonly Answer[];
  /** What those answers taught. */
  readonly facts: Facts;
  readonly outcome: Outcome;
  /** The outcome node reached. */
  readonly end: string;
}

/** A page as some path shows it: what its texts, options and links depend on, and nothing else. */
export interface State {
  readonly node: string;
  readonly facts: Facts;
}

/** What no path reaches: mistakes in a flow. */
export interface NeverReached {
  readonly nodes: readonly string[];
  readonly edges: readonly Edge[];
}

/** Answers as a chain shared by all the paths that begin alike: a hundred thousand paths stay small. */
interface Chain {
  readonly answer: Answer;
  readonly before: Chain | undefined;
}

/**
 * Every path of the flow, depth first, in the order in which options are offered.
 * @throws Error naming the nodes of a circle, or a page that offers nothing but exits to some facts.
 */
export function listPaths(flow: Flow): readonly Path[] {
  requireWalkable(flow);
  const paths: Path[] = [];
  const waiting: { readonly node: string; readonly facts: Facts; readonly chain: Chain | undefined }[] = [
    { node: flow.start, facts: {}, chain: undefined },
  ];
  for (let here = waiting.pop(); here; here = waiting.pop()) {
    const { node: from, facts, chain } = here;
    const node = flow.nodes[from];
    if (node?.kind === 'outcome') {
      paths.push({ answers: unrolled(chain), facts, outcome: node.outcome, end: from });
      continue;
    }
    for (const step of stepsFrom(flow, from, facts).reverse()) {
      const answer = { node: from, answer: step.option, ...(step.learnt && { learnt: step.learnt }) };
      waiting.push({ node: step.to, facts: step.facts, chain: { answer, before: chain } });
    }
  }
  return paths;
}

/** Every page with every set of facts with which some path shows it, each once. Same errors as `listPaths`. */
export function listStates(flow: Flow): readonly State[] {
  requireWalkable(flow);
  const states = new Map<string, State>();
  const waiting: State[] = [{ node: flow.start, facts: {} }];
  for (let here = waiting.pop(); here; here = waiting.pop()) {
    const key = keyOf(here);
    if (states.has(key)) continue;
    states.set(key, here);
    for (const step of stepsFrom(flow, here.node, here.facts))
      waiting.push({ node: step.to, facts: step.facts });
  }
  return [...states.values()];
}

/** The nodes and the edges (an option never offered, a branch never taken) that no path goes through. */
export function neverReached(flow: Flow): NeverReached {
  const nodes = new Set<string>();
  const taken = new Set<string>();
  for (const { node, facts } of listStates(flow)) {
    nodes.add(node);
    for (const { option, way } of stepsFrom(flow, node, facts)) {
      let from = `${node}/${option}`;
      for (const next of way) {
        taken.add(`${from}/${next}`);
        from = `${next}/${passedOption}`;
      }
    }
  }
  return {
    nodes: Object.keys(flow.nodes).filter((id) => !nodes.has(id)),
    edges: listEdges(flow).filter(
      ({ from, option, to, back }) => !back && !taken.has(`${from}/${option}/${to}`),
    ),
  };
}

interface Step {
  readonly option: string;
  /** Where it leads, behind the pages that need not be asked. */
  readonly to: string;
  /** Through those, to there. */
  readonly way: readonly string[];
  /** What confirming a look-up taught. */
  readonly learnt?: Facts;
  /** What is known there. */
  readonly facts: Facts;
}

/** The steps that a page offers; none from an outcome. What takes an answer back leads to a page already listed. */
function stepsFrom(flow: Flow, from: string, facts: Facts): Step[] {
  const node = flow.nodes[from];
  if (!node || node.kind === 'outcome') return [];
  const offered = offeredOptions(flow, node, facts);
  if (!offered.some((option) => node.options.includes(option))) {
    throw new Error(`node "${from}" offers nothing of its own to ${JSON.stringify(facts)}`);
  }
  return offered.flatMap((option) => {
    if (option.takesBack) return [];
    const findings = confirmable(flow, option);
    if (!findings) return [stepBy(flow, option, option.sets ? { ...facts, ...option.sets } : facts)];
    return findings.map((learnt) => ({
      ...stepBy(flow, option, { ...facts, ...learnt, ...option.sets }),
      learnt,
    }));
  });
}

function stepBy(flow: Flow, option: Option, learnt: Facts): Step {
  const { nodes, to, facts } = wayTo(flow, option.to, learnt);
  return { option: option.id, to, way: nodes, facts };
}

/** What the look-up that this option confirms may have found. */
function confirmable(flow: Flow, { confirms }: Option): readonly Facts[] | undefined {
  const node = confirms === undefined ? undefined : flow.nodes[confirms];
  if (!node || node.kind === 'outcome') return undefined;
  return node.options.find((option) => option.lookUp)?.lookUp?.mayFind;
}

function requireWalkable(flow: Flow): void {
  const cycle = findCycle(flow);
  if (cycle) throw new Error(`flow "${flow.id}" turns in circles: ${cycle.join(' → ')}`);
}

function unrolled(chain: Chain | undefined): readonly Answer[] {
  const answers: Answer[] = [];
  for (let link = chain; link; link = link.before) answers.push(link.answer);
  return answers.reverse();
}

function keyOf({ node, facts }: State): string {
  const known = Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${node} ${known.map(([fact, value]) => `${fact}=${value}`).join(' ')}`;
}
