import { type Facts, type Flow, type FlowNode, type Option, offeredOptions, wayTo } from './flow.ts';
import { possibleOptions } from './graph.ts';

/** One answer as it is stored: which option was chosen at which node, and what was typed and found there. */
export interface Answer {
  readonly node: string;
  readonly answer: string;
  /** The number that was typed on a page that has a field for it, whichever option was chosen then. */
  readonly typed?: string;
  /** What a look-up found when it was answered, frozen with it. */
  readonly found?: Finding;
  /** What confirming that look-up taught. */
  readonly learnt?: Facts;
}

/** A professional as a look-up found them: what is open to everybody, and nothing more. */
export interface Finding {
  /** What confirming it teaches. */
  readonly facts: Facts;
  readonly familyName: string | null;
  readonly givenName: string | null;
  /** Codes of TRE_G15, each once. */
  readonly professions: readonly { readonly code: string; readonly inTraining: boolean }[];
  /** How and where, each once; none for stand-ins and students. */
  readonly activities: readonly { readonly mode: string; readonly setting?: string }[];
  /** 11 digits; absent for whoever has another number. */
  readonly rpps?: string;
  /** The key of the number is wrong: told, never refused. */
  readonly doubtful: boolean;
}

/** Why the stored answers could not be followed to their end. */
export interface ReplayProblem {
  readonly node: string;
  readonly answer: string;
  readonly reason: 'node-not-reached' | 'option-not-offered';
}

/** Where a series of answers leads. */
export interface Replay {
  /** The node to show next. */
  readonly nodeId: string;
  readonly node: FlowNode;
  /** The options offered there, the flow's exits included. */
  readonly options: readonly Option[];
  /** What the answers taught. */
  readonly facts: Facts;
  /** The answers that were followed, in order. */
  readonly trail: readonly Answer[];
  /** For each answer of the trail, what was known when its page was shown: what its texts were chosen by. */
  readonly knownBefore: readonly Facts[];
  /** The last number typed on the way, whether or not anybody was found by it. */
  readonly typed?: string;
  /** Who the last look-up found. */
  readonly found?: Finding;
  /** Whether the practitioner said that it is them. */
  readonly confirmed: boolean;
  /** Set when an answer could not be followed: the trail stops before it. */
  readonly problem?: ReplayProblem;
}

/**
 * Follows the answers from the flow's start, without any state of its own. Answers that no longer fit
 * (an older version of the flow, a changed earlier answer) end the trail at the last one that does.
 */
export function replay(flow: Flow, answers: readonly Answer[]): Replay {
  let nodeId = flow.start;
  let facts: Facts = {};
  let problem: ReplayProblem | undefined;
  const trail: Answer[] = [];
  const knownBefore: Facts[] = [];
  let typed: string | undefined;
  let found: Finding | undefined;
  let confirmed = false;
  for (const given of answers) {
    const { node, answer } = given;
    const option = node === nodeId ? findOffered(flow, nodeId, facts, answer) : undefined;
    if (!option) {
      problem = { node, answer, reason: node === nodeId ? 'option-not-offered' : 'node-not-reached' };
      break;
    }
    trail.push(given);
    knownBefore.push(facts);
    typed = given.typed ?? typed;
    found = given.found ?? found;
    confirmed ||= option.confirms !== undefined;
    const learnt = { ...facts, ...(option.confirms !== undefined && given.learnt), ...option.sets };
    ({ to: nodeId, facts } = wayTo(flow, option.to, learnt));
  }
  const node = nodeOf(flow, nodeId);
  const reached = {
    nodeId,
    node,
    options: offeredOptions(flow, node, facts),
    facts,
    trail,
    knownBefore,
    ...(typed !== undefined && { typed }),
    ...(found && { found }),
    confirmed,
  };
  return problem ? { ...reached, problem } : reached;
}

/**
 * The answers after answering `node` with `answer`: a node already in the trail discards what followed it.
 * An option that takes an answer back leaves the answers before that one; one that confirms a look-up learns what was
 * found. Undefined when the node is neither in the trail nor the current one. The answer itself is not judged here:
 * replaying the result reports an option that is not offered.
 */
export function answered(
  flow: Flow,
  answers: readonly Answer[],
  given: Answer,
): readonly Answer[] | undefined {
  const { trail, nodeId } = replay(flow, answers);
  const earlier = trail.findIndex((each) => each.node === given.node);
  if (earlier < 0 && given.node !== nodeId) return undefined;
  const before = earlier < 0 ? trail : trail.slice(0, earlier);
  const node = nodeOf(flow, given.node);
  const option = possibleOptions(flow, node).find(({ id }) => id === given.answer);
  if (option?.takesBack) {
    const taken = before.findIndex((each) => each.node === option.to);
    return taken < 0 ? before : before.slice(0, taken);
  }
  const learnt =
    option?.confirms === undefined
      ? undefined
      : before.find((each) => each.node === option.confirms)?.found?.facts;
  return [...before, learnt ? { ...given, learnt } : given];
}

function findOffered(flow: Flow, nodeId: string, facts: Facts, id: string): Option | undefined {
  const offered = offeredOptions(flow, nodeOf(flow, nodeId), facts);
  // What takes an answer back is never an answer itself: `answered` leaves none.
  return offered.find((option) => option.id === id && !option.takesBack);
}

function nodeOf(flow: Flow, id: string): FlowNode {
  const node = flow.nodes[id];
  if (!node) throw new Error(`no node "${id}" in flow "${flow.id}"`);
  return node;
}
