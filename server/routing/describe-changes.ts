/**
 * Purpose: edits of lines and rules in words, before and after; rules and holes in words.
 * Entry points: `changeInWords`, `ruleInWords`, `holeInWords`, `instantInWords`.
 * May import: the pure parts of this folder, describe-hours.ts.
 */
import type { RoutingRule } from './configuration.ts';
import type { StoredChange } from './configuration-history.ts';
import type { Hole } from './decision-holes.ts';
import {
  dateInWords,
  formatted,
  hoursInWords,
  periodInWords,
  type Wording,
  weekInWords,
} from './describe-hours.ts';
import { type HotlineDocument, periodKey } from './hotline-document.ts';
import { professions } from './practitioner-types.ts';

export interface ChangedFact {
  readonly label: string;
  /** Absent for what was added. */
  readonly before?: string;
  /** Absent for what was removed. */
  readonly after?: string;
}

export interface ChangeInWords {
  readonly version: number;
  readonly at: Date;
  readonly by: string;
  readonly facts: readonly ChangedFact[];
}

/** An edit: who, when, and each fact that changed. */
export function changeInWords(
  wording: Wording,
  { version, at, by, before, after }: StoredChange,
  lineName: (id: string) => string,
): ChangeInWords {
  const facts = isRules(after)
    ? rulesChanged(wording, before && isRules(before) ? before : [], after, lineName)
    : lineChanged(wording, before && !isRules(before) ? before : undefined, after);
  return { version, at, by, facts };
}

function isRules(stored: HotlineDocument | readonly RoutingRule[]): stored is readonly RoutingRule[] {
  return Array.isArray(stored);
}

function lineChanged(
  wording: Wording,
  before: HotlineDocument | undefined,
  after: HotlineDocument,
): readonly ChangedFact[] {
  const [was, is] = [before ? factsOf(wording, before) : new Map<string, string>(), factsOf(wording, after)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((label) => {
    const [old, fresh] = [was.get(label), is.get(label)];
    if (old === fresh) return [];
    return [
      { label, ...(old !== undefined && { before: old }), ...(fresh !== undefined && { after: fresh }) },
    ];
  });
}

/** Every fact of a line by its label; empty ones are left out. */
function factsOf(wording: Wording, document: HotlineDocument): ReadonlyMap<string, string> {
  const { texts, language } = wording;
  const label = (field: string) => texts.say(language, `configuration.fields.${field}`);
  const facts = new Map<string, string>([
    [label('nameFr'), document.name.fr],
    [label('nameEn'), document.name.en],
    [label('phone'), document.phone],
    [label('phoneE164'), document.phoneE164 ?? ''],
    [label('costFr'), document.cost.fr],
    [label('costEn'), document.cost.en],
    [label('zone'), document.zone],
    [label('holidayCalendar'), texts.say(language, `configuration.calendars.${document.holidayCalendar}`)],
    [label('service'), periodInWords(wording, document)],
  ]);
  for (const timetable of document.timetables) {
    const { validFrom } = timetable;
    const name =
      periodKey(timetable) === 'always' || validFrom === null
        ? label('timetableAlways')
        : texts.say(language, 'configuration.fields.timetableFrom', {
            from: dateInWords(wording, validFrom),
          });
    const holidays = texts.say(language, `configuration.holidays.${timetable.holidays}`);
    facts.set(
      name,
      [periodInWords(wording, timetable), weekInWords(wording, timetable), holidays].join(' · '),
    );
  }
  for (const { day, note, intervals } of document.exceptions) {
    const name = texts.say(language, 'configuration.fields.exception', { day: dateInWords(wording, day) });
    facts.set(name, `${hoursInWords(wording, intervals)} · ${note[language]}`);
  }
  return new Map([...facts].filter(([, value]) => value !== ''));
}

function rulesChanged(
  wording: Wording,
  before: readonly RoutingRule[],
  after: readonly RoutingRule[],
  lineName: (id: string) => string,
): readonly ChangedFact[] {
  const { texts, language } = wording;
  const say = (key: 'removed' | 'added' | 'order') => texts.say(language, `configuration.rules.${key}`);
  const [was, is] = [before, after].map((rules) => rules.map((rule) => ruleInWords(wording, rule, lineName)));
  const removed = (was ?? []).filter((rule) => !is?.includes(rule));
  const added = (is ?? []).filter((rule) => !was?.includes(rule));
  const order = (rules: readonly string[] = []) =>
    rules.filter((rule) => was?.includes(rule) && is?.includes(rule)).map((rule, at) => `${at + 1}. ${rule}`);
  const [orderBefore, orderAfter] = [order(was).join(' ; '), order(is).join(' ; ')];
  return [
    ...removed.map((rule) => ({ label: say('removed'), before: rule })),
    ...added.map((rule) => ({ label: say('added'), after: rule })),
    ...(orderBefore === orderAfter ? [] : [{ label: say('order'), before: orderBefore, after: orderAfter }]),
  ];
}

/** « Libéral, Un centre de vaccination → 3608, à partir du 1er janvier 2027 ». */
export function ruleInWords(wording: Wording, rule: RoutingRule, lineName: (id: string) => string): string {
  const { texts, language } = wording;
  return texts.say(language, 'configuration.rules.rule', {
    who: whoInWords(wording, rule) || texts.say(language, 'configuration.rules.everyone'),
    line: lineName(rule.hotline),
    period: periodInWords(wording, rule),
    origin: texts.say(language, `configuration.origins.${rule.origin}`),
  });
}

/** A combination without a line: « Libéral, Un cabinet…, à partir du 1er janvier 2027 ». */
export function holeInWords(wording: Wording, hole: Hole, now: Date): string {
  const { texts, language } = wording;
  const { from, until } = hole;
  const bounds = `${from > now ? 'from' : ''}${until ? 'to' : ''}` || 'now';
  return texts.say(language, `configuration.holes.${bounds}`, {
    who: whoInWords(wording, { ...hole, profession: hole.profession ?? null }),
    from: instantInWords(wording, from),
    to: until && instantInWords(wording, until),
  });
}

/** A date and time of Paris, in words. */
export function instantInWords(wording: Wording, at: Date): string {
  return formatted(wording, at, { timeZone: 'Europe/Paris', dateStyle: 'long', timeStyle: 'short' });
}

function whoInWords(
  { texts, language }: Wording,
  { setting, mode, profession }: Pick<RoutingRule, 'setting' | 'mode' | 'profession'>,
): string {
  return [
    profession !== null && professionInWords({ texts, language }, profession),
    setting !== null && texts.say(language, `routing.settings.${setting}`),
    mode !== null && texts.say(language, `routing.modes.${mode}`),
  ]
    .filter((part) => part !== false)
    .join(', ');
}

/** The name of a profession; its code when it has none here. */
export function professionInWords({ texts, language }: Wording, code: string): string {
  const known = code === 'none' || professions.some((each) => each.code === code);
  return known ? texts.say(language, `routing.professions.${code}`) : code;
}
