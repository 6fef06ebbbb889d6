/**
 * The GS1 element strings of a DataMatrix on a vial or box, as a scanner that acts as a keyboard types them.
 * Source: GS1 General Specifications, sections 3 (application identifiers), 7.8 (separators), 7.12 (century), 7.9 (check digit).
 */
import { type AzertyAccident, undoAzerty } from './gs1/keyboard.ts';
import { dateOf, digitsOf, gtinHolds } from './gs1/values.ts';

export const gs1Faults = [
  'empty',
  'too_long',
  /** Another kind of bar code, or a DataMatrix that is not a GS1 one. */
  'not_gs1',
  'character',
  'unknown_identifier',
  'truncated',
  /** Longer than its identifier allows: most often the scanner leaves the separators out. */
  'too_long_value',
  'not_digits',
  'check_digit',
  'date',
  'repeated',
  /** The computer's French keyboard was typing capitals (caps lock): letters and digits cannot be told apart for sure. */
  'caps_lock',
] as const;
export type Gs1Fault = (typeof gs1Faults)[number];

/** What the package says. Dates are YYYY-MM-DD. */
export interface Gs1Content {
  /** 14 digits, check digit right. */
  readonly gtin: string | null;
  readonly lot: string | null;
  readonly serial: string | null;
  readonly expiry: string | null;
  readonly produced: string | null;
  readonly bestBefore: string | null;
  /** Everything, in order, as written. */
  readonly elements: readonly { readonly identifier: string; readonly value: string }[];
  /** What had to be undone to read it: the scanner and the computer do not agree on the keyboard. */
  readonly accidents: readonly AzertyAccident[];
  /** The lot or serial number may hold what came after it: no separator was sent at all. */
  readonly separatorDoubtful: boolean;
}

export type Gs1Reading =
  | ({ readonly ok: true } & Gs1Content)
  | { readonly ok: false; readonly fault: Gs1Fault; readonly identifier: string | null };

/** No symbol holds more than this: the largest DataMatrix takes 2,335 letters. */
const maxLength = 2400;
const separator = '\u001d';

/** FNC1 as scanners are set to send it: characters that no element may hold, and names of the control character. */
const substitutes = /<GS>|\{GS\}|\[GS\]|\\u001d|\\x1d|\u241d|\u00e8|[|^~#@`{}\\]/gi;

/** Symbology identifiers of what carries GS1 elements: DataMatrix, QR, Code 128, DataBar, DotCode. */
const symbologies = /^\](?:d2|Q3|C1|e0|J1)/;
const anySymbology = /^\][A-Za-z][0-9A-Za-z]/;

/** Digits, or letters from GS1's set of 82, up to `most`; `fixed` where the length needs no separator. */
interface Format {
  readonly type: 'digits' | 'text' | 'date' | 'gtin';
  readonly least: number;
  readonly most: number;
  readonly fixed: boolean;
}

const digits = (least: number, most = least, fixed = false): Format => ({
  type: 'digits',
  least,
  most,
  fixed,
});
const text = (most: number): Format => ({ type: 'text', least: 1, most, fixed: false });
const date: Format = { type: 'date', least: 6, most: 6, fixed: true };
const gtin: Format = { type: 'gtin', least: 14, most: 14, fixed: true };

/** Identifiers met on medicines and in hospitals, longest first where one begins another. */
const formats: readonly (readonly [RegExp, Format])[] = [
  [/^00/, digits(18, 18, true)],
  [/^0[12]/, gtin],
  [/^10/, text(20)],
  [/^1[1-3567]/, date],
  [/^20/, digits(2, 2, true)],
  [/^2[12]/, text(20)],
  [/^2(?:40|41|50|51)/, text(30)],
  [/^242/, digits(1, 6)],
  [/^243/, text(20)],
  [/^25[34]/, text(30)],
  [/^3[0]/, digits(1, 8)],
  [/^3[1-6]\d\d/, digits(6, 6, true)],
  [/^37/, digits(1, 8)],
  [/^400/, text(30)],
  [/^41\d/, digits(13, 13, true)],
  [/^42[0-7]/, text(20)],
  [/^7003/, digits(10)],
  [/^71\d/, text(20)],
  [/^8005/, digits(6)],
  [/^8006/, digits(18)],
  [/^8008/, digits(8, 12)],
  [/^8020/, text(25)],
  [/^90/, text(30)],
  [/^9[1-9]/, text(90)],
];

/** GS1's character set 82. */
const allowed = /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]*$/;

/**
 * Reads what a scanner typed, or what somebody copied from under the symbol with its parentheses: never throws.
 *
 * @param year the present one, Europe/Paris: two-digit years lie within fifty of it.
 */
