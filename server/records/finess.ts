/**
 * Purpose: the number of a health establishment (FINESS) as people write it.
 * Entry points: `readFiness`.
 * May import: server/routing's checks of identifiers.
 */
import { checkFiness } from '../routing/practitioner-types.ts';

/** Why a text is no FINESS number: the words of each are a text. */
export type FinessFault = 'empty' | 'tooShort' | 'tooLong' | 'characters';

export type ReadFiness =
  /** `keyHolds` is false for a number that fails the Luhn check, which only doubts it; Corsican ones have no key. */
  | { readonly ok: true; readonly finess: string; readonly keyHolds: boolean }
  | { readonly ok: false; readonly fault: FinessFault };

/** Reads nine characters, in groups or not: `33 078 119 6`, `2A0000014`. */
export function readFiness(typed: string): ReadFiness {
  const check = checkFiness(typed.normalize('NFKC'));
  if (check.ok) return { ok: true, finess: check.value, keyHolds: check.warning === undefined };
  const { length } = typed.replace(/[\s.-]/g, '');
  if (length === 0) return { ok: false, fault: 'empty' };
  if (length < 9) return { ok: false, fault: 'tooShort' };
  return { ok: false, fault: length > 9 ? 'tooLong' : 'characters' };
}
