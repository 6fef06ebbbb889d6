/**
 * Purpose: how a health professional is described when a hotline is chosen: profession, mode, setting, identifiers.
 * Entry points: `Practitioner`, `registrationAuthority`, `checkRpps`, `checkFiness`.
 * May import: nothing.
 */

/** How somebody practises (TRE_R23, OID 1.2.250.1.213.1.6.1.18): libéral, salarié, bénévole. */
export const modes = ['L', 'S', 'B'] as const;
export type Mode = (typeof modes)[number];

/** The place somebody connects for, as they declare it: no nomenclature has a code for a vaccination centre. */
export const settings = ['establishment', 'vaccination_centre', 'practice', 'other'] as const;
export type Setting = (typeof settings)[number];

/** Who holds the contact details of a professional: an Ordre, or what stands for it where there is none. */
export const registrationAuthorities = [
  'cnom',
  'cnop',
  'oncd',
  'cnosf',
  'oni',
  'cnomk',
  'onpp',
  'ars',
  'employer',
  'ssa',
] as const;
export type RegistrationAuthority = (typeof registrationAuthorities)[number];

export interface Profession {
  /** Code of TRE_G15 (OID 1.2.250.1.71.1.2.7), or of the list of titles for psychologists. */
  readonly code: string;
  readonly authority: RegistrationAuthority;
}

/** The professions that have an Ordre. */
const withOrdre: readonly Profession[] = [
  { code: '10', authority: 'cnom' },
  { code: '21', authority: 'cnop' },
  { code: '40', authority: 'oncd' },
  { code: '50', authority: 'cnosf' },
  { code: '60', authority: 'oni' },
  { code: '70', authority: 'cnomk' },
  { code: '80', authority: 'onpp' },
];

/** The professions that have none, registered with the regional health agency. */
const withoutOrdre: readonly Profession[] = [
  ...['26', '28', '31', '32', '35', '36', '37', '38', '39', '69', '81', '82', '83', '84', '85', '86'],
  ...['91', '92', '93', '94', '95', '96', '98'],
].map((code) => ({ code, authority: 'ars' }));

/** Every profession the product can name; the labels are the texts `routing.professions.<code>`. */
export const professions: readonly Profession[] = [...withOrdre, ...withoutOrdre];

/** What stands for a profession when the person has none (staff who enter data for others). */
export const noProfession = 'none';

/** A profession code that this list does not know is still one of the nomenclature: it has no Ordre either. */
const authorities = new Map(professions.map(({ code, authority }) => [code, authority]));

/**
 * Who knows the contact details of this professional.
 * @param profession TRE_G15 code, or `none` for staff without a profession.
 * @param category `codeCategorieProfessionnelle`: C civil, M military, E student.
 */
export function registrationAuthority(profession: string, category?: string): RegistrationAuthority {
  if (category === 'M') return 'ssa';
  if (profession === noProfession) return 'employer';
  return authorities.get(profession) ?? 'ars';
}

/** One activity of the directory: a person may hold several, salaried and independent. */
export interface Activity {
  readonly mode: Mode;
  /** Code of TRE_R02, secteur d'activité (OID 1.2.250.1.71.4.2.4). */
  readonly sector?: string;
  readonly finess?: string;
}

/** What is known of the person who needs help; every part may be missing. */
export interface Practitioner {
  readonly rpps?: string;
  /** TRE_G15 code, or `none`. */
  readonly profession?: string;
  /** The mode of the activity they connect for. Declared, it overrides the directory's activities. */
  readonly mode?: Mode;
  /** The place they connect for. */
  readonly setting?: Setting;
  /** FINESS number of the place they connect for. */
  readonly finess?: string;
  /** What the directory knows; in no meaningful order. */
  readonly activities?: readonly Activity[];
}

/** Sectors that tell the place by themselves: public hospital, disabled or elderly care; then practices, pharmacies and group health centres. */
const settingBySector: ReadonlyMap<string, Setting> = new Map([
  ['SA01', 'establishment'],
  ['SA16', 'establishment'],
  ['SA17', 'establishment'],
  ['SA07', 'practice'],
  ['SA08', 'practice'],
  ['SA09', 'practice'],
  ['SA33', 'practice'],
  ['SA52', 'practice'],
]);

/** The kind of place a sector of activity (TRE_R02) names, when it names one. */
export function settingOfSector(sector: string | undefined): Setting | undefined {
  return sector === undefined ? undefined : settingBySector.get(sector);
}

/** `value` is the identifier as it is to be stored; a doubtful key is told, and never refused. */
export type IdentifierCheck =
  | { readonly ok: true; readonly value: string; readonly warning?: 'checksum' }
  | { readonly ok: false; readonly problem: 'format' };

/**
 * An RPPS number as people type it: 11 digits, spaces allowed, or the 12-digit national identifier (`8` before
 * the RPPS number), brought back to 11. A failed Luhn key only warns: some official examples fail it.
 */
export function checkRpps(typed: string): IdentifierCheck {
  const digits = withoutSpaces(typed);
  const value = /^8\d{11}$/.test(digits) ? digits.slice(1) : digits;
  if (!/^\d{11}$/.test(value)) return { ok: false, problem: 'format' };
  return luhn(value) ? { ok: true, value } : { ok: true, value, warning: 'checksum' };
}

/**
 * A FINESS number: 9 characters, the second a letter in Corsica (2A, 2B), where no key applies.
 * A failed Luhn key only warns.
 */
export function checkFiness(typed: string): IdentifierCheck {
  const value = withoutSpaces(typed).toUpperCase();
  if (!/^[0-9][0-9A-Z][0-9]{7}$/.test(value)) return { ok: false, problem: 'format' };
  if (!/^\d{9}$/.test(value) || luhn(value)) return { ok: true, value };
  return { ok: true, value, warning: 'checksum' };
}

/** Whether both are given and name the same place, however they were typed. */
export function isSameFiness(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return withoutSpaces(one).toUpperCase() === withoutSpaces(other).toUpperCase();
}

function withoutSpaces(typed: string): string {
  return typed.replace(/[\s.-]/g, '');
}

/** ISO/IEC 7812 check over a string of digits, the key being the last one. */
function luhn(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits[digits.length - 1 - place]);
    const doubled = place % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
