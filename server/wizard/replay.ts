import { type Facts, type Flow, type FlowNode, type Option, offeredOptions, resolveTarget } from './flow.ts';

/** One answer as it is stored: which option was chosen at which node. */
export interface Answer {
  readonly node: string;
  readonly answer: string;
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
  for (const { node, answer } of answers) {
    const option = node === nodeId ? findOffered(flow, nodeId, facts, answer) : undefined;
    if (!option) {
      problem = { node, answer, reason: node === nodeId ? 'option-not-offered' : 'node-not-reached' };
      break;
    }
    trail.push({ node, answer });
    knownBefore.push(facts);
    facts = { ...facts, ...option.sets };
    nodeId = resolveTarget(option.to, facts);
  }
  const node = nodeOf(flow, nodeId);
  const reached = {
    nodeId,
    node,
    options: offeredOptions(flow, node, facts),
    facts,
    trail,
    knownBefore,
  };
  return problem ? { ...reached, problem } : reached;
}

/**
 * The answers after answering `node` with `answer`: a node already in the trail discards what followed it.
 * Undefined when the node is neither in the trail nor the current one. The answer itself is not judged here:
 * replaying the result reports an option that is not offered.
 */
export function answered(
  flow: Flow,
  answers: readonly Answer[],
  given: Answer,
): readonly Answer[] | undefined {
  const { trail, nodeId } = replay(flow, answers);
  const earlier = trail.findIndex((each) => each.node === given.node);
  if (earlier >= 0) return [...trail.slice(0, earlier), given];
  return given.node === nodeId ? [...trail, given] : undefined;
}

function findOffered(flow: Flow, nodeId: string, facts: Facts, id: string): Option | undefined {
  return offeredOptions(flow, nodeOf(flow, nodeId), facts).find((option) => option.id === id);
}

function nodeOf(flow: Flow, id: string): FlowNode {
  const node = flow.nodes[id];
  if (!node) throw new Error(`no node "${id}" in flow "${flow.id}"`);
  return node;
}
