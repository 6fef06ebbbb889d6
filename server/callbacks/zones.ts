import { parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** Where French professionals read the time. Paris first: it is the one that nobody has to choose. */
export const callerZones = [
  'Europe/Paris',
  'America/Guadeloupe',
  'America/Martinique',
  'America/Cayenne',
  'America/Miquelon',
  'America/St_Barthelemy',
  'America/Marigot',
  'Indian/Reunion',
  'Indian/Mayotte',
  'Pacific/Noumea',
  'Pacific/Tahiti',
  'Pacific/Wallis',
] as const;
export type CallerZone = (typeof callerZones)[number];

const zoneByCountry: Readonly<Record<string, CallerZone>> = {
  GP: 'America/Guadeloupe',
  BL: 'America/St_Barthelemy',
  MF: 'America/Marigot',
  MQ: 'America/Martinique',
  GF: 'America/Cayenne',
  PM: 'America/Miquelon',
  RE: 'Indian/Reunion',
  YT: 'Indian/Mayotte',
  NC: 'Pacific/Noumea',
  PF: 'Pacific/Tahiti',
  WF: 'Pacific/Wallis',
};

/** The zone in which somebody with that number (E.164) most likely reads the time. */
export function zoneOf(phone: string | null): CallerZone {
  const country = phone === null ? undefined : parsePhoneNumberFromString(phone)?.country;
  return (country && zoneByCountry[country]) ?? 'Europe/Paris';
}

/** The zone of that name, if it is one that is offered. */
export function callerZone(name: string | undefined): CallerZone | undefined {
  return callerZones.find((each) => each === name);
}
