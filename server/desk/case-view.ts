import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { ageInWords } from '../../templates/assets/desk/ages.js';
import type { AgentIdentity } from '../agents/agent-sessions.ts';
import type { CaseDetail } from '../cases/find-case.ts';
import { applies, type CommandName, commands, isForOwner } from '../cases/status.ts';
import { findHotline, type RoutingConfiguration } from '../routing/configuration.ts';
import { describeReason } from '../routing/describe.ts';
import type { RoutingReason } from '../routing/route-case.ts';
import type { Language, Texts } from '../texts.ts';
import { shortMoment } from './moments.ts';

/** What a case is put in words with. */
export interface Reader {
  readonly texts: Texts;
  readonly language: Language;
  readonly agent: AgentIdentity;
  readonly configuration: RoutingConfiguration;
  readonly now: Date;
}

/**
 * A case as its page shows it, in the words of who reads.
 * @param original the trail in the language in which the practitioner read it, when that is not the reader's.
 */
export function viewCase(reader: Reader, detail: CaseDetail, original?: CaseDetail['trail']) {
  const { texts, language, agent, now } = reader;
  const { practitioner, assignee, state } = detail;
  const open = state === 'in_progress' || state === 'pending';
  const when = (at: string) => shortMoment(at, now, language);
  const people = namesIn(detail);
  const mine = open && assignee?.id === agent.id;
  return {
    number: detail.number,
    version: detail.version,
    state,
    priority: detail.priority,
    returned: detail.returned,
    incident: detail.incident,
    callbackAt: detail.callbackAt,
    callback: detail.callbackAt && when(detail.callbackAt),
    hotline: detail.hotline,
    hotlineName: lineName(reader, detail.hotline),
    openedAt: detail.openedAt,
    opened: when(detail.openedAt),
    waiting: state === 'waiting',
    waitingSince: detail.waitingSince,
    age: ageInWords(Date.parse(detail.waitingSince), now.getTime(), language),
    mine,
    holder: open && !mine ? assignee?.name : undefined,
    resolvedBy: state === 'resolved' ? assignee?.name : undefined,
    mergedInto: detail.mergedInto,
    name: practitioner.name,
    phone: practitioner.phone && phoneInWords(practitioner.phone),
    email: practitioner.email && email(practitioner.email),
    english: practitioner.language === 'en',
    facts: facts(reader, detail),
    message: detail.message,
    messageHint: texts.say(
      language,
      `desk.case.message${practitioner.email && detail.followUps ? 'ByMail' : 'NoMail'}`,
    ),
    reason: reasonInWords(reader, detail),
    shownIn: original && (practitioner.language === 'en' ? 'inEnglish' : 'inFrench'),
    trail: detail.trail.map(({ title, label }, place) => ({
      question: title,
      answer: label,
      original: original?.[place] && {
        language: practitioner.language,
        question: original[place].title,
        answer: original[place].label,
      },
    })),
    exchanges: detail.messages.map(({ at, author, agent: writer, internal, body }) => ({
      at,
      when: when(at),
      body,
      kind: internal ? 'internal' : author === 'practitioner' ? 'received' : 'sent',
      author: writer?.name ?? texts.say(language, `desk.actors.${author}`),
    })),
    history: detail.history
      .map((each) => ({ at: each.at, when: when(each.at), text: eventInWords(reader, each, people) }))
      .reverse(),
  };
}

export type CaseView = ReturnType<typeof viewCase>;

/** Which commands this agent may give on the case now; the command itself checks again. */
export function possibleCommands(
  agent: Pick<AgentIdentity, 'id' | 'role'>,
  { state, assignee, mergedInto }: Pick<CaseDetail, 'state' | 'assignee' | 'mergedInto'>,
): Readonly<Record<CommandName, boolean>> {
  const others = assignee !== undefined && assignee.id !== agent.id;
  const may = (name: CommandName) => {
    if (!applies(name, state)) return false;
    if (mergedInto !== undefined && commands[name].to !== 'same') return false;
    if (name === 'claim') return !(state === 'pending' && others);
    return !(isForOwner(name, state) && others) || agent.role === 'supervisor';
  };
  // The keys of `commands` are the names of commands.
  const names = Object.keys(commands) as CommandName[];
  return Object.fromEntries(names.map((name) => [name, may(name)])) as Record<CommandName, boolean>;
}

/** What a hotline is called at the desk, in a word where the texts have one. */
export function shortLineName(
  reader: Pick<Reader, 'texts' | 'configuration' | 'language'>,
  id: string,
): string {
  const key = `desk.shortLines.${id}`;
  return reader.texts.has(reader.language, key)
    ? reader.texts.say(reader.language, key)
    : lineName(reader, id);
}

