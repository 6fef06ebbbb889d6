import type { Dependencies } from '../dependencies.ts';
import type { FormTokens } from '../http/form-tokens.ts';
import { incidentBoxes, type WishSent, wishErrors } from '../incidents/incident-boxes.ts';
import type { Situation } from '../incidents/open-incidents.ts';
import type { Language } from '../texts.ts';
import type { FlowNode } from './flow.ts';
import { linksOfPage } from './links.ts';
import { describeNode, describeTrail, type NodeWords } from './position.ts';
import { replay } from './replay.ts';
import type { Walk } from './sessions.ts';

/** A sentence above the page (`templates/partials/notice.hbs`). */
export interface Notice {
  readonly text: string;
  readonly kind?: 'warning' | 'danger' | 'success';
  readonly alert?: boolean;
  readonly href?: string;
  readonly action?: string;
}

export interface PageRequest {
  readonly language: Language;
  /** The question to show: the current one unless it is an earlier one of the trail. */
  readonly node: string;
  readonly notices?: readonly Notice[];
  /** What was typed into the page's field, when it is shown again. */
  readonly typed?: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
  /** What is going on. */
  readonly situation: Situation;
  readonly now: Date;
  /** A wish to be told when an incident is over that was not taken. */
  readonly wish?: WishSent;
  /** The incident of which the address says that a wish was. */
  readonly noted?: unknown;
}

/** The address of a session's page. */
export function sessionAddress(id: string, node?: string): string {
  return node === undefined ? `/diagnostic/${id}` : `/diagnostic/${id}/${node}`;
}

/** Whether the session has a page for this node: its current one, or one already answered. */
export function isOnTheWay({ replay: { nodeId, trail } }: Walk, node: string): boolean {
  return node === nodeId || trail.some((each) => each.node === node);
}

/**
 * What `templates/pages/wizard/question.hbs` (and `outcome.hbs`) show of a session at one node of its way.
 * @param request.node must be on the way (`isOnTheWay`).
 */
export function questionPage(
  { texts, config }: Pick<Dependencies, 'texts' | 'config'>,
  tokens: FormTokens,
  walk: Walk,
  request: PageRequest,
) {
  const { session, flow } = walk;
  const { language, node: nodeId } = request;
  const { trail } = walk.replay;
  const place = trail.findIndex((each) => each.node === nodeId);
  const earlier = place >= 0;
  const given = earlier ? trail[place]?.answer : undefined;
  const before = earlier ? trail.slice(0, place) : trail;
  // As it was asked then: what later answers taught must not change an earlier page.
  const shown = earlier ? replay(flow, before) : walk.replay;
  const words = describeNode(texts, language, flow, nodeId, shown);
  const answers = describeTrail(texts, language, flow, walk.replay);
  const previous = before.at(-1);
  const token = tokens.make(session.id);
  const incidents = incidentBoxes(request.situation, shown.facts, language, request.now, {
    days: config.incidentAddressDays,
    action: session.frozen ? undefined : `${sessionAddress(session.id, nodeId)}/prevenir?lang=${language}`,
    sent: request.wish,
    noted: request.noted,
  });
  return {
    page: 'wizard',
    private: true,
    title: words.title,
    kind: shown.node.kind,
    outcome: shown.node.kind === 'outcome' ? shown.node.outcome : undefined,
    orAsk: shown.node.kind === 'outcome' && shown.node.orAsk === true && !session.frozen,
    why: words.why,
    steps: words.steps,
    note: words.note,
    links: linksOfPage(texts, language, config.links, words.links),
    ...grouped(words, shown.node.kind, given),
    field: words.field && {
      ...words.field,
      value: request.typed ?? (earlier ? (trail[place]?.typed ?? '') : ''),
      error: request.errors?.find(({ field }) => field === words.field?.id)?.message,
    },
    action: sessionAddress(session.id, nodeId),
    token,
    frozen: session.frozen,
    canSignIn: config.issuers.length > 0,
    caseAddress: `${sessionAddress(session.id)}/demande`,
    step: before.length + 1,
    answered: before,
    back: previous ? sessionAddress(session.id, previous.node) : '/',
    trail: answers.map(({ node, title, label }) => ({
      title,
      label,
      current: node === nodeId,
      ...(!session.frozen && node !== nodeId && { href: sessionAddress(session.id, node) }),
    })),
    notices: [
      ...(request.notices ?? []),
      ...(shown.found?.doubtful && shown.options.some(({ confirms }) => confirms !== undefined)
        ? [{ kind: 'warning' as const, text: texts.say(language, 'routing.warnings.rpps') }]
        : []),
      ...standingNotices(texts, walk, { language, given, words }),
    ],
    incidents,
    // Nobody but an incident's end can help: a case is offered, but not first.
    waits: incidents.some(({ match }) => match === 'matches'),
    errors: [...(request.errors ?? []), ...wishErrors(incidents)],
    // What is typed goes along: the switch is a button of the same form.
    languageSwitch:
      words.field && !session.frozen
        ? { form: 'question' }
        : { action: `${sessionAddress(session.id)}/langue`, token, node: nodeId },
  };
}

/**
 * The options as the page sets them out: answers one under the other, the ways out beside each other below. After an
 * instruction "it works now" is the answer hoped for, and comes first.
 */
function grouped({ options }: NodeWords, kind: FlowNode['kind'], given: string | undefined) {
  const shown = options.map((option) => ({ ...option, given: option.id === given }));
  const works = shown.filter(({ role }) => role === 'works');
  const help = shown.filter(({ role }) => role === 'help');
  const own = shown.filter(({ role }) => role !== 'works' && role !== 'help');
  return kind === 'instruction'
    ? { choices: [...works, ...own], exits: help }
    : { choices: own, exits: [...works, ...help] };
}

/** What the session's own state asks to be said. */
function standingNotices(
  texts: Dependencies['texts'],
  { session, flowChanged }: Walk,
  shown: {
    readonly language: Language;
    readonly given: string | undefined;
    readonly words: NodeWords;
  },
): readonly Notice[] {
  const { language, given, words } = shown;
  const say = (key: string, parameters?: Record<string, string>) =>
    texts.say(language, `diagnosis.notices.${key}`, parameters);
  if (session.frozen) {
    const href = `${sessionAddress(session.id)}/demande`;
    return [{ text: say('frozen'), href, action: say('see_case') }];
  }
  const answer = words.options.find(({ id }) => id === given)?.label;
  return [
    ...(flowChanged ? [{ kind: 'warning' as const, text: say('questions_changed') }] : []),
    ...(answer === undefined
      ? []
      : [
          {
            text: say('answering_again', { answer }),
            href: sessionAddress(session.id),
            action: say('resume'),
          },
        ]),
  ];
}
