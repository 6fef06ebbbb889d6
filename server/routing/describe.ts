/**
 * Purpose: openings and routing reasons in words, in the language and on the clock of the person who reads.
 * Entry points: `describeOpening`, `describeOpeningReason`, `describeReason`, `describeMoment`, `servedBy`.
 * May import: the pure parts of this folder, server/texts.ts.
 */
import type { Temporal } from 'temporal-polyfill';
import type { Language, Texts } from '../texts.ts';
import { type RoutingConfiguration, rulesInForce } from './configuration.ts';
import type { Opening } from './opening-hours.ts';
import type { Mode, Setting } from './practitioner-types.ts';
import type { RoutingReason } from './route-case.ts';
import { wallClock } from './time-zones.ts';

/**
 * The state in one line: « Ouvert jusqu’à 20 h 00 », « Fermé — ouvre demain à 9 h 00 », « Horaires non communiqués ».
 * Times are those of the hotline's zone, and those of the caller's too where its clock shows another hour.
 * @param at the instant for which the opening was worked out: what "tomorrow" is relative to.
 * @param callerZone IANA zone, already known to exist.
 */
export function describeOpening(
  texts: Texts,
  language: Language,
  opening: Opening,
  at: Date,
  callerZone?: string,
): string {
  if (opening.state === 'unknown') return texts.say(language, 'routing.openings.unknown');
  const edge = opening.state === 'open' ? opening.closesAt : opening.opensAt;
  if (edge === undefined) return texts.say(language, `routing.openings.${opening.state}.always`);
  const words = opening.state === 'open' ? 'until' : 'from';
  const here = momentIn(texts, language, words, opening.zone, new Date(edge), at);
  const moment =
    callerZone === undefined || sameWallClock(opening.zone, callerZone, new Date(edge), at)
      ? here
      : texts.say(language, 'routing.openings.in_zone', {
          moment: here,
          zone: zoneName(texts, language, opening.zone),
          theirs: momentIn(texts, language, words, callerZone, new Date(edge), at),
          their_zone: zoneName(texts, language, callerZone),
        });
  return texts.say(language, `routing.openings.${opening.state}.until`, { moment });
}

/** Why the line is open, closed or neither, in a sentence. */
export function describeOpeningReason(texts: Texts, language: Language, { state, reason }: Opening): string {
  return texts.say(language, `routing.openings.reasons.${reason.code}.${state}`, {
    ...(reason.code === 'public_holiday' && {
      holiday: texts.say(language, `routing.holidays.${reason.holiday}`),
    }),
    ...(reason.code === 'exception' && { note: reason.note[language] }),
  });
}

/** Why this hotline, or why it must be asked, in a sentence or two. */
export function describeReason(texts: Texts, language: Language, reason: RoutingReason): string {
  return texts.say(language, `routing.reasons.${reasonKey(reason)}`);
}

function reasonKey(reason: RoutingReason): string {
  switch (reason.code) {
    case 'place':
      return `place.${reason.known}.${reason.setting}`;
    case 'mode':
    case 'not_named':
      return `${reason.code}.${reason.mode}`;
    default:
      return reason.code;
  }
}

/** Whom the notice sends to a hotline at that instant: places first; each has the text `routing.serves.<it>`. */
export function servedBy(
  configuration: RoutingConfiguration,
  hotline: string,
  at: Date,
): readonly (Setting | Mode)[] {
  const served = rulesInForce(configuration, at)
    .filter((rule) => rule.hotline === hotline && rule.origin === 'notice')
    .flatMap(({ setting, mode }) => setting ?? mode ?? []);
  return [...new Set(served)];
}

/**
 * A moment in words on the reader's wall, with the line's hour where it is another one: « mardi 24 novembre à 9 h 20
 * (heure de Guadeloupe, 14 h 20 heure de Paris) »; and the time alone, on the reader's wall.
 * @param on `zone` is the reader's.
 */
export function describeMoment(
  texts: Texts,
  language: Language,
  at: Date,
  { zone, lineZone }: { readonly zone: string; readonly lineZone: string },
): { readonly moment: string; readonly time: string } {
  const local = wallClock(zone, at);
  const time = timeOfDay(texts, language, local);
  const said = {
    day: dayInWords(texts, language, zone, local, at),
    time,
    zone: zoneName(texts, language, zone),
  };
  const moment = sameWallClock(zone, lineZone, at)
    ? texts.say(language, 'routing.moments.at', said)
    : texts.say(language, 'routing.moments.at_both', {
        ...said,
        theirs: timeOfDay(texts, language, wallClock(lineZone, at)),
        their_zone: zoneName(texts, language, lineZone),
      });
  return { moment, time };
}

/** A date in words on the wall of a zone: « mardi 24 novembre ». */
export function describeDay(texts: Texts, language: Language, zone: string, at: Date): string {
  return dayInWords(texts, language, zone, wallClock(zone, at), at);
}

/** « demain à 9 h 00 » on the wall of a zone, seen from `at`. */
function momentIn(
  texts: Texts,
  language: Language,
  words: 'until' | 'from',
  zone: string,
  moment: Date,
  at: Date,
): string {
  const local = wallClock(zone, moment);
  const away = wallClock(zone, at).toPlainDate().until(local.toPlainDate()).days;
  const midnight = away === 1 && local.hour === 0 && local.minute === 0;
  const when = midnight ? 'midnight' : away === 0 ? 'today' : away === 1 ? 'tomorrow' : 'later';
  return texts.say(language, `routing.moments.${words}.${when}`, {
    time: timeOfDay(texts, language, local),
    ...(when === 'later' && { day: dayInWords(texts, language, zone, local, moment) }),
  });
}

function timeOfDay(texts: Texts, language: Language, local: Temporal.ZonedDateTime): string {
  const two = (value: number) => String(value).padStart(2, '0');
  // French writes « 9 h 00 », English "09:00".
  const hour = language === 'fr' ? local.hour : two(local.hour);
  return texts.say(language, 'routing.moments.time', { hour, minute: two(local.minute) });
}

/** « lundi 4 mai », « vendredi 1er mai ». */
function dayInWords(
  texts: Texts,
  language: Language,
  zone: string,
  local: Temporal.ZonedDateTime,
  moment: Date,
): string {
  const name = (part: 'weekday' | 'month') =>
    new Intl.DateTimeFormat(language, { [part]: 'long', timeZone: zone }).format(moment);
  const date = local.day === 1 ? texts.say(language, 'routing.moments.first_of_month') : local.day;
  return texts.say(language, 'routing.moments.day', { weekday: name('weekday'), date, month: name('month') });
}

/** What a zone's time is called: « heure de Paris ». */
export function zoneName(texts: Texts, language: Language, zone: string): string {
  const key = `routing.zones.${zone}`;
  if (texts.has(language, key)) return texts.say(language, key);
  const city = zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' ');
  return texts.say(language, 'routing.zones.other', { city });
}

/** Whether both walls show the same date and time at both instants: Brussels needs no translation of Paris. */
function sameWallClock(zone: string, other: string, ...instants: readonly Date[]): boolean {
  return instants.every((instant) =>
    wallClock(zone, instant).toPlainDateTime().equals(wallClock(other, instant).toPlainDateTime()),
  );
}
