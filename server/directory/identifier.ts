/**
 * Purpose: the numbers by which the directory knows a professional, and how they are stored.
 * Entry points: `readIdentifier`, `storedIdentifier`, `fromStored`.
 * May import: server/routing's checks of identifiers.
 *
 * Stored as one whole number: an index on numbers is half the size of one on texts, and is built in half the time.
 * An RPPS number has an 8 before it, as in the national identifier; an ADELI number is as it is, and where its second
 * character is a letter (Corsica: 2A, 2B) a thousand million more for A, two for B, and 0 in the letter's place.
 */
import { checkRpps } from '../routing/practitioner-types.ts';

export type Identifier =
  | {
      readonly kind: 'rpps';
      /** 11 digits. */
      readonly number: string;
      /** Whether its key is right; some published numbers fail it. */
      readonly keyHolds: boolean;
    }
  | {
      readonly kind: 'adeli';
      /** 9 characters. */
      readonly number: string;
    };

/**
 * An identifier as people type it: an RPPS number (11 digits, or 12 with the leading 8), or an ADELI number (9
 * characters, or 10 with a leading 0); spaces allowed. undefined for anything else.
 */
export function readIdentifier(typed: string): Identifier | undefined {
  const rpps = checkRpps(typed);
  if (rpps.ok) return { kind: 'rpps', number: rpps.value, keyHolds: rpps.warning === undefined };
  const adeli = /^0?([0-9][0-9AB][0-9]{7})$/.exec(typed.replace(/[\s.-]/g, '').toUpperCase());
  return adeli?.[1] === undefined ? undefined : { kind: 'adeli', number: adeli[1] };
}

const letterStep = 1_000_000_000;
const rppsStep = 800_000_000_000;

/** How it is stored in `directory_activities`. */
export function storedIdentifier({ kind, number }: Pick<Identifier, 'kind' | 'number'>): number {
  if (kind === 'rpps') return rppsStep + Number(number);
  const letter = 'AB'.indexOf(number[1] ?? '') + 1;
  return letter * letterStep + Number(number.replace(/[AB]/, '0'));
}

/** The identifier that is stored so. */
export function fromStored(stored: number): Pick<Identifier, 'kind' | 'number'> {
  if (stored >= rppsStep) return { kind: 'rpps', number: String(stored - rppsStep).padStart(11, '0') };
  const digits = String(stored % letterStep).padStart(9, '0');
  const letter = ' AB'[Math.floor(stored / letterStep)] ?? ' ';
  return { kind: 'adeli', number: letter === ' ' ? digits : `${digits[0]}${letter}${digits.slice(2)}` };
}

const zero = '0'.charCodeAt(0);
const eight = '8'.charCodeAt(0);
const letterA = 'A'.charCodeAt(0);

/**
 * Writes the stored form of the identifier `bytes[from, to)` at `out[at]`.
 * @param kind the byte of its kind in the extract: `8` RPPS, `0` ADELI.
 * @returns the place after it; -1 when it is neither.
 */
export function writeIdentifier(
  kind: number,
  bytes: Uint8Array,
  from: number,
  to: number,
  out: Uint8Array,
  at: number,
): number {
  const length = to - from;
  let place = at;
  if (kind === eight && length === 11) out[place++] = eight;
  else if (kind !== zero || length !== 9) return -1;
  for (let i = from; i < to; i++) {
    const byte = bytes[i] ?? 0;
    if (byte >= zero && byte <= zero + 9) out[place++] = byte;
    else if (kind === zero && i === from + 1 && (byte === letterA || byte === letterA + 1)) {
      out[place] = out[place - 1] ?? zero;
      out[place - 1] = byte === letterA ? zero + 1 : zero + 2;
      out[place + 1] = zero;
      place += 2;
    } else return -1;
  }
  return place;
}
