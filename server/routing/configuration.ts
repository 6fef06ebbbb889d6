/**
 * Purpose: the hotlines and routing rules as plain immutable data, which every pure function here works on.
 * Entry points: `RoutingConfiguration`, `findHotline`, `hotlinesInService`.
 * May import: schedule.ts, time-zones.ts, practitioner-types.ts.
 */
import type { Mode, Setting } from './practitioner-types.ts';
import type { Period, Schedule } from './schedule.ts';
import { inForceAt } from './time-zones.ts';

/** A sentence in each language of the product, for words that are configuration and not in the catalogues. */
export interface Words {
  readonly fr: string;
  readonly en: string;
}

export interface Hotline {
  readonly id: string;
  readonly name: Words;
  /** As people read it and dial it from France. */
  readonly phone: string;
  readonly phoneE164: string | null;
  readonly cost: Words;
  readonly schedule: Schedule;
}

/** Criteria that are absent do not bind; a rule without any is the default. Dates of the hotline's zone. */
export interface RoutingRule extends Period {
  readonly setting: Setting | null;
  readonly mode: Mode | null;
  readonly profession: string | null;
  readonly hotline: string;
  readonly origin: 'notice' | 'default';
}

export interface RoutingConfiguration {
  /** In the order in which they are shown, past and future ones included. */
  readonly hotlines: readonly Hotline[];
  /** In the order in which they are tried, past and future ones included. */
  readonly rules: readonly RoutingRule[];
}

/** The hotline of that id, in service or not. */
export function findHotline(configuration: RoutingConfiguration, id: string): Hotline | undefined {
  return configuration.hotlines.find((hotline) => hotline.id === id);
}

/** The lines that exist at that instant, open or not. */
export function hotlinesInService(configuration: RoutingConfiguration, at: Date): readonly Hotline[] {
  return configuration.hotlines.filter((hotline) => isInService(hotline, at));
}

/** Whether the line exists at that instant, open or not. */
export function isInService({ schedule }: Hotline, at: Date): boolean {
  return inForceAt(schedule.inService, schedule.zone, at);
}

/** The rules that hold at that instant, in order; whether their lines are in service is another question. */
export function rulesInForce(configuration: RoutingConfiguration, at: Date): readonly RoutingRule[] {
  return configuration.rules.filter((rule) => {
    const hotline = findHotline(configuration, rule.hotline);
    return hotline !== undefined && inForceAt(rule, hotline.schedule.zone, at);
  });
}

/** The telephone link of a line: its international number where it has one, else what is dialled. */
export function phoneLink({ phone, phoneE164 }: Pick<Hotline, 'phone' | 'phoneE164'>): string {
  return `tel:${phoneE164 ?? phone.replaceAll(' ', '')}`;
}
