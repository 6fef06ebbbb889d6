import { type Static, Type } from 'typebox';
import type { Situation } from '../incidents/open-incidents.ts';
import { PublicIncident, publicIncidents } from '../incidents/public-incident.ts';
import type { Language, Texts } from '../texts.ts';
import { describeFinding } from './finding-words.ts';
import { type Facts, type Flow, type Option, offeredLinks } from './flow.ts';
import { possibleOptions } from './graph.ts';
import type { Answer, Finding, Replay } from './replay.ts';
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
      options: Type.Array(Type.Object({ id: Type.String(), label: Type.String() }), {
        description: 'The answers that need nothing but to be chosen',
      }),
      fields: Type.Optional(
        Type.Array(
          Type.Object({
            id: Type.String(),
            answer: Type.String({ description: 'The `answer` that looks up what is typed' }),
            label: Type.String(),
            hint: Type.String(),
            required: Type.Boolean({ description: 'Never: any option can be chosen without' }),
          }),
          {
            description:
              'What may be typed instead, and sent as `fields` with that `answer`; sent with an option it is kept for the case',
          },
        ),
      ),
    }),
    trail: Type.Array(Type.Object({ node: Type.String(), answer: Type.String(), label: Type.String() }), {
      description: 'The questions answered so far, in order; any of them may be answered again',
    }),
    outcome: Type.Optional(Type.Enum(['resolved', 'escalate', 'redirected'])),
    incidents: Type.Array(PublicIncident, {
      description: 'What is out of order for everybody and may be why, those that certainly are first',
    }),
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
  /** What may be typed here instead of choosing. */
  readonly field: FieldWords | undefined;
  /** Keys of configured addresses. */
  readonly links: readonly string[];
}

export interface OptionWords {
  readonly id: string;
  readonly role: Option['role'];
  readonly label: string;
  readonly hint: string | undefined;
}

export interface FieldWords {
  readonly id: string;
  /** The option that is chosen by typing. */
  readonly answer: string;
  readonly label: string;
  readonly hint: string;
}

/** An answered question in one language. */
export interface TrailWords {
  readonly node: string;
  readonly answer: string;
  readonly title: string;
  readonly label: string;
}

/** The session's position as the API gives it, in the session's own language. */
export function describePosition(
  texts: Texts,
  { session, flow, replay }: Walk,
  situation: Situation,
  now: Date,
): Position {
  const { nodeId, node } = replay;
  const words = describeNode(texts, session.language, flow, nodeId, replay);
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
      ...(words.field && { fields: [{ ...words.field, required: false }] }),
    },
    trail: describeTrail(texts, session.language, flow, replay).map(({ node, answer, label }) => ({
      node,
      answer,
      label,
    })),
    ...(node.kind === 'outcome' && { outcome: node.outcome }),
    incidents: [...publicIncidents(situation, replay.facts, session.language, now)],
  };
}

/** The texts of a node for what is known when it is shown, with the options then offered. */
export function describeNode(
  texts: Texts,
  language: Language,
  flow: Flow,
  nodeId: string,
  shown: Pick<Replay, 'options' | 'facts' | 'found'>,
): NodeWords {
  const { options, facts, found } = shown;
  const say = speaker(texts, language, facts, found);
  const stepsKey = nodeTextKeys(flow, nodeId, 'steps', facts).find((key) => texts.has(language, key));
  const node = flow.nodes[nodeId];
  return {
    title: say.one(nodeTextKeys(flow, nodeId, 'title', facts)),
    why: say.one(nodeTextKeys(flow, nodeId, 'why', facts)),
    steps: stepsKey === undefined ? [] : texts.list(language, stepsKey, say.parameters),
    note: say.maybe(nodeTextKeys(flow, nodeId, 'note', facts)),
    options: options
      .filter(({ lookUp }) => !lookUp)
      .map(({ id, role }) => ({
        id,
        role,
        label: say.one(optionLabelKeys(flow, nodeId, id, facts)),
        hint: say.maybe(optionHintKeys(flow, nodeId, id, facts)),
      })),
    field: options.flatMap(({ id, lookUp }) =>
      lookUp
        ? [
            {
              id: lookUp.field,
              answer: id,
              label: texts.say(language, 'diagnosis.number.label'),
              hint: texts.say(language, 'diagnosis.number.hint'),
            },
          ]
        : [],
    )[0],
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
  let found: Finding | undefined;
  return trail.map((given, index) => {
    const { node, answer } = given;
    const facts = knownBefore[index] ?? {};
    found = given.found ?? found;
    const say = speaker(texts, language, facts);
    const label = say.one(optionLabelKeys(flow, node, answer, facts));
    return {
      node,
      answer,
      title: say.one(nodeTextKeys(flow, node, 'title', facts)),
      label: withWhatWasTyped(texts, language, label, {
        given,
        found: confirms(flow, given) ? found : undefined,
      }),
    };
  });
}

/** An answer with the number that came with it, or with the person who was confirmed by it. */
function withWhatWasTyped(
  texts: Texts,
  language: Language,
  label: string,
  { given: { typed }, found }: { readonly given: Answer; readonly found: Finding | undefined },
): string {
  if (typed !== undefined) return texts.say(language, 'diagnosis.number.typed', { label, number: typed });
  if (!found) return label;
  return texts.say(language, 'diagnosis.number.confirmed', {
    label,
    ...describeFinding(texts, language, found),
  });
}

/** Whether the answer says that somebody who was found is them. */
export function confirms(flow: Flow, { node: id, answer }: Answer): boolean {
  const node = flow.nodes[id];
  const option = node && possibleOptions(flow, node).find((each) => each.id === answer);
  return option?.confirms !== undefined;
}

/** Says the first of several keys that exists, with the registration authority and whoever was found, once they are known. */
function speaker(texts: Texts, language: Language, facts: Facts, found?: Finding) {
  const authorityKey = authorityNameKey(facts);
  const parameters = {
    authority: authorityKey && texts.say(language, authorityKey),
    ...(found && describeFinding(texts, language, found)),
  };
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
