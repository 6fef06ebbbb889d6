/**
 * Purpose: the hours of a day as people type them on one line: « 9h-12h30, 13:30 à 24:00 ».
 * Entry points: `readHours`, `writeHours`.
 * May import: schedule.ts.
 */
import { type Interval, minutesOf } from './schedule.ts';

const time = String.raw`(\d{1,2})\s*(?:[h:.]\s*(\d{2})?)?`;
const span = new RegExp(String.raw`^\s*${time}\s*(?:-|–|—|à|to)\s*${time}\s*$`, 'i');

/** Words for a day on which nobody answers. */
const closed = new Set(['', '-', '–', '—', 'fermé', 'fermée', 'ferme', 'closed']);

/**
 * The intervals, in the order in which they were typed; none for a day that is left blank or said to be closed.
 * @returns undefined for what cannot be read as hours; whether they are in order is another question.
 */
export function readHours(typed: string): readonly Interval[] | undefined {
  if (closed.has(typed.trim().toLowerCase())) return [];
  const intervals: Interval[] = [];
  for (const part of typed.split(/[,;\n]|\s(?:et|and)\s/i)) {
    const found = span.exec(part);
    if (!found) return undefined;
    const [, fromHour = '', fromMinute = '00', toHour = '', toMinute = '00'] = found;
    const opensAt = `${fromHour.padStart(2, '0')}:${fromMinute}`;
    const closesAt = `${toHour.padStart(2, '0')}:${toMinute}`;
    if (!isTime(opensAt) || !isTime(closesAt)) return undefined;
    intervals.push({ opensAt, closesAt });
  }
  return intervals;
}

/** What `readHours` reads as these intervals. */
export function writeHours(intervals: readonly Interval[]): string {
  return intervals.map(({ opensAt, closesAt }) => `${opensAt}-${closesAt}`).join(', ');
}

/** Whether it is a time of day `HH:MM`, up to 24:00. */
export function isTime(text: string): boolean {
  try {
    return minutesOf(text) >= 0;
  } catch {
    return false;
  }
}
