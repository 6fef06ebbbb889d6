import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatNir, keyOf, maskNir, readNir } from './nir.ts';

/** Published examples. */
const valid = ['295109912611193', '163127847704294', '262087503203977', '253072B07300470', '253072A07300443'];

const digits = (length: number) =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
    .map((all) => all.join(''));

/** Any number with its right key. */
const anyNir = fc
  .record({
    kind: fc.integer({ min: 1, max: 8 }),
    year: digits(2),
    month: fc.constantFrom('01', '12', '20', '30', '42', '50', '99'),
    department: fc.oneof(digits(2), fc.constantFrom('2A', '2B')),
    rest: digits(6),
  })
  .map(({ kind, year, month, department, rest }) => {
    const number = `${kind}${year}${month}${department}${rest}`;
    return number + String(keyOf(number)).padStart(2, '0');
  });

const fault = (typed: string) => {
  const read = readNir(typed);
  return read.ok ? undefined : read.fault;
};

describe('a NIR', () => {
  it.each(valid)('%s is one', (number) => {
    expect(readNir(number)).toMatchObject({ ok: true, nir: number });
  });

  it('is read in groups, in small letters, in full-width digits, and copied with what came along', () => {
    for (const typed of [
      '2 53 07 2b 073 004 70',
      ' 2-53-07-2B-073-004 / 70 ',
      '２53072B07300470',
      '2\u00a053\u202f07.2B.073.004.70\u200b',
    ])
      expect(readNir(typed)).toMatchObject({ ok: true, nir: '253072B07300470' });
  });

  it('says what its first digit says', () => {
    expect(readNir('295109912611193')).toMatchObject({ sex: 'female', provisional: false });
    expect(readNir('163127847704294')).toMatchObject({ sex: 'male', provisional: false });
    const number = '7951099126111';
    expect(readNir(`${number}${String(keyOf(number)).padStart(2, '0')}`)).toMatchObject({
      sex: 'male',
      provisional: true,
    });
  });

  it('is refused for a reason', () => {
    expect(fault('295109912611199')).toBe('key');
    expect(fault('  ')).toBe('empty');
    expect(fault('29510991261119')).toBe('tooShort');
    expect(fault('2951099126111')).toBe('keyMissing');
    expect(fault('2951099126111930')).toBe('tooLong');
    expect(fault('29510991261119X')).toBe('characters');
    expect(fault('095109912611193')).toBe('kind');
    expect(fault('995109912611193')).toBe('kind');
    expect(fault('295139912611193')).toBe('month');
    expect(fault('295109A12611193')).toBe('department');
  });

  it('is never anything of which one digit is wrong', () => {
    fc.assert(
      fc.property(anyNir, fc.nat({ max: 14 }), fc.integer({ min: 1, max: 9 }), (number, place, by) => {
        const was = number.charAt(place);
        fc.pre(/\d/.test(was) && !(place === 5 && /[AB]/.test(number)));
        const wrong = number.slice(0, place) + ((Number(was) + by) % 10) + number.slice(place + 1);
        // 97 divides no power of ten times 1 to 9: the key sees each.
        expect(readNir(wrong).ok).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('is never anything of which two neighbouring digits changed places', () => {
    fc.assert(
      fc.property(anyNir, fc.nat({ max: 13 }), (number, place) => {
        const [one, other] = [number.charAt(place), number.charAt(place + 1)];
        fc.pre(/\d/.test(one) && /\d/.test(other) && one !== other);
        // A letter of Corsica stands for a lesser number, and its 2 cannot move.
        fc.pre(!(place + 1 === 5 && /[AB]/.test(number)));
        const wrong = number.slice(0, place) + other + one + number.slice(place + 2);
        expect(readNir(wrong).ok).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('is shown in the groups of the card, and hidden but for two things', () => {
    const read = readNir('253072B07300470');
    if (!read.ok) throw new Error('it is one');
    expect(formatNir(read.nir)).toBe('2\u00a053\u00a007\u00a02B\u00a0073\u00a0004\u00a070');
    expect(maskNir(read.nir).replace(/\D/g, '')).toBe('270');
    expect(readNir(formatNir(read.nir))).toMatchObject({ ok: true, nir: read.nir });
  });
});
