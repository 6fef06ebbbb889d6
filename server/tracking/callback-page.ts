import { findLiveCallback } from '../callbacks/find-callback.ts';
import { type NoSlots, offerCallbacks } from '../callbacks/offer-callbacks.ts';
import type { Slot } from '../callbacks/slots.ts';
import { callerZones, zoneOf } from '../callbacks/zones.ts';
import { openStates } from '../cases/status.ts';
import type { Dependencies } from '../dependencies.ts';
import { hotlineCard } from '../help/hotline-card.ts';
import type { ProblemDetails } from '../problem.ts';
import { findHotline } from '../routing/configuration.ts';
import { describeDay, describeMoment, zoneName } from '../routing/describe.ts';
import { localDate } from '../routing/time-zones.ts';
import type { Language } from '../texts.ts';
import type { TrackedCase } from './find-tracked-case.ts';
import { callbackView, trackingAddress } from './tracking-page.ts';

/** What was chosen and typed, so that nothing is lost. */
export interface CallbackTyped {
  /** The instant at which the chosen slot begins, as the form says it. */
  readonly slot?: string | undefined;
  readonly phone?: string | undefined;
  readonly zone?: string | undefined;
}

interface CallbackPageState {
  readonly language: Language;
  readonly token: string;
  readonly query: string;
  readonly typed: CallbackTyped;
  /** Hours of another zone were just asked for: the cursor is put back there. */
  readonly zoneAsked?: boolean;
  readonly refusal?: ProblemDetails | undefined;
}

/** What `templates/pages/tracking/callback.hbs` shows: the slots to choose from, or why there are none. */
export async function callbackPage(deps: Dependencies, { record }: TrackedCase, state: CallbackPageState) {
  const { texts, clock, routing, config, db } = deps;
  const { language, query, typed, refusal } = state;
  const now = clock.now();
  const configuration = await routing.current();
  const hotline = findHotline(configuration, record.hotlineId);
  const lineZone = hotline?.schedule.zone ?? 'Europe/Paris';
  const live = await findLiveCallback(db, record.id);
  const zone = typed.zone ?? live?.zone ?? zoneOf(record.contactPhone);
  const rules = { configuration, terms: config.callbacks };
  const { slots, none } = await offerCallbacks(db, record.hotlineId, rules, now);
  const say = (key: string, parameters?: Record<string, string | number>) =>
    texts.say(language, `callbacks.page.${key}`, parameters);
  const open = openStates.some((each) => each === record.state);
  const next = typeof refusal?.next === 'string' ? refusal.next : undefined;
  const chosen = next ?? typed.slot;
  const errorOf = (path: string) => refusal?.errors?.find((error) => error.path === path)?.message;
  const [slotError, phoneError] = [errorOf('/startsAt'), errorOf('/phone')];
  const fields = [
    ...(slotError === undefined ? [] : [{ field: 'creneaux', message: slotError }]),
    ...(phoneError === undefined ? [] : [{ field: 'telephone', message: phoneError }]),
  ];
  return {
    page: 'tracking',
    private: true,
    title: say(live ? 'title_change' : 'title'),
    number: record.number,
    address: trackingAddress(record.trackingToken),
    query,
    languageSwitch: { address: `${trackingAddress(record.trackingToken)}/rappel` },
    token: state.token,
    zoneAsked: state.zoneAsked,
    live: live && (await callbackView(deps, live, language, lineZone)),
    why: open ? none && say(`none.${none satisfies NoSlots}`) : say('not_open'),
    offered: open && none === undefined,
    days: daysOf(deps, slots, { language, zone, lineZone, chosen }),
    zone,
    zones: callerZones.map((value) => ({ value, label: zoneName(texts, language, value) })),
    knownPhone: record.contactPhone !== null,
    phoneHint:
      record.contactPhone === null
        ? say('phone_hint')
        : say('phone_other_hint', { end: record.contactPhone.slice(-2) }),
    phone: typed.phone,
    slotError,
    phoneError,
    hotline: hotline && hotlineCard(texts, language, configuration, hotline, now),
    heading: fields.length === 0 ? refusal?.title : undefined,
    errors:
      fields.length > 0
        ? fields
        : refusal && [
            {
              message:
                next === undefined
                  ? refusal.detail
                  : nextOffered(deps, refusal.detail, next, { language, zone, lineZone }),
            },
          ],
  };
}

/** The place was taken meanwhile: the next one is told, and chosen already. */
function nextOffered(
  { texts }: Pick<Dependencies, 'texts'>,
  detail: string,
  next: string,
  {
    language,
    zone,
    lineZone,
  }: { readonly language: Language; readonly zone: string; readonly lineZone: string },
): string {
  const { moment } = describeMoment(texts, language, new Date(next), { zone, lineZone });
  return `${detail} ${texts.say(language, 'callbacks.page.next', { moment })}`;
}

/** The slots by the date on the caller's wall, each with its hour there; the day of the chosen one is unfolded. */
function daysOf(
  { texts }: Pick<Dependencies, 'texts'>,
  slots: readonly Slot[],
  options: {
    readonly language: Language;
    readonly zone: string;
    readonly lineZone: string;
    readonly chosen: string | undefined;
  },
) {
  const { language, zone, lineZone, chosen } = options;
  const byDay = Map.groupBy(slots, ({ startsAt }) => localDate(zone, startsAt));
  const days = [...byDay].map(([date, ofDay]) => ({
    date,
    label: describeDay(texts, language, zone, ofDay[0]?.startsAt ?? new Date(0)),
    count: ofDay.length,
    slots: ofDay.map(({ startsAt }) => {
      const { time } = describeMoment(texts, language, startsAt, { zone, lineZone });
      const value = startsAt.toISOString();
      return { value, id: `creneau-${value.replace(/\D/g, '')}`, hour: time, chosen: value === chosen };
    }),
  }));
  const unfolded = days.find((day) => day.slots.some((slot) => slot.chosen)) ?? days[0];
  return days.map((day) => ({ ...day, open: day === unfolded }));
}
