import { describe, expect, test } from 'vitest';
import { canonicalZone, inForce, isoIn, localDate } from './time-zones.ts';

describe('a time zone', () => {
  test('is known by its IANA name, however it is capitalised', () => {
    expect(canonicalZone('Europe/Paris')).toBe('Europe/Paris');
    expect(canonicalZone('pacific/noumea')).toBe('Pacific/Noumea');
  });

  test('is neither an unknown name nor a bare offset nor a sentence', () => {
    for (const typed of [
      '',
      'Paris',
      'Europe/Lutece',
      '+04:00',
      '<script>',
      'Europe/Paris\0',
      'a'.repeat(1000),
    ]) {
      expect(canonicalZone(typed), typed).toBeUndefined();
    }
  });
});

test('a caller in Nouméa is already on the next date', () => {
  const evening = new Date('2026-04-05T19:30:00+02:00');
  expect(localDate('Europe/Paris', evening)).toBe('2026-04-05');
  expect(localDate('Pacific/Noumea', evening)).toBe('2026-04-06');
  expect(isoIn('Pacific/Noumea', evening)).toBe('2026-04-06T04:30:00+11:00');
});

test('a period holds from its first day to the eve of its bound', () => {
  const spring = { validFrom: '2026-03-01', validTo: '2026-06-01' };
  expect(
    ['2026-02-28', '2026-03-01', '2026-05-31', '2026-06-01'].map((date) => inForce(spring, date)),
  ).toEqual([false, true, true, false]);
  expect(inForce({ validFrom: null, validTo: null }, '1999-01-01')).toBe(true);
});