/** The name of a hotline; its id when the configuration no longer has it. */
export function lineName(
  { configuration, language }: Pick<Reader, 'configuration' | 'language'>,
  id: string,
): string {
  return findHotline(configuration, id)?.name[language] ?? id;
}

function facts({ texts, language }: Reader, { practitioner, followUps }: CaseDetail) {
  const say = (key: string) => texts.say(language, key);
  const { profession, mode, setting, rpps, rppsDoubtful, finess } = practitioner;
  const professionKey = `routing.professions.${profession}`;
  const fact = (name: string, value: string | undefined, doubt?: string) => ({
    label: say(`desk.case.${name}`),
    value: value ?? say('desk.case.unknown'),
    muted: value === undefined,
    doubt,
  });
  return [
    fact('profession', profession && (texts.has(language, professionKey) ? say(professionKey) : profession)),
    fact('mode', mode && say(`desk.modes.${mode}`)),
    fact('setting', setting && say(`desk.settings.${setting}`)),
    {
      ...fact('rpps', rpps, rppsDoubtful ? say('desk.case.rppsDoubtful') : undefined),
      href: rpps && `/desk/annuaire?numero=${encodeURIComponent(rpps)}`,
    },
    fact('finess', finess),
    fact('language', say(`desk.languages.${practitioner.language}`)),
    fact('followUps', say(followUps ? 'desk.case.followUpsOn' : 'desk.case.followUpsOff')),
  ];
}

function reasonInWords({ texts, language }: Reader, { routingReason }: CaseDetail): string {
  // Stored by routing itself when the case was opened; a code that is no longer known is shown as it is.
  const known = texts.keys(language).some((key) => key.startsWith(`routing.reasons.${routingReason.code}`));
  return known ? describeReason(texts, language, routingReason as RoutingReason) : routingReason.code;
}

/** The agents named anywhere in the case, by id: events themselves hold identifiers only. */
function namesIn({ assignee, history }: CaseDetail): ReadonlyMap<string, string> {
  const people = [assignee, ...history.map(({ agent }) => agent)].filter((each) => each !== undefined);
  return new Map(people.map(({ id, name }) => [id, name]));
}

function eventInWords(
  reader: Reader,
  { event, actor, agent, data }: CaseDetail['history'][number],
  people: ReadonlyMap<string, string>,
): string {
  const { texts, language, now } = reader;
  const who = agent?.name ?? texts.say(language, `desk.actors.${actor}`);
  const say = (key: string, parameters = {}) =>
    texts.say(language, `desk.history.${key}`, { who, ...parameters });
  const { to, from, into, priority, agent: colleague } = data;
  if (event === 'transferred_away') return say(event, { line: lineName(reader, String(to)) });
  if (event === 'transferred' && colleague !== undefined) {
    const name = people.get(String(colleague));
    return name === undefined ? say('assignedAway') : say('assigned', { name });
  }
  if (event === 'transferred') return say(event, { line: lineName(reader, String(from)) });
  if (event === 'merged' && into !== undefined) return say('mergedInto', { number: String(into) });
  if (event === 'merged') return say('mergedFrom', { number: String(from) });
  if (event === 'callback_missed' && data.next !== undefined) {
    return say('callback_missed_again', { callback: shortMoment(String(data.next), now, language) });
  }
  if (event === 'callback_withdrawn' && data.atOnce === true) {
    return say('callback_withdrawn_at_once', { callback: shortMoment(String(data.at), now, language) });
  }
  if (event.startsWith('callback_')) {
    return say(event, { callback: data.at === undefined ? '' : shortMoment(String(data.at), now, language) });
  }
  if (event === 'incident_linked') return say(event, { incident: String(data.incident) });
  if (event === 'priority_changed') {
    return say(event, { priority: texts.say(language, `desk.priorities.${priority}`) });
  }
  return say(event);
}

/** A telephone number as people read it, and its link. */
export function phoneInWords(e164: string) {
  const parsed = parsePhoneNumberFromString(e164);
  const shown = parsed?.countryCallingCode === '33' ? parsed.formatNational() : parsed?.formatInternational();
  return { href: `tel:${e164}`, shown: shown ?? e164 };
}

/** A link that writes to this address and says nothing else, whatever the address is made of. */
function email(address: string) {
  return { href: `mailto:${address.split('@').map(encodeURIComponent).join('@')}`, shown: address };
}
