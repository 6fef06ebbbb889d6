import { describe, expect, test } from 'vitest';
import { holdsSocialSecurityNumber } from './social-security-number.ts';

describe('a social security number', () => {
  test.each([
    '295109912611193',
    '163127847704294',
    '262087503203977',
    '253072B07300470',
    '253072A07300443',
    '253072a07300443',
    '2 95 10 99 126 111 93',
    '2 95 10 99 126 111 93',
    '2.95.10.99.126.111.93',
    '2 95 10 99 126 111 / 93',
    'Mon numéro est 295109912611193, merci.',
    'Tél. 0612345678 295109912611193',
    '２９５１０９９１２６１１１９３',
  ])('is recognised in %j', (text) => {
    expect(holdsSocialSecurityNumber(text)).toBe(true);
  });

  test.each([
    ['a wrong key', '295109912611199'],
    ['no such month', '295139912611193'],
    ['part of a longer number', '1295109912611193'],
    ['an RPPS number', '10003456789'],
    ['the identifier of an e-CPS', '810003456789'],
    ['telephone numbers', '06 12 34 56 78, 07 12 34 56 78, +33 1 23 45 67 89'],
    ['the equipment number of a telephone', '356938035643809'],
    ['a date and a time', '2026-11-23 10:00:00.123'],
    ['nothing', ''],
  ])('is not seen in %s', (_, text) => {
    expect(holdsSocialSecurityNumber(text)).toBe(false);
  });
});
