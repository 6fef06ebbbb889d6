import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromStored, readIdentifier, storedIdentifier, writeIdentifier } from './identifier.ts';

describe('an identifier as people type it', () => {
  it.each([
    ['10000000413', { kind: 'rpps', number: '10000000413', keyHolds: true }],
    ['810000000413', { kind: 'rpps', number: '10000000413', keyHolds: true }],
    ['1000 0000 413', { kind: 'rpps', number: '10000000413', keyHolds: true }],
    ['10000000414', { kind: 'rpps', number: '10000000414', keyHolds: false }],
    ['759300009', { kind: 'adeli', number: '759300009' }],
    ['0759300009', { kind: 'adeli', number: '759300009' }],
    ['2a9300009', { kind: 'adeli', number: '2A9300009' }],
  ])('%s is taken', (typed, identifier) => {
    expect(readIdentifier(typed)).toEqual(identifier);
  });

  it.each(['', '123', '1000000041', '910000000413', '2C9300009', 'ANS20210107161422', '8100000004134'])(
    '%s is not',
    (typed) => {
      expect(readIdentifier(typed)).toBeUndefined();
    },
  );
});

const rpps = fc.stringMatching(/^\d{11}$/).map((number) => ({ kind: 'rpps' as const, number }));
const adeli = fc.stringMatching(/^\d[0-9AB]\d{7}$/).map((number) => ({ kind: 'adeli' as const, number }));

describe('an identifier as it is stored', () => {
  it('is a number of its own, from which it comes back', () => {
    fc.assert(
      fc.property(fc.oneof(rpps, adeli), (identifier) => {
        const stored = storedIdentifier(identifier);
        expect(Number.isSafeInteger(stored)).toBe(true);
        expect(fromStored(stored)).toEqual(identifier);
      }),
    );
  });

  it('is the national identifier of an RPPS number', () => {
    expect(storedIdentifier({ kind: 'rpps', number: '10000000413' })).toBe(810_000_000_413);
  });

  it('is written the same from the extract', () => {
    fc.assert(
      fc.property(fc.oneof(rpps, adeli), ({ kind, number }) => {
        const bytes = Buffer.from(`|${number}|`);
        const out = Buffer.alloc(20);
        const code = (kind === 'rpps' ? '8' : '0').charCodeAt(0);
        const end = writeIdentifier(code, bytes, 1, bytes.length - 1, out, 2);
        expect(Number(out.toString('latin1', 2, end))).toBe(storedIdentifier({ kind, number }));
      }),
    );
  });

  it.each([
    ['8', '1000000041'],
    ['8', '1000000041A'],
    ['8', '759300009'],
    ['0', '75930000'],
    ['0', '7593A0009'],
    ['0', 'A59300009'],
    ['0', '2C9300009'],
    ['3', '10000000413'],
    ['', '10000000413'],
  ])('is not written for kind "%s" and number "%s"', (kind, number) => {
    const bytes = Buffer.from(number);
    expect(writeIdentifier(kind.charCodeAt(0), bytes, 0, bytes.length, Buffer.alloc(20), 0)).toBe(-1);
  });
});
