import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { theNir } from '../../testing/patients.ts';
import { keyOf } from './nir.ts';
import { type NirTraits, nirDisagreements } from './nir-agrees.ts';

/** The whole number of those first characters. */
function nirOf(start: string) {
  const number = `${start}${'001001'.slice(start.length - 7)}`.slice(0, 13);
  return theNir(number + String(keyOf(number)).padStart(2, '0'));
}

const two = (value: number) => String(value).padStart(2, '0');
const birth = fc.record({
  year: fc.integer({ min: 1900, max: 2025 }),
  month: fc.integer({ min: 1, max: 12 }),
  day: fc.integer({ min: 1, max: 28 }),
});
const sex = fc.constantFrom('female' as const, 'male' as const);
const place = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 95 }), fc.integer({ min: 1, max: 990 }))
    .filter(([department]) => department !== 20)
    .map(([department, commune]) => `${two(department)}${String(commune).padStart(3, '0')}`),
  fc.constantFrom('2A004', '2B033', '97101', '97411', '98818', '99351', '99100'),
);

/** Somebody, and the number that their birth gives them. */
const person = fc.record({ birth, sex, place }).map(({ birth: { year, month, day }, sex, place }) => {
  const traits: NirTraits = { sex, birthDate: `${year}-${two(month)}-${two(day)}`, birthPlace: place };
  const first = { female: 2, male: 1 }[sex];
  return { traits, first, year, month, place, number: `${first}${two(year % 100)}${two(month)}${place}` };
});

describe('a NIR beside an identity', () => {
  it('that gave it agrees', () => {
    fc.assert(
      fc.property(person, ({ traits, number }) => {
        expect(nirDisagreements(nirOf(`${number}001`), traits)).toEqual([]);
      }),
    );
  });

  it('of the other sex is told, also a provisional one; of an unknown sex nothing is', () => {
    const others = { female: ['1', '3', '7'], male: ['2', '4', '8'] } as const;
    fc.assert(
      fc.property(person, fc.nat({ max: 2 }), ({ traits, number }, which) => {
        const first = traits.sex === 'unknown' ? '1' : others[traits.sex][which];
        const nir = nirOf(`${first}${number.slice(1)}001`);
        expect(nirDisagreements(nir, traits)).toEqual(['sex']);
        expect(nirDisagreements(nir, { ...traits, sex: 'unknown' })).toEqual([]);
      }),
    );
  });

  it('of another year or month is told, and a month by convention is none', () => {
    fc.assert(
      fc.property(
        person,
        fc.integer({ min: 1, max: 99 }),
        fc.integer({ min: 1, max: 11 }),
        fc.constantFrom('20', '30', '35', '42', '50', '77', '99'),
        ({ traits, number, year, month }, years, months, convention) => {
          const otherYear = two((year + years) % 100);
          const otherMonth = two(((month - 1 + months) % 12) + 1);
          const nir = (yy: string, mm: string) => nirOf(`${number[0]}${yy}${mm}${number.slice(5)}001`);
          expect(nirDisagreements(nir(otherYear, two(month)), traits)).toEqual(['birthYear']);
          expect(nirDisagreements(nir(two(year % 100), otherMonth), traits)).toEqual(['birthMonth']);
          expect(nirDisagreements(nir(two(year % 100), convention), traits)).toEqual([]);
        },
      ),
    );
  });

  it('of another place is told, unless it is provisional or no place is known', () => {
    fc.assert(
      fc.property(person, ({ traits, number }) => {
        fc.pre(traits.birthDate >= '1976-01-01' && traits.birthPlace?.slice(0, 2) !== '69');
        const elsewhere = `${number.slice(0, 5)}69123001`;
        expect(nirDisagreements(nirOf(elsewhere), traits)).toEqual(['birthPlace']);
        expect(nirDisagreements(nirOf(elsewhere), { ...traits, birthPlace: null })).toEqual([]);
        const provisional = `${traits.sex === 'male' ? 7 : 8}${elsewhere.slice(1)}`;
        expect(nirDisagreements(nirOf(provisional), traits)).toEqual([]);
      }),
    );
  });

  it.each([
    ['Corsica before it was parted', '20004', '2A004', '1975-12-31', []],
    ['Corsica after', '20004', '2A004', '1976-01-01', ['birthPlace']],
    ['one half of Corsica for the other', '2A004', '2B033', '1990-05-05', ['birthPlace']],
    ['Seine before 1968', '75012', '92012', '1960-05-05', []],
    ['Paris for Hauts-de-Seine since', '75012', '92012', '1980-05-05', ['birthPlace']],
    ['Algeria before 1962', '91352', '99352', '1950-05-05', []],
    ['Essonne for abroad', '91352', '99352', '1980-05-05', ['birthPlace']],
    ['one overseas département for another', '97101', '97411', '1980-05-05', ['birthPlace']],
    ['another commune of the same département', '69123', '69266', '1980-05-05', []],
    ['one country for another, whose names change', '99351', '99100', '1980-05-05', []],
  ] as const)('%s', (_, ofNumber, birthPlace, birthDate, expected) => {
    const nir = nirOf(`2${birthDate.slice(2, 4)}${birthDate.slice(5, 7)}${ofNumber}001`);
    expect(nirDisagreements(nir, { sex: 'female', birthDate, birthPlace })).toEqual(expected);
  });
});
