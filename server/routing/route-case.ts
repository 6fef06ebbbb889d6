/**
 * Purpose: chooses the hotline for a practitioner, with the reason, or says what must be asked first.
 * Entry points: `routeCase`.
 * May import: the pure parts of this folder.
 *
 * The order is the notice's: the place somebody connects for, then how they practise. What is known may leave several
 * possibilities (two activities, a hospital known to the directory only); as long as they lead to one line, nothing is
 * asked, and as soon as they do not, nothing is guessed.
 */
import {
  findHotline,
  type Hotline,
  isInService,
  type RoutingConfiguration,
  type RoutingRule,
  rulesInForce,
} from './configuration.ts';
import { type Opening, openingAt } from './opening-hours.ts';
import {
  type Activity,
  modes as everyMode,
  settings as everySetting,
  isSameFiness,
  type Mode,
  type Practitioner,
  type Setting,
  settingOfSector,
} from './practitioner-types.ts';

/** What to ask: the place they connect for, how they practise, or which of their activities it is for. */
export type RoutingQuestion = 'setting' | 'mode' | 'activity';

/** Why; each code is a sentence of the catalogues, `routing.reasons.<code>`. Data only, fit to be stored as JSON. */
export type RoutingReason =
  /** The place decides: as declared, or as the FINESS number of one of their activities tells. */
  | { readonly code: 'place'; readonly setting: Setting; readonly known: 'declared' | 'finess' }
  /** The way they practise decides. */
  | { readonly code: 'mode'; readonly mode: Mode }
  /** A rule for their profession decides. */
  | { readonly code: 'profession'; readonly profession: string }
  /** The notice does not name this situation: our default. */
  | { readonly code: 'not_named'; readonly mode: Mode; readonly setting?: Setting }
  /** The line of their situation does not exist at that date: our default. */
  | { readonly code: 'line_out_of_service'; readonly line: string }
  /** Whatever the answers, the line is the same: nothing is asked. */
  | { readonly code: 'one_line' }
  /** Nothing decides: neither place nor mode is known. */
  | { readonly code: 'nothing_known' }
  /** The place is known and does not decide; the mode is not. */
  | { readonly code: 'mode_unknown'; readonly setting: Setting }
  /** The mode is known, and the line still depends on the place. */
  | { readonly code: 'place_unknown' }
  /** Activities that lead to different lines. */
  | { readonly code: 'several_activities'; readonly modes: readonly Mode[] }
  /** An agent of another line handed the case over: no rule, a person decided. */
  | { readonly code: 'transferred' }
  /** No rule in force leads to a line in service. */
  | { readonly code: 'no_line' };

export type Routing =
  | {
      readonly hotline: string;
      readonly reason: RoutingReason;
      /** Of the hotline, at the instant of the decision. */
      readonly opening: Opening;
    }
  | {
      readonly hotline: null;
      readonly reason: RoutingReason;
      /** What to ask, in order; empty only when no line is in service. */
      readonly needs: readonly RoutingQuestion[];
    };

/** One way in which what is known can be true. */
interface Possibility {
  readonly mode: Mode;
  readonly setting: Setting | undefined;
}

interface Decision {
  readonly hotline: Hotline;
  readonly origin: RoutingRule['origin'];
  readonly reason: RoutingReason;
}

/** The hotline that serves the practitioner at that instant and why, or what to ask. */
export function routeCase(
  practitioner: Practitioner,
  at: Date,
  configuration: RoutingConfiguration,
): Routing {
  const activities = relevantActivities(practitioner);
  const place = placeOf(practitioner, activities);
  const setting = place?.setting;
  const known = knownModes(practitioner, activities);
  const modes = known ?? everyMode;
  const decide = decisions(practitioner.profession, place?.known ?? 'declared', at, configuration);

  const byMode = modes.map((mode) => decide({ mode, setting }));
  const elsewhere = modes.flatMap((mode, index) =>
    placesToTry(practitioner, activities, place !== undefined, known !== undefined, byMode[index]).map(
      (other) => decide({ mode, setting: other }),
    ),
  );
  if (linesOf([...byMode, ...elsewhere]).size > 1) {
    if (!known && setting) return ask({ code: 'mode_unknown', setting }, 'mode');
    if (!known) return ask({ code: 'nothing_known' }, 'setting', 'mode');
    if (linesOf(byMode).size > 1) return ask({ code: 'several_activities', modes }, 'activity');
    return ask({ code: 'place_unknown' }, 'setting');
  }
  const decision = byMode.find((each) => each?.origin === 'notice') ?? byMode[0];
  if (!decision) return ask({ code: 'no_line' });
  const { hotline, reason } = decision;
  // A mode that nobody told is no reason: only what is true for each of them.
  const same = JSON.stringify(reason);
  const truly: RoutingReason =
    known || byMode.every((each) => JSON.stringify(each?.reason) === same) ? reason : { code: 'one_line' };
  return { hotline: hotline.id, reason: truly, opening: openingAt(hotline.schedule, at) };
}

