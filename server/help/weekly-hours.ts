import type { Schedule, Timetable, WeeklyInterval } from '../routing/schedule.ts';
import { inForce, localDate } from '../routing/time-zones.ts';
import type { Language, Texts } from '../texts.ts';

/** Days that have the same hours, one after the other in the week. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly hours: string;
}

/**
 * The hours of an ordinary week in words, a sentence for each stretch of days alike, then what public holidays do:
 * « Tous les jours de 9 h 00 à 20 h 00 », « Jours fériés compris ». Closed days are not listed.
 * @param at the week of this instant, in the line's own zone.
 * @returns nothing when no hours are known for that date.
 */
export function weeklyHours(
  texts: Texts,
  language: Language,
  { zone, timetables }: Pick<Schedule, 'zone' | 'timetables'>,
  at: Date,
): readonly string[] {
  const timetable = timetables.find((each) => inForce(each, localDate(zone, at)));
  if (!timetable) return [];
  const say = (key: string, parameters?: Record<string, string>) =>
    texts.say(language, `help.hours.${key}`, parameters);
  const weekday = (day: number) => {
    // 1 January 2024 was a Monday.
    const date = new Date(Date.UTC(2024, 0, day));
    return new Intl.DateTimeFormat(language, { weekday: 'long', timeZone: 'UTC' }).format(date);
  };
  const days = stretches(timetable, (intervals) =>
    intervals
      .map(({ opensAt, closesAt }) =>
        say('interval', { from: timeOfDay(language, opensAt), to: timeOfDay(language, closesAt) }),
      )
      .join(say('and')),
  ).map(({ from, to, hours }) => {
    if (from === 1 && to === 7) return say('every_day', { hours });
    if (from === to) return say('one_day', { day: weekday(from), hours });
    return say(to === from + 1 ? 'two_days' : 'days', { first: weekday(from), last: weekday(to), hours });
  });
  return [...days, say(`holidays.${timetable.holidays}`)];
}

function stretches(
  { weekly }: Timetable,
  inWords: (intervals: readonly WeeklyInterval[]) => string,
): readonly Stretch[] {
  const found: Stretch[] = [];
  for (let day = 1; day <= 7; day++) {
    const intervals = weekly.filter(({ weekday }) => weekday === day);
    if (intervals.length === 0) continue;
    const hours = inWords(intervals);
    const last = found.at(-1);
    if (last?.to === day - 1 && last.hours === hours) found[found.length - 1] = { ...last, to: day };
    else found.push({ from: day, to: day, hours });
  }
  return found;
}

/** `09:00` → « 9 h 00 » in French, `09:00` in English. */
function timeOfDay(language: Language, time: string): string {
  if (language === 'en') return time;
  const [hour, minute] = time.split(':');
  return `${Number(hour)}\u00a0h\u00a0${minute}`;
}
