import type { ScopeFact } from './scope.ts';

/** Counts are kept for spans this long. */
export const bucketMs = 5 * 60_000;

/** How many people came to a way in and a symptom within five minutes; empty where one is not known. */
export interface SymptomCount {
  readonly bucket: Date;
  readonly way: string;
  readonly symptom: string;
  readonly sessions: number;
}

/** Something comes much more often than it usually does at this hour. */
export interface Rise {
  readonly fact: ScopeFact;
  readonly value: string;
  /** When it began. */
  readonly since: Date;
  /** How many came since then. */
  readonly count: number;
  /** How many usually come in the same time of day, of the last days: their median, which one bad day does not move. */
  readonly usual: number;
}

/** What makes a rise, and not chance. */
export interface RiseSettings {
  /** Within the last hour; fewer say nothing, whatever the ratio. */
  readonly atLeast: number;
  /** Times as many as usual. */
  readonly times: number;
  /** Of the last days, as many at least must have been counted. */
  readonly daysNeeded: number;
}

export const riseSettings: RiseSettings = { atLeast: 15, times: 4, daysNeeded: 3 };

const hourBuckets = 12;
/** A rise that lasts longer is shown as having begun then: the agents have known for hours. */
const longestBuckets = 6 * hourBuckets;

/**
 * What rises at `end`, the strongest first. A way in rises by itself only if it does without the symptoms that do: else
 * one breakdown would be told twice.
 * @param days the counts of the same hours, today first: of each day those of the six hours before `end` on its own
 *   clock, as `SymptomCount`s whose buckets were moved to today's. Days of which nothing was counted are not there.
 * @param end the end of the last whole bucket.
 */
export function findRises(
  [today = [], ...before]: readonly (readonly SymptomCount[])[],
  end: Date,
  settings: RiseSettings = riseSettings,
): readonly Rise[] {
  if (before.length < settings.daysNeeded) return [];
  const risen = (fact: ScopeFact, counted: (count: SymptomCount) => boolean) => {
    // In an order of their own: of two that rise alike, the one counted first may be another each time.
    const values = [...new Set(today.filter(counted).map((count) => count[fact]))].filter(Boolean).sort();
    return values.flatMap((value) => {
      const series = (counts: readonly SymptomCount[]) =>
        seriesOf(
          counts.filter((count) => counted(count) && count[fact] === value),
          end,
        );
      const rise = riseOf(series(today), before.map(series), end, settings);
      return rise ? [{ fact, value, ...rise }] : [];
    });
  };
  const symptoms = risen('symptom', () => true);
  const told = new Set(symptoms.map(({ value }) => value));
  const ways = risen('way', ({ symptom }) => !told.has(symptom));
  return [...symptoms, ...ways].sort((a, b) => b.count / (b.usual + 1) - a.count / (a.usual + 1));
}

/** Counts by bucket, the last one before `end` first. */
function seriesOf(counts: readonly SymptomCount[], end: Date): readonly number[] {
  const series = Array<number>(longestBuckets).fill(0);
  for (const { bucket, sessions } of counts) {
    const place = Math.ceil((end.getTime() - bucket.getTime()) / bucketMs) - 1;
    if (place >= 0 && place < longestBuckets) series[place] = (series[place] ?? 0) + sessions;
  }
  return series;
}

function riseOf(
  today: readonly number[],
  before: readonly (readonly number[])[],
  end: Date,
  { atLeast, times }: RiseSettings,
): Omit<Rise, 'fact' | 'value'> | undefined {
  const usualOf = (length: number) => median(before.map((day) => sum(day, length)));
  const lastHour = sum(today, hourBuckets);
  if (lastHour < atLeast || lastHour < times * usualOf(hourBuckets)) return undefined;
  const buckets = beginning(today, before, times);
  return {
    since: new Date(end.getTime() - buckets * bucketMs),
    count: sum(today, buckets),
    usual: usualOf(buckets),
  };
}

/**
 * How many buckets ago it began: back from now for as long as a quarter of an hour has at least half of what makes a
 * rise, on a day with hardly anybody at least one person.
 */
function beginning(today: readonly number[], before: readonly (readonly number[])[], times: number): number {
  const around = (day: readonly number[], place: number) => sum(day.slice(Math.max(0, place - 1)), 3);
  let began = 0;
  for (let place = 0; place < longestBuckets; place += 1) {
    const wanted = Math.max(1, (times / 2) * median(before.map((day) => around(day, place))));
    if (around(today, place) < wanted) break;
    // The bucket before the first high one is near it, and is not one itself.
    if ((today[place] ?? 0) > 0 && (today[place] ?? 0) * 3 >= wanted) began = place + 1;
  }
  return Math.max(began, 1);
}

function sum(day: readonly number[], length: number): number {
  return day.slice(0, length).reduce((total, each) => total + each, 0);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = 0, high = low] = sorted.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1);
  return (low + high) / 2;
}
