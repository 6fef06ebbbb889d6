/**
 * Purpose: whether every practitioner is routed at every instant from now on, and from when on rules change what.
 * Entry points: `decisionHoles`, `compareRules`, `turningPoints`.
 * May import: the pure parts of this folder.
 */
import { findHotline, type RoutingConfiguration } from './configuration.ts';
import { type Mode, modes, type Setting, settings } from './practitioner-types.ts';
import { routeCase } from './route-case.ts';
import type { Period } from './schedule.ts';
import { startOfDate } from './time-zones.ts';

/** A kind of practitioner whom no rule leads to a line, over a stretch of time. */
export interface Hole {
  readonly setting: Setting;
  readonly mode: Mode;
  /** Undefined: any profession that no rule names. */
  readonly profession: string | undefined;
  readonly from: Date;
  /** Undefined: for good. */
  readonly until: Date | undefined;
}

/**
 * Who would be routed nowhere, at any instant from `now` on. What decides changes only at the edges of rules and lines,
 * so that one look after each is a look at every instant. Who says less than setting and mode is asked for them, and
 * is without a line only when these are: see the property test.
 */
export function decisionHoles(configuration: RoutingConfiguration, now: Date): readonly Hole[] {
  const named = new Set(configuration.rules.map(({ profession }) => profession ?? undefined));
  const instants = turningPoints(configuration, now);
  const holes: Hole[] = [];
  for (const profession of new Set([undefined, ...named])) {
    for (const setting of settings) {
      for (const mode of modes) {
        const nowhere = (at: Date) =>
          routeCase({ setting, mode, ...(profession !== undefined && { profession }) }, at, configuration)
            .hotline === null;
        holes.push(...stretches(instants, nowhere).map((each) => ({ setting, mode, profession, ...each })));
      }
    }
  }
  // A profession without a line where nobody has one says nothing new.
  return holes.filter(
    (hole) =>
      hole.profession === undefined ||
      !holes.some(
        (other) =>
          other.profession === undefined &&
          other.setting === hole.setting &&
          other.mode === hole.mode &&
          other.from <= hole.from &&
          (other.until === undefined || (hole.until !== undefined && hole.until <= other.until)),
      ),
  );
}

/** `now`, and every later instant at which a rule or a line begins or ends, in order. */
export function turningPoints({ hotlines, rules }: RoutingConfiguration, now: Date): readonly Date[] {
  const edges = (zone: string, { validFrom, validTo }: Period) =>
    [validFrom, validTo].flatMap((date) => (date === null ? [] : [startOfDate(zone, date).getTime()]));
  const all = [
    ...hotlines.flatMap(({ schedule }) => edges(schedule.zone, schedule.inService)),
    ...rules.flatMap((rule) => {
      const line = findHotline({ hotlines, rules }, rule.hotline);
      return line ? edges(line.schedule.zone, rule) : [];
    }),
  ];
  const later = [...new Set(all)].filter((edge) => edge > now.getTime()).sort((a, b) => a - b);
  return [now, ...later.map((edge) => new Date(edge))];
}

/** The stretches of time over which it holds, given that it changes at these instants only. */
function stretches(
  instants: readonly Date[],
  holds: (at: Date) => boolean,
): readonly { readonly from: Date; readonly until: Date | undefined }[] {
  const found: { from: Date; until: Date | undefined }[] = [];
  let open: Date | undefined;
  for (const at of instants) {
    const now = holds(at);
    if (now && !open) open = at;
    if (!now && open) {
      found.push({ from: open, until: at });
      open = undefined;
    }
  }
  if (open) found.push({ from: open, until: undefined });
  return found;
}

/** What is kept of a case, as far as rules look at it. */
export interface RoutedCase {
  readonly number: string;
  readonly profession: string | null;
  readonly setting: Setting | null;
  readonly mode: Mode | null;
}

/** Cases that go from one line to another; null stands for "asked first", or for no line at all. */
export interface Move {
  readonly from: string | null;
  readonly to: string | null;
  readonly count: number;
  /** A few of their numbers, in the order in which the cases were given. */
  readonly examples: readonly string[];
}

export interface Comparison {
  /** From when on it is so. */
  readonly at: Date;
  readonly moved: readonly Move[];
  readonly unchanged: number;
}

const examplesShown = 5;

/**
 * Where these cases would go if they came in by other rules: now, and from every later instant at which that changes.
 * Their stored facts are routed by both, so that what an agent transferred does not count for a change.
 */
export function compareRules(
  cases: readonly RoutedCase[],
  before: RoutingConfiguration,
  after: RoutingConfiguration,
  now: Date,
): readonly Comparison[] {
  const kinds = new Map<string, RoutedCase[]>();
  for (const each of cases) {
    const key = JSON.stringify([each.profession, each.setting, each.mode]);
    kinds.set(key, [...(kinds.get(key) ?? []), each]);
  }
  const instants = [...turningPoints(before, now), ...turningPoints(after, now)]
    .map((each) => each.getTime())
    .sort((a, b) => a - b);
  const comparisons: Comparison[] = [];
  for (const time of new Set(instants)) {
    const comparison = compareAt([...kinds.values()], before, after, new Date(time));
    const last = comparisons.at(-1);
    if (JSON.stringify(last?.moved) !== JSON.stringify(comparison.moved)) comparisons.push(comparison);
  }
  return comparisons;
}

function compareAt(
  kinds: readonly (readonly RoutedCase[])[],
  before: RoutingConfiguration,
  after: RoutingConfiguration,
  at: Date,
): Comparison {
  const moves = new Map<string, { from: string | null; to: string | null; numbers: string[] }>();
  let unchanged = 0;
  for (const alike of kinds) {
    const [first] = alike;
    if (!first) continue;
    const practitioner = {
      ...(first.profession !== null && { profession: first.profession }),
      ...(first.setting !== null && { setting: first.setting }),
      ...(first.mode !== null && { mode: first.mode }),
    };
    const from = routeCase(practitioner, at, before).hotline;
    const to = routeCase(practitioner, at, after).hotline;
    if (from === to) {
      unchanged += alike.length;
      continue;
    }
    const key = JSON.stringify([from, to]);
    const move = moves.get(key) ?? { from, to, numbers: [] };
    move.numbers.push(...alike.map(({ number }) => number));
    moves.set(key, move);
  }
  const moved = [...moves.values()]
    .map(({ from, to, numbers }) => ({
      from,
      to,
      count: numbers.length,
      examples: numbers.slice(0, examplesShown),
    }))
    .sort((one, other) => other.count - one.count);
  return { at, moved, unchanged };
}
