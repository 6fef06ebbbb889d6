import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { departmentCode } from './department.ts';
import {
  departmentOfKey,
  nameKey,
  numberLength,
  packedLetters,
  packSearchKey,
  searchRange,
  writeNumber,
} from './search-key.ts';

/** The key of a line with these values. */
function keyOf(department: string, familyName: string, givenName = ''): number {
  const bytes = Buffer.from(`${familyName}|${givenName}|`);
  const second = Buffer.byteLength(familyName) + 1;
  return packSearchKey(
    bytes,
    departmentCode(department),
    { from: 0, to: second - 1 },
    { from: second, to: bytes.length - 1 },
  );
}

const isFound = (typed: readonly [string, string], key: number) => {
  const { from, to } = searchRange(...typed);
  return from <= key && key < to;
};

const names = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom(..."aZ9 -’'éÈÿÆœßØ×÷Đłe\u0301") }),
);
const departmentCodes = fc.constantFrom('01', '33', '95', '2A', '2B', '971', '988', '', 'abroad');

describe('the form in which names are compared', () => {
  it.each([
    ['DUPONT', 'DUPONT'],
    ['Élodie', 'ELODIE'],
    ['  Jean--Pierre ', 'JEAN PIERRE'],
    ['D’Ormesson', 'D ORMESSON'],
    ["D'ORMESSON", 'D ORMESSON'],
    ['Œuvrard', 'OEUVRARD'],
    ['Læticia', 'LAETICIA'],
    ['Strauß', 'STRAUSS'],
    ['Ñuñez', 'NUNEZ'],
    ['Łukasz', 'LUKASZ'],
    ['E\u0301lodie', 'ELODIE'],
    ['李', ''],
    ['', ''],
  ])('of %j is %j', (name, key) => {
    expect(nameKey(name)).toBe(key);
  });
});

describe('a search key', () => {
  it.each([
    ['le goff', '33', 'LE GOFF', 'Anne'],
    ['Le Goff an', '33', 'LE GOFF', 'Anne'],
    ['guerin', '2A', 'GUÉRIN', 'Noël'],
    ['dœuv', '971', 'DŒUVRE', 'Inès'],
    ['d oe', '', "D'ŒUVRE", 'Inès'],
    ['martin m', '33', 'MARTIN', 'Marie'],
    ['marie', '33', '', 'Marie'],
  ])('is in the range of what was typed: %s (%s)', (typed, department, familyName, givenName) => {
    expect(isFound([department, typed], keyOf(department, familyName, givenName))).toBe(true);
  });

  it.each([
    ['goff', '33', 'LE GOFF', '33'],
    ['dupont', '33', 'DUPOND', '33'],
    ['dupont', '33', 'DUPONT', '34'],
    ['dupont', '97', 'DUPONT', '971'],
    ['dupont', '33', 'DUPONT', ''],
    ['dupont', '2A', 'DUPONT', '2B'],
    ['martinez', '33', 'MARTIN', '33'],
  ])('is not in that of another: %s (%s) and %s (%s)', (typed, department, familyName, theirs) => {
    expect(isFound([department, typed], keyOf(theirs, familyName, 'Marie'))).toBe(false);
  });

  it('is in a range exactly when the département is the same and the names begin so', () => {
    fc.assert(
      fc.property(
        departmentCodes,
        departmentCodes,
        names,
        names,
        fc.nat(12),
        (one, other, family, given, length) => {
          const whole = nameKey(`${family} ${given}`);
          const typed = whole.slice(0, length);
          const begins = (name: string) =>
            nameKey(name).slice(0, packedLetters).startsWith(nameKey(typed).slice(0, packedLetters));
          expect(isFound([one, typed], keyOf(one, family, given))).toBe(true);
          expect(isFound([one, typed], keyOf(other, given, family))).toBe(
            one === other && begins(`${given} ${family}`),
          );
        },
      ),
    );
  });

  it('says when names beyond its letters have to be compared', () => {
    expect(searchRange('33', 'DE LA TOU').exact).toBe(true);
    expect(searchRange('33', 'DE LA TOUR').exact).toBe(false);
  });

  it('is a whole number that doubles hold', () => {
    fc.assert(
      fc.property(departmentCodes, names, names, (department, family, given) =>
        Number.isSafeInteger(keyOf(department, family, given)),
      ),
    );
    expect(Number.isSafeInteger(searchRange('', 'ZZZZZZZZZ').to)).toBe(true);
  });

  it('holds the département', () => {
    fc.assert(
      fc.property(departmentCodes, names, (department, family) => {
        expect(departmentOfKey(keyOf(department, family))).toBe(departmentCode(department));
      }),
    );
  });

  it('grows with the name within a département', () => {
    const inOrder = ['', 'A', 'A B', 'AB', 'DUPONT', 'DUPONT M', 'DUPONTEL', 'ZZ'];
    const keys = inOrder.map((name) => keyOf('33', name));
    expect(keys).toEqual([...keys].sort((a, b) => a - b));
  });
});

describe('a number', () => {
  it('is written in as many digits, whatever it is', () => {
    const numbers = fc.oneof(
      fc.maxSafeNat(),
      fc.nat(1e9),
      fc.constantFrom(0, 9, 10, 99999999, 1e8, 2 ** 53 - 1),
    );
    fc.assert(
      fc.property(numbers, (value) => {
        const out = Buffer.alloc(20, '#');
        expect(writeNumber(value, out, 2)).toBe(2 + numberLength);
        expect(out.toString('latin1')).toBe(`##${String(value).padStart(numberLength, '0')}##`);
      }),
    );
  });
});
