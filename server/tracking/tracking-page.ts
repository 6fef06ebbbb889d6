import { type Callback, findLiveCallback, findUnkept } from '../callbacks/find-callback.ts';
import { slotsOf } from '../callbacks/slots.ts';
import { maxMessageLength } from '../cases/new-case.ts';
import { openStates } from '../cases/status.ts';
import type { Dependencies } from '../dependencies.ts';
import { hotlineCard } from '../help/hotline-card.ts';
import { incidentBoxes } from '../incidents/incident-boxes.ts';
import { findHotline } from '../routing/configuration.ts';
import { describeMoment, describeReason } from '../routing/describe.ts';
import type { Schedule } from '../routing/schedule.ts';
import type { Language } from '../texts.ts';
import type { TrackedCase } from './find-tracked-case.ts';

/** What was just done, as the address says it: worth a sentence, and nothing more is believed of it. */
const deeds = ['works', 'stuck', 'message', 'mails', 'callback', 'callback_cancelled'] as const;
export type Deed = (typeof deeds)[number];

export interface TrackingState {
  readonly language: Language;
  readonly token: string;
  /** Kept in every address of the page, so that a chosen language needs no cookie. */
  readonly query: string;
  readonly done?: unknown;
  /** A message that was not taken. */
  readonly typed?: string | undefined;
  readonly messageError?: string | undefined;
  /** What stands in the way as a whole, rather than a field. */
  readonly refusal?: { readonly title: string; readonly detail: string } | undefined;
}

/** The address of a case's page. */
export function trackingAddress(token: string): string {
  return `/suivi/${token}`;
}

/** What `templates/pages/tracking/case.hbs` shows of a case to the practitioner who has its link. */
export async function trackingPage(deps: Dependencies, tracked: TrackedCase, state: TrackingState) {
  const { texts, clock, routing } = deps;
  const { record, followedIn, messages } = tracked;
  const { language, query, refusal, messageError } = state;
  const say = (key: string, parameters?: Record<string, string | number>) =>
    texts.say(language, `tracking.${key}`, parameters);
  const configuration = await routing.current();
  const hotline = findHotline(configuration, record.hotlineId);
  const stateName = stateOf(tracked);
  const incidents = incidentBoxes(
    await deps.incidents.current(),
    {
      ...(record.way !== null && { way: record.way }),
      ...(record.symptom !== null && { symptom: record.symptom }),
    },
    language,
    clock.now(),
    { days: deps.config.incidentAddressDays, caseIncident: record.incidentId },
  );
  const deed = deeds.find((each) => each === state.done);
  const live = await findLiveCallback(deps.db, record.id);
  const zone = hotline?.schedule.zone ?? 'Europe/Paris';
  const callsBack = (schedule: Schedule) =>
    slotsOf(schedule, deps.config.callbacks, clock.now()).slots.length > 0;
  return {
    page: 'tracking',
    private: true,
    title: say('title', { number: record.number }),
    number: record.number,
    address: trackingAddress(record.trackingToken),
    query,
    languageSwitch: { address: trackingAddress(record.trackingToken) },
    token: state.token,
    openedAt: record.openedAt,
    zone: hotline?.schedule.zone,
    incidents: record.state === 'closed' ? [] : incidents,
    inIncident: incidents.some(({ id }) => id === record.incidentId),
    stateName,
    stateText: say(`states.${stateName}.text`, { number: followedIn?.number ?? record.number }),
    closed: record.state === 'closed',
    followedIn: followedIn && {
      number: followedIn.number,
      href: followedIn.trackingToken && trackingAddress(followedIn.trackingToken) + query,
    },
    stuckHint: say(`stuck_hint${stuckSuffix(tracked)}`),
    done: deed && say(`done.${doneKey(deed, tracked)}`),
    messages,
    showMessages: messages.length > 0 || record.state !== 'closed',
    writeHint: say('write_hint', { limit: maxMessageLength }),
    typed: state.typed,
    messageError,
    heading: refusal?.title,
    errors: refusal
      ? [{ message: refusal.detail }]
      : messageError !== undefined && [{ field: 'message', message: messageError }],
    hotline: hotline && hotlineCard(texts, language, configuration, hotline, clock.now()),
    reason: describeReason(texts, language, record.routingReason),
    trail: record.trail.map(({ title, label }) => ({ title: title[language], label: label[language] })),
    mails: record.followUps && record.contactEmail !== null,
    callback: live && (await callbackView(deps, live, language, zone)),
    // Nobody is called about a case that is finished, nor by a line whose hours are unknown: no page to be told so.
    callable:
      openStates.some((each) => each === record.state) &&
      (live !== undefined || (hotline !== undefined && callsBack(hotline.schedule))),
  };
}

function stateOf({ record, followedIn }: TrackedCase): string {
  if (followedIn) return 'merged';
  return record.state === 'waiting' && record.returnedAt !== null ? 'returned' : record.state;
}

/** The callback of a case in words: still to come, overdue, or to be made at once since the line cannot keep its hour. */
export async function callbackView(
  { db, texts, clock }: Pick<Dependencies, 'db' | 'texts' | 'clock'>,
  live: Callback,
  language: Language,
  lineZone: string,
) {
  const unkept = await findUnkept(db, live);
  const { zone, startsAt } = unkept ?? live;
  const { moment } = describeMoment(texts, language, startsAt, { zone, lineZone });
  const key = unkept ? 'at_once' : live.endsAt <= clock.now() ? 'overdue' : 'booked';
  return { sentence: texts.say(language, `callbacks.tracking.${key}`, { moment }) };
}

/** Which sentence says what "still stuck" does: to the front, to the agent who has it, or kept with its place. */
function stuckSuffix({ record: { state, returnedAt }, touched }: TrackedCase): string {
  if (state === 'in_progress') return '_in_progress';
  return touched || returnedAt !== null ? '' : '_in_place';
}

function doneKey(deed: Deed, tracked: TrackedCase): string {
  if (deed === 'callback' || deed === 'callback_cancelled') return deed;
  if (deed === 'stuck') return `stuck${stuckSuffix(tracked)}`;
  return deed === 'message' && tracked.record.state === 'resolved' ? 'message_resolved' : deed;
}
