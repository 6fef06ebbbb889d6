/** A dose among those of its series. */
export interface Dose {
  /** From 1, boosters counted on. */
  readonly rank: number;
  /** How many doses the primary series takes: one for one-dose vaccines, or after an infection. */
  readonly primaryDoses: number;
}

/** How a booster after a series of several doses is written: `3/3` as the Union's regulation says, or `3/2`. */
export type BoosterEncoding = 'equal' | 'above';

/**
 * The two numbers of a certificate (`dn`, `sd`): 1/2, 2/2 in the series; 2/1 for a booster after a series of one dose,
 * so that it is not taken for the end of a series of two; then 3/3, or 3/2 where `above` is chosen.
 * @throws RangeError unless both are whole numbers from 1 to 9.
 */
export function doseNumbers(
  { rank, primaryDoses }: Dose,
  booster: BoosterEncoding = 'equal',
): { readonly dn: number; readonly sd: number } {
  for (const number of [rank, primaryDoses]) {
    if (!Number.isInteger(number) || number < 1 || number > 9) {
      throw new RangeError(`a dose is numbered from 1 to 9, not ${number}`);
    }
  }
  if (rank <= primaryDoses || primaryDoses === 1 || booster === 'above')
    return { dn: rank, sd: primaryDoses };
  return { dn: rank, sd: rank };
}

export type DoseState = 'in_series' | 'complete' | 'booster';

/** What the two numbers of a certificate say, whoever wrote them. */
export function doseState({ dn, sd }: { readonly dn: number; readonly sd: number }): DoseState {
  if (dn < sd) return 'in_series';
  return dn > sd || dn >= 3 ? 'booster' : 'complete';
}
