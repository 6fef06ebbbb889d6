import type { BoosterEncoding, Dose } from '../../certificates/dcc/dose-numbers.ts';

/** What of an injection tells which dose it is. */
export interface RecordedDose {
  readonly doseRank: number;
  readonly doseTotal: number;
}

/**
 * How a certificate numbers a dose of a record: `2/1` for a booster after a series of one dose, `3/3` or `3/2` after one
 * of two, as it was entered. The series ended with the first dose whose rank reached its total; a dose after it is a
 * booster, also when it was entered as the second of two.
 * @param before the doses before it, the earliest first.
 * @returns undefined when the numbers are not from 1 to 9, which no certificate can say.
 */
export function certifiedDose(
  { doseRank: rank, doseTotal: total }: RecordedDose,
  before: readonly RecordedDose[],
): { readonly dose: Dose; readonly booster: BoosterEncoding } | undefined {
  if ([rank, total].some((number) => number < 1 || number > 9)) return undefined;
  const last = before.find(({ doseRank, doseTotal }) => doseRank >= doseTotal && doseTotal >= 1);
  const isBooster = rank > total || (last !== undefined && rank > last.doseTotal);
  if (!isBooster) return { dose: { rank, primaryDoses: total }, booster: 'equal' };
  const primaryDoses = last === undefined ? total : Math.min(last.doseTotal, total);
  return { dose: { rank, primaryDoses }, booster: rank > total ? 'above' : 'equal' };
}
