/**
 * Purpose: schedules, hotlines and configurations for tests, without a database.
 * Entry points: `aSchedule`, `aHotline`, `theNotice`, `opening`, `found`, `cartesian`.
 * May import: the pure parts of this folder. Only tests import it.
 */
import type { Hotline, RoutingConfiguration, RoutingRule } from './configuration.ts';
import { type Opening, openingAt, type Search } from './opening-hours.ts';
import type { HoursReason, Interval, Schedule, Timetable } from './schedule.ts';
import { isoIn } from './time-zones.ts';

const always = { validFrom: null, validTo: null } as const;

/** The same intervals on each of these weekdays (1 is Monday), over the periods given, holidays included. */
export function aTimetable(
  intervals: readonly (readonly [opensAt: string, closesAt: string])[],
  { weekdays = [1, 2, 3, 4, 5, 6, 7], ...rest }: Partial<Timetable> & { weekdays?: readonly number[] } = {},
): Timetable {
  const weekly = weekdays.flatMap((weekday) =>
    intervals.map(([opensAt, closesAt]): Interval & { weekday: number } => ({ weekday, opensAt, closesAt })),
  );
  return { ...always, holidays: 'open', weekly, ...rest };
}

/** By default that of 0 800 08 12 07: every day from 9:00 to 20:00, public holidays included. */
export function aSchedule(changes: Partial<Schedule> = {}): Schedule {
  return {
    zone: 'Europe/Paris',
    holidayCalendar: 'metropole',
    inService: always,
    timetables: [aTimetable([['09:00', '20:00']])],
    exceptions: [],
    ...changes,
  };
}

/** By default `etablissements` as the notice gives it. */
export function aHotline(changes: Partial<Hotline> = {}): Hotline {
  return {
    id: 'etablissements',
    name: {
      fr: 'Établissements, centres de vaccination et professionnels salariés',
      en: 'Establishments, vaccination centres and salaried professionals',
    },
    phone: '0 800 08 12 07',
    phoneE164: null,
    cost: { fr: 'Service et appel gratuits', en: 'Free service, free call' },
    schedule: aSchedule(),
    ...changes,
  };
}

/** By default one without criteria, from us. */
export function aRule(changes: Partial<RoutingRule> = {}): RoutingRule {
  return {
    ...always,
    setting: null,
    mode: null,
    profession: null,
    hotline: 'etablissements',
    origin: 'default',
    ...changes,
  };
}

/** The configuration that the migration seeds: what the notice says, and our default. */
export function theNotice(): RoutingConfiguration {
  return {
    hotlines: [
      aHotline(),
      aHotline({
        id: 'liberaux',
        name: {
          fr: 'Assurance Maladie, professionnels libéraux',
          en: 'Assurance Maladie, independent professionals',
        },
        phone: '3608',
        cost: { fr: 'Service gratuit + prix d’un appel', en: 'Free service + price of a call' },
        schedule: aSchedule({ timetables: [] }),
      }),
    ],
    rules: [
      aRule({ setting: 'establishment', origin: 'notice' }),
      aRule({ setting: 'vaccination_centre', origin: 'notice' }),
      aRule({ mode: 'S', origin: 'notice' }),
      aRule({ mode: 'L', hotline: 'liberaux', origin: 'notice' }),
      aRule(),
    ],
  };
}

/** The notice's configuration with another default. */
export function theNoticeWithDefault(hotline: string): RoutingConfiguration {
  const notice = theNotice();
  const rules = notice.rules.map((rule) => (rule.origin === 'default' ? { ...rule, hotline } : rule));
  return { ...notice, rules };
}

/** The instant that a search found, on the wall clock of Paris, or why it found none. */
export function found(search: Search): string {
  return 'found' in search ? isoIn('Europe/Paris', search.found) : search.missing;
}

/** The opening at an ISO instant, its reason brought down to the code. */
export function opening(
  schedule: Schedule,
  iso: string,
): Pick<Opening, 'state' | 'opensAt' | 'closesAt'> & { readonly code: HoursReason['code'] } {
  const { zone: _, reason, ...rest } = openingAt(schedule, new Date(iso));
  return { ...rest, code: reason.code };
}

/** Every combination of the values: `cartesian({ a: [1, 2], b: ['x'] })` is `[{ a: 1, b: 'x' }, { a: 2, b: 'x' }]`. */
export function cartesian<Values extends Readonly<Record<string, readonly unknown[]>>>(
  values: Values,
): readonly { readonly [Name in keyof Values]: Values[Name][number] }[] {
  let rows: readonly Record<string, unknown>[] = [{}];
  for (const [name, each] of Object.entries(values)) {
    rows = rows.flatMap((row) => each.map((value) => ({ ...row, [name]: value })));
  }
  // Each row was given exactly one value of each name.
  return rows as readonly { readonly [Name in keyof Values]: Values[Name][number] }[];
}
