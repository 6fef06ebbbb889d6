import { factValues } from './check-flow.ts';
import type { Condition, FactName, Flow, FlowNode } from './flow.ts';
import { type Edge, listEdges } from './graph.ts';
import { factNameKey, factTextKey, nodeTextKeys, optionLabelKeys } from './text-keys.ts';

/** The words of a drawing, in one language. */
export interface FlowLabels {
  node(id: string): string;
  option(node: string, option: string): string;
  fact(fact: FactName): string;
  value(fact: FactName, value: string): string;
}

/**
 * The words of a drawing taken from the text catalogue. `find` gives the text at a key, undefined when there is none.
 * @throws Error naming what has no text.
 */
export function labelsFrom(flow: Flow, find: (key: string) => string | undefined): FlowLabels {
  const first = (keys: readonly string[]): string => {
    for (const key of keys) {
      const text = find(key);
      if (text !== undefined) return text;
    }
    throw new Error(`no text at ${keys.join(', ')}`);
  };
  return {
    node: (id) => first(nodeTextKeys(flow, id, 'title', {})),
    option: (node, option) => first(optionLabelKeys(flow, node, option, {})),
    fact: (fact) => first([factNameKey(fact)]),
    value: (fact, value) => first([factTextKey(fact, value)]),
  };
}

const shapes: Readonly<Record<FlowNode['kind'], readonly [string, string]>> = {
  question: ['{{', '}}'],
  instruction: ['[', ']'],
  outcome: ['([', '])'],
};

/**
 * The flow as a Mermaid flowchart: hexagons ask, boxes instruct, rounded ends are outcomes. Options that lead to the same
 * place share an arrow. The exits, which every page offers, are drawn once from `✱`. In brackets, when an arrow is taken:
 * `|` or, `+` and, `≠` not, `✓` known. The same flow and labels always give the same text.
 */
export function drawFlow(flow: Flow, labels: FlowLabels): string {
  const lines = ['flowchart TD'];
  for (const [id, node] of Object.entries(flow.nodes)) {
    const [open, close] = shapes[node.kind];
    lines.push(`  n_${id}${open}${quoted(labels.node(id))}${close}:::${node.kind}`);
  }
  lines.push('  any(("✱"))');
  for (const arrow of arrowsOf(flow, labels)) {
    const label = arrow.when ? `${arrow.options.join(' / ')} [${arrow.when}]` : arrow.options.join(' / ');
    lines.push(`  n_${arrow.from} -->|${quoted(label)}| n_${arrow.to}`);
  }
  for (const exit of exitsOf(flow)) {
    lines.push(`  any -.->|${quoted(labels.option(exit.from, exit.option))}| n_${exit.to}`);
  }
  lines.push('  classDef question fill:#e8f0fe,stroke:#3c5aa6,color:#10182c');
  lines.push('  classDef instruction fill:#fff7e0,stroke:#8a6d1a,color:#2b2205');
  lines.push('  classDef outcome fill:#e6f4ea,stroke:#2f7a45,color:#0c2914');
  return `${lines.join('\n')}\n`;
}

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly when: string | undefined;
  readonly options: string[];
}

/** The edges but the exits; those of one page to one place under one condition are one arrow. */
function arrowsOf(flow: Flow, labels: FlowLabels): readonly Arrow[] {
  const arrows = new Map<string, Arrow>();
  for (const edge of listEdges(flow)) {
    if (edge.exit) continue;
    const when = edge.when && conditionText(edge.when, flow, labels);
    const key = `${edge.from} ${edge.to} ${when ?? ''}`;
    const arrow = arrows.get(key) ?? { from: edge.from, to: edge.to, when, options: [] };
    arrow.options.push(labels.option(edge.from, edge.option));
    arrows.set(key, arrow);
  }
  return [...arrows.values()];
}

/** One edge for each place an exit leads to, wherever it is taken. */
function exitsOf(flow: Flow): readonly Edge[] {
  const seen = new Map<string, Edge>();
  for (const edge of listEdges(flow)) {
    const key = `${edge.option} ${edge.to}`;
    if (edge.exit && !seen.has(key)) seen.set(key, edge);
  }
  return [...seen.values()];
}

function conditionText(condition: Condition, flow: Flow, labels: FlowLabels): string {
  if ('fact' in condition) {
    const { fact } = condition;
    const missing = [...(factValues(flow).get(fact) ?? [])].some((value) => !condition.in.includes(value));
    if (!missing) return `${labels.fact(fact)} ✓`;
    return condition.in.map((value) => labels.value(fact, value)).join(' | ');
  }
  if ('not' in condition) return `≠ (${conditionText(condition.not, flow, labels)})`;
  const [all, sign] = 'all' in condition ? [condition.all, ' + '] : [condition.any, ' | '];
  return all.map((each) => conditionText(each, flow, labels)).join(sign);
}

/** A Mermaid string: what could end it, or be read as markup, is written as an entity. */
function quoted(text: string): string {
  const escaped = text
    .replace(/[#"<>&`\\]/g, (character) => `#${character.codePointAt(0)};`)
    .replace(/\s*\n\s*/g, ' ');
  return `"${escaped}"`;
}
