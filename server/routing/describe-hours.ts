/**
 * Purpose: dates, hours and coming days of a line in words, for who configures it.
 * Entry points: `formatted`, `dateInWords`, `periodInWords`, `hoursInWords`, `weekInWords`, `previewInWords`.
 * May import: the pure parts of this folder, server/texts.ts.
 */
import type { Language, Texts } from '../texts.ts';
import type { PreviewDay } from './preview-days.ts';
import type { Interval, Period, Timetable } from './schedule.ts';

/** What words are made with. */
export interface Wording {
  readonly texts: Texts;
  readonly language: Language;
}

/** « vendredi 1er janvier 2027 » of `2027-01-01`; what is no date, as it is. */
export function dateInWords(wording: Wording, date: string, weekday = false): string {
  const instant = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(instant.getTime())) return date;
  return formatted(wording, instant, { dateStyle: weekday ? 'full' : 'long' });
}

/** « vendredi 1er janvier » of `2027-01-01`, for a day that comes soon. */
function dayInWords(wording: Wording, date: string): string {
  const parts = { weekday: 'long', day: 'numeric', month: 'long' } as const;
  return formatted(wording, new Date(`${date}T00:00:00Z`), parts);
}

/** An instant as `options` want it, in UTC unless they name a zone; the first of a month as people say it. */
export function formatted(
  { texts, language }: Wording,
  at: Date,
  options: Intl.DateTimeFormatOptions,
): string {
  const locale = language === 'fr' ? 'fr-FR' : 'en-GB';
  const parts = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', ...options }).formatToParts(at);
  // Intl writes « 1 » where French says « 1er ».
  const first = texts.say(language, 'routing.moments.first_of_month');
  return parts.map(({ type, value }) => (type === 'day' && value === '1' ? first : value)).join('');
}

/** A period with the last day on which it holds, as people count: « du 1er juillet au 31 août 2027 ». */
export function periodInWords(wording: Wording, { validFrom, validTo }: Period): string {
  const { texts, language } = wording;
  const bounds = `${validFrom === null ? '' : 'from'}${validTo === null ? '' : 'to'}` || 'always';
  return texts.say(language, `configuration.periods.${bounds}`, {
    from: validFrom === null ? undefined : dateInWords(wording, validFrom),
    to: validTo === null ? undefined : dateInWords(wording, dayBefore(validTo)),
  });
}

/** The date before, and the one after: people name the last day of a period, rows the first one past it. */
export function dayBefore(date: string): string {
  return daysLater(date, -1);
}
export function dayAfter(date: string): string {
  return daysLater(date, 1);
}

function daysLater(date: string, days: number): string {
  const instant = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(instant.getTime())) return date;
  instant.setUTCDate(instant.getUTCDate() + days);
  return instant.toISOString().slice(0, 10);
}

/** « 09:00–12:00, 13:30–20:00 », or that it is closed, or that nobody knows. */
export function hoursInWords(
  { texts, language }: Wording,
  intervals: readonly Interval[] | undefined,
): string {
  if (!intervals) return texts.say(language, 'routing.openings.unknown');
  if (intervals.length === 0) return texts.say(language, 'routing.openings.closed.always');
  return intervals.map(({ opensAt, closesAt }) => `${opensAt}–${closesAt}`).join(', ');
}

/** The week, days of the same hours together: « du lundi au vendredi : 09:00–20:00 · samedi et dimanche : fermé ». */
export function weekInWords(wording: Wording, { weekly }: Pick<Timetable, 'weekly'>): string {
  const { texts, language } = wording;
  const groups: { first: number; last: number; hours: string }[] = [];
  for (let weekday = 1; weekday <= 7; weekday++) {
    const hours = hoursInWords(
      wording,
      weekly.filter((each) => each.weekday === weekday),
    );
    const group = groups.at(-1);
    if (group?.hours === hours) group.last = weekday;
    else groups.push({ first: weekday, last: weekday, hours });
  }
  return groups
    .map(({ first, last, hours }) => {
      const days =
        first === last ? 'one' : last === first + 1 ? 'two' : first === 1 && last === 7 ? 'all' : 'several';
      return texts.say(language, `configuration.week.${days}`, {
        hours: hours.charAt(0).toLocaleLowerCase(language) + hours.slice(1),
        first: weekdayName(wording, first),
        last: weekdayName(wording, last),
      });
    })
    .join(' · ');
}

/** « lundi », 1 being Monday. */
export function weekdayName({ texts, language }: Wording, weekday: number): string {
  return texts.say(language, `configuration.weekdays.${weekday}`);
}

export interface PreviewRow {
  readonly date: string;
  readonly day: string;
  readonly hours: string;
  /** Holiday, change of the clocks, exception, and what else makes the day what it is. */
  readonly notes: readonly string[];
  readonly state: 'open' | 'closed' | 'unknown';
}

/** The coming days as rows of a table. */
export function previewInWords(wording: Wording, days: readonly PreviewDay[]): readonly PreviewRow[] {
  const { texts, language } = wording;
  return days.map(({ date, reason, holiday, clocks, open }) => ({
    date,
    day: dayInWords(wording, date),
    hours: hoursInWords(wording, open),
    notes: [
      ...(holiday
        ? [
            texts.say(language, 'configuration.preview.holiday', {
              holiday: texts.say(language, `routing.holidays.${holiday}`),
            }),
          ]
        : []),
      ...(reason.code === 'exception'
        ? [
            texts.say(language, 'configuration.preview.exception', {
              note: reason.note[language],
            }),
          ]
        : []),
      ...(reason.code === 'not_in_service'
        ? [texts.say(language, 'configuration.preview.notInService')]
        : []),
      ...(clocks ? [texts.say(language, `configuration.preview.clocks.${clocks}`)] : []),
    ],
    state: open ? (open.length > 0 ? 'open' : 'closed') : 'unknown',
  }));
}
