/**
 * Purpose: instants seen from the wall clock of a place.
 * Entry points: `canonicalZone`, `localDate`, `isoIn`.
 * May import: nothing of the project.
 */
import { Temporal } from 'temporal-polyfill';

/**
 * The usual spelling of an IANA zone (`europe/paris` → `Europe/Paris`).
 * @returns undefined for an unknown zone, and for a bare offset: it has no summer time.
 */
export function canonicalZone(typed: string): string | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{1,63}$/.test(typed)) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: typed }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** The wall clock of `zone` at that instant. */
export function wallClock(zone: string, at: Date): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(zone);
}

/** The date (`YYYY-MM-DD`) on the wall of `zone` at that instant. */
export function localDate(zone: string, at: Date): string {
  return wallClock(zone, at).toPlainDate().toString();
}

/** ISO 8601 to the second, with the offset of `zone`: `2026-03-29T20:00:00+02:00`. */
export function isoIn(zone: string, at: Date): string {
  return wallClock(zone, at).toString({ timeZoneName: 'never', smallestUnit: 'second' });
}

/** Whether `date` (`YYYY-MM-DD`) lies in the half-open period; a missing bound does not bind. */
export function inForce(
  period: { readonly validFrom: string | null; readonly validTo: string | null },
  date: string,
): boolean {
  return (
    (period.validFrom === null || period.validFrom <= date) &&
    (period.validTo === null || date < period.validTo)
  );
}

/** The same for an instant, on the wall calendar of `zone`. */
export function inForceAt(period: Parameters<typeof inForce>[0], zone: string, at: Date): boolean {
  // Most periods have no bound: nothing to work out.
  return (period.validFrom === null && period.validTo === null) || inForce(period, localDate(zone, at));
}

/**
 * The instant at which a date (`YYYY-MM-DD`) begins on the wall of `zone`.
 * @throws RangeError for what is no date.
 */
export function startOfDate(zone: string, date: string): Date {
  return new Date(Temporal.PlainDate.from(date).toZonedDateTime(zone).epochMilliseconds);
}

/** Whether it is a date `YYYY-MM-DD` between 2000 and 2100. */
export function isDate(text: string): boolean {
  if (!/^20\d\d-\d\d-\d\d$/.test(text)) return false;
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' }).toString() === text;
  } catch {
    return false;
  }
}
