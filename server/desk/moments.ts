import type { Language } from '../texts.ts';

/** Agents and their lines are in metropolitan France. */
const timeZone = 'Europe/Paris';

/**
 * An instant as short as it can be without doubt: the time alone for today, else the day too, and the year when it
 * is another one. On Paris time.
 */
export function shortMoment(at: Date | string, now: Date, language: Language): string {
  const instant = new Date(at);
  const [day, today] = [localDay(instant), localDay(now)];
  const sameYear = day.slice(0, 4) === today.slice(0, 4);
  return new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    ...(day !== today && { day: 'numeric', month: 'short' }),
    ...(!sameYear && { year: 'numeric' }),
  }).format(instant);
}

/** `YYYY-MM-DD` in the desk's zone. */
function localDay(instant: Date): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(instant);
}
