/**
 * Purpose: whether a name as somebody says it may be a name as it was written: accents, hyphens, half of a double
 * name, the used one instead of that of birth, a slip of the finger.
 * Entry points: `nameKey`, `familyNameFits`, `givenNamesFit`.
 * May import: the directory's form of names.
 */
import { nameKey } from '../../directory/search-key.ts';

export { nameKey };

/** The keys of a patient's names, as stored. */
export interface NameKeys {
  readonly familyNameKey: string;
  readonly givenNamesKey: string;
  readonly usedFamilyNameKey: string | null;
  readonly usedGivenName: string | null;
}

/** Whether the family name asked for, as a key, may be the patient's of birth or the used one. */
export function familyNameFits(asked: string, { familyNameKey, usedFamilyNameKey }: NameKeys): boolean {
  return [familyNameKey, usedFamilyNameKey].some((written) => written !== null && isLike(asked, written));
}

/** Whether the first names asked for, as a key, may be some of the patient's, in whatever order. */
export function givenNamesFit(asked: string, { givenNamesKey, usedGivenName }: NameKeys): boolean {
  return [givenNamesKey, nameKey(usedGivenName ?? '')].some(
    (written) => written !== '' && isLike(asked, written),
  );
}

/** All words of one are among the other's, or both are the same but for spaces, or for one slip. */
function isLike(one: string, other: string): boolean {
  const [first, second] = [one.split(' '), other.split(' ')];
  const within = (some: readonly string[], all: readonly string[]) =>
    some.every((word) => all.some((each) => isSlip(word, each)));
  if (one === '' || other === '') return false;
  return (
    within(first, second) ||
    within(second, first) ||
    isSlip(one.replaceAll(' ', ''), other.replaceAll(' ', ''))
  );
}

/** Words shorter than this differ by a letter because they are others: MARTIN and MARTINE do not, LEA and LENA do. */
const slipLength = 5;

/** The same, or with one letter more, less, another or two exchanged. */
function isSlip(one: string, other: string): boolean {
  if (one === other) return true;
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (short.length < slipLength || long.length - short.length > 1) return false;
  let same = 0;
  while (same < short.length && short[same] === long[same]) same++;
  if (short.slice(same) === long.slice(same + 1)) return true;
  if (short.length < long.length) return false;
  if (short.slice(same + 1) === long.slice(same + 1)) return true;
  return (
    short[same] === long[same + 1] &&
    short[same + 1] === long[same] &&
    short.slice(same + 2) === long.slice(same + 2)
  );
}
