import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkFiness,
  checkRpps,
  isSameFiness,
  professions,
  registrationAuthority,
  settingOfSector,
} from './practitioner-types.ts';

describe('an RPPS number', () => {
  test('is 11 digits whose last is a Luhn key', () => {
    expect(checkRpps('10003456786')).toEqual({ ok: true, value: '10003456786' });
  });

  test('with a wrong key is doubtful, never refused', () => {
    expect(checkRpps('10003456785')).toEqual({ ok: true, value: '10003456785', warning: 'checksum' });
    // Two neighbouring digits swapped.
    expect(checkRpps('10003456768')).toEqual({ ok: true, value: '10003456768', warning: 'checksum' });
  });

  test('may be typed as the 12-digit national identifier, or with spaces', () => {
    expect(checkRpps('810003456786')).toEqual({ ok: true, value: '10003456786' });
    expect(checkRpps(' 8 10 003 456 786 ')).toEqual({ ok: true, value: '10003456786' });
    expect(checkRpps('1000\u00a0345\u202f6786')).toEqual({ ok: true, value: '10003456786' });
  });

  test('is not anything else', () => {
    for (const typed of [
      '',
      '1000345678',
      '710003456786',
      '8100034567862',
      'ANS20210107161422',
      '٠٠٠٠٠٠٠٠٠٠٠',
    ]) {
      expect(checkRpps(typed), typed).toEqual({ ok: false, problem: 'format' });
    }
  });
});

describe('a FINESS number', () => {
  test('is 9 digits whose last is a Luhn key, doubtful when it is not', () => {
    expect(checkFiness('750712184')).toEqual({ ok: true, value: '750712184' });
    expect(checkFiness('750712185')).toEqual({ ok: true, value: '750712185', warning: 'checksum' });
  });

  test('is doubted with any one digit wrong, in groups or not', () => {
    expect(checkFiness('33 078 119 6')).toEqual({ ok: true, value: '330781196' });
    fc.assert(
      fc.property(fc.nat({ max: 8 }), fc.integer({ min: 1, max: 9 }), (place, by) => {
        const number = '330781196';
        const wrong = number.slice(0, place) + ((Number(number[place]) + by) % 10) + number.slice(place + 1);
        expect(checkFiness(wrong)).toEqual({ ok: true, value: wrong, warning: 'checksum' });
      }),
    );
  });

  test('has a letter in Corsica, where no key applies', () => {
    expect(checkFiness('2a0000014')).toEqual({ ok: true, value: '2A0000014' });
    expect(checkFiness('2B0000019')).toEqual({ ok: true, value: '2B0000019' });
  });

  test('is the same however it was typed, and nothing is the same as none', () => {
    expect(isSameFiness('2a 000 001 4', '2A0000014')).toBe(true);
    expect(isSameFiness('750712184', '750712185')).toBe(false);
    expect(isSameFiness(undefined, undefined)).toBe(false);
  });

  test('is not anything else', () => {
    for (const typed of [
      '',
      '33078119',
      '3307811966',
      'AA0781196',
      '75071218',
      '7507121844',
      'A50712184',
      '75A712184',
      '50000000181564',
    ]) {
      expect(checkFiness(typed), typed).toEqual({ ok: false, problem: 'format' });
    }
  });
});

describe('who holds the contact details', () => {
  test.each([
    ['10', 'cnom'],
    ['21', 'cnop'],
    ['40', 'oncd'],
    ['50', 'cnosf'],
    ['60', 'oni'],
    ['70', 'cnomk'],
    ['80', 'onpp'],
    ['91', 'ars'],
    ['38', 'ars'],
    ['none', 'employer'],
    ['97', 'ars'],
  ])('of profession %s is %s', (profession, authority) => {
    expect(registrationAuthority(profession)).toBe(authority);
  });

  test('of a military professional is the SSA, of a student the Ordre', () => {
    expect(registrationAuthority('10', 'M')).toBe('ssa');
    expect(registrationAuthority('10', 'E')).toBe('cnom');
    expect(registrationAuthority('10', 'C')).toBe('cnom');
  });

  test('no profession is listed twice', () => {
    expect(new Set(professions.map(({ code }) => code)).size).toBe(professions.length);
  });
});

test('only some sectors tell the place', () => {
  expect(settingOfSector('SA01')).toBe('establishment');
  expect(settingOfSector('SA07')).toBe('practice');
  expect(settingOfSector('SA33')).toBe('practice');
  expect(settingOfSector('SA05')).toBeUndefined();
  expect(settingOfSector(undefined)).toBeUndefined();
});