function ask(reason: RoutingReason, ...needs: readonly RoutingQuestion[]): Routing {
  return { hotline: null, reason, needs };
}

function linesOf(decided: readonly (Decision | undefined)[]): ReadonlySet<string | undefined> {
  return new Set(decided.map((each) => each?.hotline.id));
}

/** The rules of that instant as a function: the first that holds decides; where its line does not exist, the default. */
function decisions(
  profession: string | undefined,
  known: 'declared' | 'finess',
  at: Date,
  configuration: RoutingConfiguration,
): (possibility: Possibility) => Decision | undefined {
  const rules = rulesInForce(configuration, at);
  const served = (rule: RoutingRule | undefined) => {
    const hotline = rule && findHotline(configuration, rule.hotline);
    return hotline && isInService(hotline, at) ? hotline : undefined;
  };
  const last = rules.find((rule) => rule.setting === null && rule.mode === null && rule.profession === null);
  return ({ mode, setting }) => {
    const rule = rules.find(
      (each) =>
        (each.setting === null || each.setting === setting) &&
        (each.mode === null || each.mode === mode) &&
        (each.profession === null || each.profession === profession),
    );
    if (!rule) return undefined;
    const hotline = served(rule);
    if (hotline) return { hotline, origin: rule.origin, reason: reasonOf(rule, { mode, setting }, known) };
    const instead = served(last);
    return (
      instead && {
        hotline: instead,
        origin: rule.origin,
        reason: { code: 'line_out_of_service', line: rule.hotline },
      }
    );
  };
}

function reasonOf(
  rule: RoutingRule,
  { mode, setting }: Possibility,
  known: 'declared' | 'finess',
): RoutingReason {
  if (rule.origin === 'notice') {
    if (rule.setting) return { code: 'place', setting: rule.setting, known };
    if (rule.mode) return { code: 'mode', mode: rule.mode };
    if (rule.profession) return { code: 'profession', profession: rule.profession };
  }
  return { code: 'not_named', mode, ...(setting && { setting }) };
}

/** How they practise, as declared, else as their activities tell, in an order that does not depend on theirs. */
function knownModes({ mode }: Practitioner, activities: readonly Activity[]): readonly Mode[] | undefined {
  if (mode) return [mode];
  const found = everyMode.filter((each) => activities.some((activity) => activity.mode === each));
  return found.length > 0 ? found : undefined;
}

/**
 * Where else they may be connecting for, when they did not say: what the notice names by mode it names whatever the
 * place, unless the directory itself suggests a hospital; where the notice is silent, any place may change the line.
 */
function placesToTry(
  { mode }: Practitioner,
  activities: readonly Activity[],
  placeKnown: boolean,
  modeKnown: boolean,
  decision: Decision | undefined,
): readonly Setting[] {
  if (placeKnown) return [];
  if (!modeKnown || decision?.origin !== 'notice') return everySetting;
  return mode ? [] : activities.flatMap(({ sector }) => settingOfSector(sector) ?? []);
}

/** The activities that what was declared leaves possible: those of the FINESS given, those that can be in a practice. */
function relevantActivities({ activities = [], finess, setting }: Practitioner): readonly Activity[] {
  const there = activities.filter((each) => isSameFiness(each.finess, finess));
  if (there.length > 0) return there;
  if (setting !== 'practice') return activities;
  const outside = activities.filter(({ sector }) => settingOfSector(sector) !== 'establishment');
  return outside.length > 0 ? outside : activities;
}

/**
 * The place they connect for: as declared, else that of the FINESS they gave when their activities there all name the
 * same kind of place. A FINESS alone tells nothing: pharmacies and health centres have one too.
 */
function placeOf(
  { setting, finess }: Practitioner,
  activities: readonly Activity[],
): { readonly setting: Setting; readonly known: 'declared' | 'finess' } | undefined {
  if (setting) return { setting, known: 'declared' };
  if (!activities.some((each) => isSameFiness(each.finess, finess))) return undefined;
  const [first, ...others] = activities.map(({ sector }) => settingOfSector(sector));
  return first && others.every((each) => each === first) ? { setting: first, known: 'finess' } : undefined;
}
