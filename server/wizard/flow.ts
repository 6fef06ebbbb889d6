/**
 * Purpose: the vocabulary in which a wizard flow is written, as plain data.
 * Entry points: `defineFlow`; then `replay` (replay.ts), `listPaths` (paths.ts), `flowAsData` (graph.ts), `drawFlow` (draw.ts), `findFlow` (registry.ts).
 * May import: nothing outside this folder.
 *
 * What a page offers, and in which order:
 * - its own options: the answers to a question, or what comes after an instruction;
 * - then the flow's exits, the same on every page: "it works now", and "talk to someone". A page whose own option already
 *   goes to a person, or that already is on the way to one, lists in `exits` the ones that still make sense: nothing is said twice.
 * An option's `role` says how to render it: `works` and `help` are the exits' roles, `stuck` is "this did not help, what next",
 * `next` goes on without judging the page; an option without a role is an answer to the question.
 *
 * Texts are catalogues, never here (keys: text-keys.ts). The only placeholder they may hold is `{authority}`, the name of the
 * registration authority (`wizard.authorities.<value>.name`), on pages reached once the authority is known.
 */
import { checkFlow } from './check-flow.ts';
import { possibleOptions } from './graph.ts';

/** What an answer can teach about the practitioner and the problem. Values are stable identifiers, never texts. */
export type FactName =
  | 'way'
  | 'symptom'
  | 'profession'
  | 'authority'
  | 'identifier'
  | 'contacts'
  | 'card'
  | 'training'
  | 'setting'
  | 'mode'
  | 'practises'
  | 'in_practice';

export type Facts = Readonly<Partial<Record<FactName, string>>>;

/** The whole vocabulary of conditions: small enough that every path can be listed. */
export type Condition =
  | { readonly fact: FactName; readonly in: readonly string[] }
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition };

/** One way on from an option: taken when its condition holds and no earlier one's does. */
export interface Branch {
  readonly when?: Condition;
  readonly to: string;
}

/** A node's id, or the first of several whose condition holds; the last one has no condition. */
export type Target = string | readonly Branch[];

export interface Option {
  readonly id: string;
  readonly to: Target;
  /** How to render it; absent for an answer to a question. */
  readonly role?: 'works' | 'stuck' | 'next' | 'help';
  /** The option is offered only while this holds. */
  readonly when?: Condition;
  /** What choosing this option teaches. */
  readonly sets?: Facts;
  /** Given by typing into the page's field rather than by choosing: what is typed is looked up outside the flow. */
  readonly lookUp?: LookUp;
  /** The node whose look-up is confirmed: choosing this teaches what was found there, then what it `sets`. */
  readonly confirms?: string;
  /** Takes back the answer of the node it leads to, which is asked again: nothing of this way is kept. */
  readonly takesBack?: true;
}

/** A typed answer that is looked up when it is given. What was found is stored with it, so that replaying stays pure. */
export interface LookUp {
  /** The field's id. */
  readonly field: string;
  /**
   * What it may find, once it is confirmed: every value of every fact, and every mix of them that leads elsewhere. Paths
   * are listed with these.
   */
  readonly mayFind: readonly Facts[];
}

/** The key of a configured address or telephone number (never the address itself), shown while its condition holds. */
export type Link = string | { readonly key: string; readonly when: Condition };

interface PageNode {
  /** The fact whose value selects a variant of the node's texts (`variants.<value>` in the catalogue). */
  readonly variantBy?: FactName;
  readonly links?: readonly Link[];
}

/** A page that is not shown while the condition holds. */
export interface Passed extends Branch {
  readonly when: Condition;
  /** What its answer would have taught, where the condition tells it. */
  readonly sets?: Facts;
}

interface StepNode extends PageNode {
  readonly options: readonly Option[];
  /** The ids of the flow's exits offered here; all of them when absent. */
  readonly exits?: readonly string[];
  /** When it need not be asked, because it is known: where to go on instead, by the first condition that holds. */
  readonly passed?: readonly Passed[];
}

/** Asks one thing. */
export interface QuestionNode extends StepNode {
  readonly kind: 'question';
}

/** Tells what to do; its options say what comes next. */
export interface InstructionNode extends StepNode {
  readonly kind: 'instruction';
}

/** Where a path ends. */
export interface OutcomeNode extends PageNode {
  readonly kind: 'outcome';
  readonly outcome: Outcome;
  /** For `redirected`: a professional for whom the other door did not do can ask a person from here. */
  readonly orAsk?: boolean;
}

/** `resolved`: it works. `escalate`: a case can be opened. `redirected`: another service or person is the right door. */
export type Outcome = 'resolved' | 'escalate' | 'redirected';

export type FlowNode = QuestionNode | InstructionNode | OutcomeNode;

export interface Flow {
  /** Letters, digits and underscores, as for nodes and options. */
  readonly id: string;
  /** Grows by one with every change that an answer given before could notice. */
  readonly version: number;
  readonly start: string;
  /** Options that every question and instruction offers after its own ("it works now", "talk to someone"). */
  readonly exits: readonly Option[];
  readonly nodes: Readonly<Record<string, FlowNode>>;
}

/**
 * Declares a flow; refuses one that could not be walked to an end (check-flow.ts says what is checked).
 * @throws Error naming the node and option at fault.
 */
export function defineFlow(flow: Flow): Flow {
  checkFlow(flow);
  return flow;
}

/** Whether the condition holds for these facts; no condition always holds. */
export function holds(condition: Condition | undefined, facts: Facts): boolean {
  if (!condition) return true;
  if ('fact' in condition) {
    const value = facts[condition.fact];
    return value !== undefined && condition.in.includes(value);
  }
  if ('all' in condition) return condition.all.every((each) => holds(each, facts));
  if ('any' in condition) return condition.any.some((each) => holds(each, facts));
  return !holds(condition.not, facts);
}

/** The node that a target leads to, given the facts. */
export function resolveTarget(target: Target, facts: Facts): string {
  if (typeof target === 'string') return target;
  const branch = target.find((each) => holds(each.when, facts));
  if (!branch) throw new Error('a conditional target without a last resort');
  return branch.to;
}

/** Where a target leads. */
export interface Way {
  /** The nodes passed since they need not be asked, then the one shown. */
  readonly nodes: readonly string[];
  /** The node shown. */
  readonly to: string;
  /** What is known there. */
  readonly facts: Facts;
}

/** Where a target leads for these facts, behind the pages that need not be asked. */
export function wayTo(flow: Flow, target: Target, known: Facts): Way {
  let to = resolveTarget(target, known);
  let facts = known;
  const nodes = [to];
  for (;;) {
    const node = flow.nodes[to];
    const passed = node && node.kind !== 'outcome' ? node.passed : undefined;
    const taken = passed?.find((each) => holds(each.when, facts));
    if (!taken) return { nodes, to, facts };
    to = taken.to;
    nodes.push(to);
    facts = { ...facts, ...taken.sets };
  }
}

/** The options offered at a node for these facts: its own, then the flow's exits. */
export function offeredOptions(flow: Flow, node: FlowNode, facts: Facts): readonly Option[] {
  return possibleOptions(flow, node).filter((option) => holds(option.when, facts));
}

/** The keys of the addresses shown at a node for these facts, in the order of the flow. */
export function offeredLinks(node: FlowNode, facts: Facts): readonly string[] {
  return (node.links ?? [])
    .filter((link) => typeof link === 'string' || holds(link.when, facts))
    .map((link) => (typeof link === 'string' ? link : link.key));
}
