import { factValues } from '#server/wizard/check-flow.ts';
import type { FlowLabels } from '#server/wizard/draw.ts';
import type { Branch, Condition, Flow, Option, Outcome } from '#server/wizard/flow.ts';
import { listEdges, possibleOptions } from '#server/wizard/graph.ts';

/** The small words between the parts of a condition. */
export interface ConditionWords {
  readonly and: string;
  readonly or: string;
  readonly not: string;
  readonly isKnown: string;
}

export interface OutlinedPage {
  readonly id: string;
  readonly title: string;
}

/** Where an option leads: one page, or one of several according to what is known. */
export interface OutlinedTarget extends OutlinedPage {
  /** In words; absent for the only way, and for the last resort of several. */
  readonly when?: string;
}

export interface OutlinedOption {
  readonly label: string;
  /** The option is offered only then. */
  readonly when?: string;
  readonly targets: readonly OutlinedTarget[];
}

export interface OutlinedNode extends OutlinedPage {
  readonly kind: 'question' | 'instruction' | 'outcome';
  readonly outcome?: Outcome;
  readonly start: boolean;
  /** Its own options: the flow's exits are told once. */
  readonly options: readonly OutlinedOption[];
  /** The flow's exits that this page leaves out. */
  readonly withoutExits: readonly string[];
  /** The pages whose own options lead here. */
  readonly from: readonly OutlinedPage[];
}

export interface FlowOutline {
  readonly id: string;
  readonly version: number;
  readonly nodes: readonly OutlinedNode[];
  /** Offered by every page that does not leave them out. */
  readonly exits: readonly OutlinedOption[];
}

/** The flow as a list that can be read aloud: every page, its options in words, and where each leads. */
export function outlineFlow(flow: Flow, labels: FlowLabels, words: ConditionWords): FlowOutline {
  const page = (id: string): OutlinedPage => ({ id, title: labels.node(id) });
  const inWords = (condition: Condition) => conditionInWords(condition, flow, labels, words);

  function outlineOption(node: string, option: Option): OutlinedOption {
    const branches: readonly Branch[] = typeof option.to === 'string' ? [{ to: option.to }] : option.to;
    return {
      label: labels.option(node, option.id),
      ...(option.when && { when: inWords(option.when) }),
      targets: branches.map(({ to, when }) => ({ ...page(to), ...(when && { when: inWords(when) }) })),
    };
  }

  const comingFrom = new Map<string, Set<string>>();
  for (const { from, to, exit } of listEdges(flow)) {
    if (!exit) comingFrom.set(to, (comingFrom.get(to) ?? new Set()).add(from));
  }

  const nodes = Object.entries(flow.nodes).map(([id, node]): OutlinedNode => {
    const offered = possibleOptions(flow, node);
    return {
      ...page(id),
      kind: node.kind,
      ...(node.kind === 'outcome' && { outcome: node.outcome }),
      start: id === flow.start,
      options: node.kind === 'outcome' ? [] : node.options.map((option) => outlineOption(id, option)),
      withoutExits:
        node.kind === 'outcome'
          ? []
          : flow.exits.filter((exit) => !offered.includes(exit)).map((exit) => labels.option(id, exit.id)),
      from: [...(comingFrom.get(id) ?? [])].map(page),
    };
  });
  const exits = flow.exits.map((exit) => outlineOption(flow.start, exit));
  return { id: flow.id, version: flow.version, nodes, exits };
}

function conditionInWords(
  condition: Condition,
  flow: Flow,
  labels: FlowLabels,
  words: ConditionWords,
): string {
  if ('fact' in condition) {
    const { fact } = condition;
    const every = [...(factValues(flow).get(fact) ?? [])].every((value) => condition.in.includes(value));
    if (every) return `${labels.fact(fact)} ${words.isKnown}`;
    const values = condition.in.map((value) => labels.value(fact, value)).join(` ${words.or} `);
    return `${labels.fact(fact)} = ${values}`;
  }
  if ('not' in condition) return `${words.not} (${conditionInWords(condition.not, flow, labels, words)})`;
  const [parts, sign] = 'all' in condition ? [condition.all, words.and] : [condition.any, words.or];
  return parts
    .map((part) => {
      const text = conditionInWords(part, flow, labels, words);
      return ('all' in part || 'any' in part) && parts.length > 1 ? `(${text})` : text;
    })
    .join(` ${sign} `);
}
