import { type Static, Type } from 'typebox';
import type { Language, Texts } from '../texts.ts';
import { type Facts, type Flow, type Option, offeredLinks } from './flow.ts';
import type { Replay } from './replay.ts';
import type { Walk } from './sessions.ts';
import { authorityNameKey, nodeTextKeys, optionHintKeys, optionLabelKeys } from './text-keys.ts';

/** Where a session stands, in words: what the API answers with. */
export const Position = Type.Object(
  {
    id: Type.String({ description: 'The session, and the only key to it' }),
    flow: Type.String(),
    flowVersion: Type.Integer(),
    node: Type.Object({
      id: Type.String(),
      kind: Type.Enum(['question', 'instruction', 'outcome']),
      title: Type.String(),
      body: Type.String({
        description: 'Why it is asked, the steps (numbered, one a line) and a note, as text',
      }),
      options: Type.Array(Type.Object({ id: Type.String(), label: Type.String() })),
    }),
    trail: Type.Array(Type.Object({ node: Type.String(), answer: Type.String(), label: Type.String() }), {
      description: 'The questions answered so far, in order; any of them may be answered again',
    }),
    outcome: Type.Optional(Type.Enum(['resolved', 'escalate', 'redirected'])),
  },
  { title: 'Position' },
);
export type Position = Static<typeof Position>;

/** A page's texts in one language. */
export interface NodeWords {
  readonly title: string;
  readonly why: string;
  readonly steps: readonly string[];
  readonly note: string | undefined;
  readonly options: readonly OptionWords[];
  /** Keys of configured addresses. */
  readonly links: readonly string[];
}

export interface OptionWords {
  readonly id: string;
  readonly role: Option['role'];
  readonly label: string;
  readonly hint: string | undefined;
}

/** An answered question in one language. */
export interface TrailWords {
  readonly node: string;
  readonly answer: string;
  readonly title: string;
  readonly label: string;
}

/** The session's position as the API gives it, in the session's own language. */
export function describePosition(texts: Texts, { session, flow, replay }: Walk): Position {
  const { nodeId, node, options, facts } = replay;
  const words = describeNode(texts, session.language, flow, nodeId, { options, facts });
  const steps = words.steps.map((step, index) => `${index + 1}. ${step}`).join('\n');
  return {
    id: session.id,
    flow: flow.id,
    flowVersion: flow.version,
    node: {
      id: nodeId,
      kind: node.kind,
      title: words.title,
      body: [words.why, steps, words.note].filter(Boolean).join('\n\n'),
      options: words.options.map(({ id, label }) => ({ id, label })),
    },
    trail: describeTrail(texts, session.language, flow, replay).map(({ node, answer, label }) => ({
      node,
      answer,
      label,
    })),
    ...(node.kind === 'outcome' && { outcome: node.outcome }),
  };
}

/** The texts of a node for what is known when it is shown, with the options then offered. */
export function describeNode(
  texts: Texts,
  language: Language,
  flow: Flow,
  nodeId: string,
  shown: { readonly options: readonly Option[]; readonly facts: Facts },
): NodeWords {
  const { options, facts } = shown;
  const say = speaker(texts, language, facts);
  const stepsKey = nodeTextKeys(flow, nodeId, 'steps', facts).find((key) => texts.has(language, key));
  const node = flow.nodes[nodeId];
  return {
    title: say.one(nodeTextKeys(flow, nodeId, 'title', facts)),
    why: say.one(nodeTextKeys(flow, nodeId, 'why', facts)),
    steps: stepsKey === undefined ? [] : texts.list(language, stepsKey, say.parameters),
    note: say.maybe(nodeTextKeys(flow, nodeId, 'note', facts)),
    options: options.map(({ id, role }) => ({
      id,
      role,
      label: say.one(optionLabelKeys(flow, nodeId, id, facts)),
      hint: say.maybe(optionHintKeys(flow, nodeId, id, facts)),
    })),
    links: node ? offeredLinks(node, facts) : [],
  };
}

/** The answers of a replay in words, each as its page showed it. */
export function describeTrail(
  texts: Texts,
  language: Language,
  flow: Flow,
  { trail, knownBefore }: Pick<Replay, 'trail' | 'knownBefore'>,
): readonly TrailWords[] {
  return trail.map(({ node, answer }, index) => {
    const facts = knownBefore[index] ?? {};
    const say = speaker(texts, language, facts);
    return {
      node,
      answer,
      title: say.one(nodeTextKeys(flow, node, 'title', facts)),
      label: say.one(optionLabelKeys(flow, node, answer, facts)),
    };
  });
}

/** Says the first of several keys that exists, with the name of the registration authority once it is known. */
function speaker(texts: Texts, language: Language, facts: Facts) {
  const authorityKey = authorityNameKey(facts);
  const parameters = { authority: authorityKey && texts.say(language, authorityKey) };
  const maybe = (keys: readonly string[]): string | undefined => {
    const key = keys.find((each) => texts.has(language, each));
    return key === undefined ? undefined : texts.say(language, key, parameters);
  };
  return {
    parameters,
    maybe,
    one(keys: readonly string[]): string {
      const words = maybe(keys);
      if (words === undefined) throw new Error(`no text for any of ${keys.join(', ')} in "${language}"`);
      return words;
    },
  };
}