export function readGs1(scanned: string, year: number): Gs1Reading {
  if (scanned.length > maxLength) return refused('too_long');
  const typed = scanned.replace(/[\r\n\t]+$/, '').trimStart();
  if (typed === '') return refused('empty');
  const keyboard = undoAzerty(typed);
  if (keyboard === 'caps_lock') return refused('caps_lock');
  const { text: message, accidents } = keyboard;
  if (anySymbology.test(message) && !symbologies.test(message)) return refused('not_gs1');
  const bare = message.replace(symbologies, '');
  const elements = /^\(\d{2,4}\)/.test(bare)
    ? splitPrinted(bare)
    : splitScanned(bare.replace(substitutes, separator));
  if (!Array.isArray(elements)) return refused(elements.fault, elements.identifier);
  return content(elements, year, accidents, !bare.replace(substitutes, separator).includes(separator));
}

interface Element {
  readonly identifier: string;
  readonly value: string;
  readonly format: Format;
  /** Whether something came after it. */
  readonly last: boolean;
}

type Refusal = { readonly fault: Gs1Fault; readonly identifier: string | null };

function splitScanned(message: string): Element[] | Refusal {
  const elements: Element[] = [];
  let rest = withoutSeparators(message);
  if (rest === '') return { fault: 'empty', identifier: null };
  while (rest !== '') {
    const found = identify(rest);
    if (found === undefined) {
      return {
        fault: elements.length === 0 ? 'not_gs1' : 'unknown_identifier',
        identifier: rest.slice(0, 2),
      };
    }
    const { identifier, format } = found;
    const body = rest.slice(identifier.length);
    const end = body.indexOf(separator);
    const upTo = format.fixed ? format.most : end < 0 ? body.length : end;
    const value = body.slice(0, upTo);
    rest = withoutSeparators(body.slice(upTo));
    elements.push({ identifier, value, format, last: rest === '' });
  }
  return elements;
}

/** What follows the separators at the beginning of a message: there may be some where none is needed. */
function withoutSeparators(message: string): string {
  let from = 0;
  while (message[from] === separator) from++;
  return message.slice(from);
}

/** `(01)03400930000120(17)261130(10)AB(12)C`: a parenthesis begins an element where a known identifier follows. */
function splitPrinted(message: string): Element[] | Refusal {
  const elements: Element[] = [];
  const starts = [...message.matchAll(/\((\d{2,4})\)/g)].filter(
    ([, identifier = '']) => identify(identifier)?.identifier === identifier,
  );
  if (starts[0]?.index !== 0) {
    return { fault: 'unknown_identifier', identifier: /^\((\d+)\)/.exec(message)?.[1] ?? null };
  }
  for (const [place, { 0: head, 1: identifier = '', index }] of starts.entries()) {
    const value = message.slice(index + head.length, starts[place + 1]?.index).trim();
    const format = identify(identifier)?.format;
    if (format) elements.push({ identifier, value, format, last: true });
  }
  return elements;
}

function identify(message: string): { readonly identifier: string; readonly format: Format } | undefined {
  for (const [pattern, format] of formats) {
    const identifier = pattern.exec(message)?.[0];
    if (identifier !== undefined) return { identifier, format };
  }
  return undefined;
}

function content(
  elements: readonly Element[],
  year: number,
  accidents: readonly AzertyAccident[],
  noSeparator: boolean,
): Gs1Reading {
  const values = new Map<string, string>();
  const dates = new Map<string, string>();
  for (const { identifier, value, format } of elements) {
    const fault = faultOf(value, format);
    if (fault) return refused(fault, identifier);
    if ((values.get(identifier) ?? value) !== value) return refused('repeated', identifier);
    values.set(identifier, value);
    if (format.type !== 'date') continue;
    const read = dateOf(value, year);
    if (read === undefined) return refused('date', identifier);
    dates.set(identifier, read);
  }
  const open = elements.find(({ identifier }) => identifier === '10' || identifier === '21');
  return {
    ok: true,
    gtin: values.get('01') ?? null,
    lot: values.get('10') ?? null,
    serial: values.get('21') ?? null,
    expiry: dates.get('17') ?? null,
    produced: dates.get('11') ?? null,
    bestBefore: dates.get('15') ?? null,
    elements: elements.map(({ identifier, value }) => ({ identifier, value })),
    accidents,
    // An expiry or another number seems to stand inside of it.
    separatorDoubtful: noSeparator && open !== undefined && /.(?:17\d{6}|10.|21.)/.test(open.value),
  };
}

function faultOf(value: string, { type, least, most }: Format): Gs1Fault | undefined {
  if (value.length < least) return 'truncated';
  if (value.length > most) return 'too_long_value';
  if (!allowed.test(value)) return 'character';
  if (type === 'text') return undefined;
  if (!digitsOf(value)) return 'not_digits';
  return type === 'gtin' && !gtinHolds(value) ? 'check_digit' : undefined;
}

function refused(fault: Gs1Fault, identifier: string | null = null): Gs1Reading {
  return { ok: false, fault, identifier };
}
