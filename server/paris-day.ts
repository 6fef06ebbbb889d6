import { Temporal } from 'temporal-polyfill';

/** The day (YYYY-MM-DD) in Europe/Paris of an instant. */
export function parisDay(at: Date): string {
  const instant = at.getTime();
  // Before, its clocks were not whole hours from UTC at all times.
  if (!(instant >= 0)) return readParisDay(instant);
  const hour = Math.floor(instant / hourMs);
  let day = dayOfHour.get(hour);
  if (day === undefined) {
    day = readParisDay(instant);
    if (dayOfHour.size >= mostHours) dayOfHour.clear();
    dayOfHour.set(hour, day);
  }
  return day;
}

const hourMs = 3_600_000;
/** Days by UTC hours since 1970, each within one day of Paris: most acts are of today, and working a day out is slow. */
const dayOfHour = new Map<number, string>();
const mostHours = 1_000;

function readParisDay(instant: number): string {
  return Temporal.Instant.fromEpochMilliseconds(instant)
    .toZonedDateTimeISO('Europe/Paris')
    .toPlainDate()
    .toString();
}
