import { type CountryCode, isValidPhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { checkEmail } from '../mail/email-address.ts';
import type { FieldProblem } from '../problem.ts';

/** How to reach somebody, as it was typed. */
export interface TypedContact {
  readonly name: string;
  readonly email?: string | undefined;
  readonly phone?: string | undefined;
}

/** How to reach somebody, as it is stored; at least one of the two ways is there. */
export interface Contact {
  readonly name: string;
  readonly email: string | null;
  /** E.164. */
  readonly phone: string | null;
}

/** A value fit to be stored, or the sentence that says why it is not. */
export type Checked<Value> = { readonly value: Value } | { readonly problem: string };

export const maxNameLength = 120;

/**
 * Overseas, where people dial ten digits as in mainland France: told by what their numbers begin with.
 * Elsewhere (New Caledonia, French Polynesia, Wallis and Futuna) six or eight digits say no country, and would be what
 * is left of a mistyped mainland number: there `+687`, `+689` or `+681` is needed.
 */
const overseas: readonly CountryCode[] = ['GP', 'MQ', 'GF', 'RE', 'YT'];

/** Beginnings that are mainland France's alone, most numbers: told without trying every territory. */
const mainlandOnly = /^0([1348]|2[013-57-9]|6[0-24-8]|7[1-9])/;

/**
 * Checks all of it, and that there is one way at least.
 * @returns the contact, or every field at fault, with paths below `/contact`.
 */
export function checkContact(typed: TypedContact): Contact | { readonly errors: readonly FieldProblem[] } {
  const name = checkName(typed.name);
  const email = typed.email?.trim() ? checkEmail(typed.email) : { value: null };
  const phone = typed.phone?.trim() ? checkPhone(typed.phone) : { value: null };
  if ('value' in name && 'value' in email && 'value' in phone && (email.value ?? phone.value) !== null) {
    return { name: name.value, email: email.value, phone: phone.value };
  }
  const errors: FieldProblem[] = [];
  if ('problem' in name) {
    errors.push({ path: '/contact/name', key: name.problem, parameters: { limit: maxNameLength } });
  }
  if ('problem' in phone) errors.push({ path: '/contact/phone', key: phone.problem });
  if ('problem' in email) errors.push({ path: '/contact/email', key: email.problem });
  if ('value' in email && 'value' in phone && email.value === null && phone.value === null) {
    errors.push({ path: '/contact/phone', key: 'case.errors.unreachable' });
  }
  return { errors };
}

/** A name on one line, without what is invisible or turns the reading direction around. */
export function checkName(typed: string): Checked<string> {
  const name = typed
    .normalize('NFC')
    .replace(/\s+/gu, ' ')
    .replace(/[\p{Cc}\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu, '')
    .trim();
  if (!/[\p{L}\p{N}\p{S}\p{P}]/u.test(name)) return { problem: 'case.errors.name_missing' };
  return isTooLong(name) ? { problem: 'case.errors.name_too_long' } : { value: name };
}

/** Counted as people see them; a second limit keeps a letter from carrying thousands of accents. */
function isTooLong(name: string): boolean {
  if (name.length <= maxNameLength) return false;
  if (name.length > maxNameLength * 4) return true;
  return [...new Intl.Segmenter('fr').segment(name)].length > maxNameLength;
}

/** A telephone number that an agent can call back, in E.164. */
export function checkPhone(typed: string): Checked<string> {
  const text = typed.normalize('NFKC').trim();
  if (text.length > 40) return { problem: 'case.errors.phone_wrong' };
  const number = readPhone(text);
  if (!number?.isValid() || number.ext !== undefined) return { problem: 'case.errors.phone_wrong' };
  if (number.getType() === 'PREMIUM_RATE') return { problem: 'case.errors.phone_premium' };
  return { value: number.number };
}

function readPhone(text: string) {
  const digits = text.replace(/\D/g, '');
  // Saint-Pierre-et-Miquelon: `0508` is dialled within France, `+508` and the six last digits from elsewhere.
  if (!text.startsWith('+') && /^0508\d{6}$/.test(digits)) return parse(`+508${digits.slice(4)}`, 'PM');
  const country = mainlandOnly.test(digits)
    ? undefined
    : overseas.find((each) => isValidPhoneNumber(text, each));
  return parse(text, country ?? 'FR');
}

function parse(text: string, defaultCountry: CountryCode) {
  return parsePhoneNumberFromString(text, { defaultCountry, extract: false });
}
