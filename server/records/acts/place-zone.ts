import { Temporal } from 'temporal-polyfill';
import type { FieldProblem } from '../../problem.ts';

/** The zones in which French professionals work; the first one where nothing says otherwise. */
export const placeZones = [
  'Europe/Paris',
  'America/Guadeloupe',
  'America/Martinique',
  'America/Cayenne',
  'America/Miquelon',
  'Indian/Reunion',
  'Indian/Mayotte',
  'Pacific/Noumea',
  'Pacific/Tahiti',
  'Pacific/Wallis',
] as const;
export type PlaceZone = (typeof placeZones)[number];

/** How FINESS numbers of overseas begin: general knowledge, only to propose a zone that is shown and can be changed. */
const beginnings: readonly (readonly [RegExp, PlaceZone])[] = [
  [/^(9701|9A)/, 'America/Guadeloupe'],
  [/^(9702|9B)/, 'America/Martinique'],
  [/^(9703|9C)/, 'America/Cayenne'],
  [/^(9704|9D)/, 'Indian/Reunion'],
  [/^(9705|975|9E)/, 'America/Miquelon'],
  [/^(980|985|9F)/, 'Indian/Mayotte'],
  [/^988/, 'Pacific/Noumea'],
  [/^987/, 'Pacific/Tahiti'],
  [/^986/, 'Pacific/Wallis'],
];

/** The zone to propose for a place. */
export function zoneOfFiness(finess: string | null | undefined): PlaceZone {
  return beginnings.find(([beginning]) => beginning.test(finess ?? ''))?.[1] ?? 'Europe/Paris';
}

/** What the wall of a zone shows at an instant, as date and time fields take it. */
export function onWall(zone: string, at: Date): { readonly date: string; readonly time: string } {
  const wall = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(zone);
  return {
    date: wall.toPlainDate().toString(),
    time: wall.toPlainTime().toString({ smallestUnit: 'minute' }),
  };
}

/** The instant that a wall showed; of a time that came twice (end of summer time) the first. ISO 8601, or what is wrong. */
export function fromWall(typed: {
  readonly date: string;
  readonly time: string;
  readonly zone: string;
}): { readonly instant: string } | { readonly error: FieldProblem } {
  const fault = (path: string) => ({ error: { path, key: 'records-acts.errors.moment' } });
  const zone = placeZones.find((each) => each === typed.zone);
  if (!zone) return fault('/zone');
  if (!/^\d{4}-\d\d-\d\d$/.test(typed.date)) return fault('/date');
  if (!/^\d\d:\d\d(:\d\d)?$/.test(typed.time)) return fault('/time');
  try {
    const wall = Temporal.PlainDateTime.from(`${typed.date}T${typed.time}`, { overflow: 'reject' });
    return { instant: wall.toZonedDateTime(zone).toInstant().toString() };
  } catch {
    return fault('/date');
  }
}
