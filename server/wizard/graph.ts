import type { Branch, Condition, Facts, Flow, FlowNode, Option, Outcome } from './flow.ts';

/** One way from a page to another. */
export interface Edge {
  readonly from: string;
  readonly option: string;
  readonly to: string;
  /** When the option is offered and leads here, complete in itself: it does not depend on the order of edges. */
  readonly when?: Condition;
  /** What taking it teaches. */
  readonly sets?: Facts;
  /** True for the exits that every page offers. */
  readonly exit: boolean;
  /** The answer is typed into this field, and looked up. */
  readonly field?: string;
  /** The page is not shown when the condition holds: nobody answers, and `option` is `passed`. */
  readonly passed?: true;
  /** Goes back to a page already seen, whose answer it takes back. */
  readonly back?: true;
}

/** The option of the edges that nobody chooses. */
export const passedOption = 'passed';

/** A flow as `GET /api/wizard/flows/{flow}` gives it: everything but the texts. */
export interface FlowData {
  readonly id: string;
  readonly version: number;
  readonly start: string;
  readonly nodes: readonly {
    readonly id: string;
    readonly kind: FlowNode['kind'];
    readonly outcome?: Outcome;
  }[];
  readonly edges: readonly Edge[];
}

/** The whole flow as nodes and edges, in the order in which it is written. */
export function flowAsData(flow: Flow): FlowData {
  const nodes = Object.entries(flow.nodes).map(([id, node]) =>
    node.kind === 'outcome' ? { id, kind: node.kind, outcome: node.outcome } : { id, kind: node.kind },
  );
  return { id: flow.id, version: flow.version, start: flow.start, nodes, edges: listEdges(flow) };
}

/** Every option a node may offer, whatever the facts: its own, then the flow's exits that it does not leave out. */
export function possibleOptions(flow: Flow, node: FlowNode): readonly Option[] {
  if (node.kind === 'outcome') return [];
  const { exits } = node;
  const kept = exits ? flow.exits.filter((exit) => exits.includes(exit.id)) : flow.exits;
  return [...node.options, ...kept];
}

/** Every edge of the flow, its exits included: by node, option and branch, in the order in which they are written. */
export function listEdges(flow: Flow): readonly Edge[] {
  return Object.entries(flow.nodes).flatMap(([from, node]) => [
    ...passingEdges(from, node),
    ...possibleOptions(flow, node).flatMap((option) => edgesOf(from, option, flow.exits.includes(option))),
  ]);
}

/**
 * The nodes of a way that comes back to where it was, the first one repeated at the end; undefined when there is none.
 * Answers that are taken back lead to no new page. Conditions are not looked at: a flow must be free of circles whatever its facts, because answers are kept by node.
 */
export function findCycle(flow: Flow): readonly string[] | undefined {
  const next = new Map<string, Set<string>>();
  for (const { from, to, back } of listEdges(flow))
    if (!back) next.set(from, (next.get(from) ?? new Set()).add(to));
  const finished = new Set<string>();
  for (const start of Object.keys(flow.nodes)) {
    if (finished.has(start)) continue;
    // Depth first without recursion: the way from `start`, each node with the neighbours still to visit.
    const way: { readonly node: string; readonly rest: string[] }[] = [];
    const onWay = new Set<string>();
    const enter = (node: string): void => {
      onWay.add(node);
      way.push({ node, rest: [...(next.get(node) ?? [])] });
    };
    enter(start);
    for (let here = way.at(-1); here; here = way.at(-1)) {
      const to = here.rest.shift();
      if (to === undefined) {
        finished.add(here.node);
        onWay.delete(here.node);
        way.pop();
      } else if (onWay.has(to)) {
        const nodes = way.map((each) => each.node);
        return [...nodes.slice(nodes.indexOf(to)), to];
      } else if (!finished.has(to)) enter(to);
    }
  }
  return undefined;
}

function passingEdges(from: string, node: FlowNode): readonly Edge[] {
  if (node.kind === 'outcome' || !node.passed) return [];
  const { passed } = node;
  return edgesOf(from, { id: passedOption, to: passed }, false).map((edge, place) => {
    const sets = passed[place]?.sets;
    return { ...edge, ...(sets && { sets }), passed: true };
  });
}

function edgesOf(from: string, option: Option, exit: boolean): readonly Edge[] {
  const branches: readonly Branch[] = typeof option.to === 'string' ? [{ to: option.to }] : option.to;
  return branches.map((branch, index) => {
    const refused = branches.slice(0, index).flatMap((each) => (each.when ? [{ not: each.when }] : []));
    const conditions = [option.when, ...refused, branch.when].filter((each) => each !== undefined);
    const [first] = conditions;
    const when = conditions.length > 1 ? { all: conditions } : first;
    return {
      from,
      option: option.id,
      to: branch.to,
      ...(when ? { when } : {}),
      ...(option.sets ? { sets: option.sets } : {}),
      exit,
      ...(option.lookUp && { field: option.lookUp.field }),
      ...(option.takesBack && { back: true as const }),
    };
  });
}
