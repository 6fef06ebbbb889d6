import { describe, expect, it } from 'vitest';
import { doseNumbers } from '../../certificates/dcc/dose-numbers.ts';
import { certifiedDose } from './certified-dose.ts';

const dose = (written: string) => {
  const [doseRank = 0, doseTotal = 0] = written.split('/').map(Number);
  return { doseRank, doseTotal };
};

describe('the numbers of a dose on a certificate', () => {
  it.each([
    ['1/2', '', '1/2'],
    ['2/2', '1/2', '2/2'],
    ['1/1', '', '1/1'],
    // After a series of one dose, however it was entered: never 2/2.
    ['2/1', '1/1', '2/1'],
    ['2/2', '1/1', '2/1'],
    ['3/3', '1/1 2/1', '3/1'],
    // After a series of two, as it was entered.
    ['3/3', '1/2 2/2', '3/3'],
    ['3/2', '1/2 2/2', '3/2'],
    ['4/4', '1/2 2/2 3/3', '4/4'],
    // A series of three is no booster, and says the same.
    ['3/3', '1/3 2/3', '3/3'],
    ['2/3', '1/3', '2/3'],
    // Whose first doses stand in no record.
    ['3/2', '', '3/2'],
    ['2/1', '', '2/1'],
  ])('%s after "%s" is %s', (written, before, expected) => {
    const certified = certifiedDose(dose(written), before === '' ? [] : before.split(' ').map(dose));
    if (!certified) throw new Error('it is to be certified');
    const { dn, sd } = doseNumbers(certified.dose, certified.booster);
    expect(`${dn}/${sd}`).toBe(expected);
  });

  it('are none beyond nine', () => {
    expect(certifiedDose(dose('10/9'), [])).toBeUndefined();
  });
});
