import * as library from 'base45';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase45, encodeBase45 } from './base45.ts';

const characters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

describe('base45', () => {
  it('is that of its specification', () => {
    // RFC 9285, sections 4.3 and 4.4.
    for (const [plain, written] of [
      ['AB', 'BB8'],
      ['Hello!!', '%69 VD92EX0'],
      ['base-45', 'UJCLQE7W581'],
      ['ietf!', 'QED8WEX0'],
    ] as const) {
      const bytes = new Uint8Array(Buffer.from(plain));
      expect(encodeBase45(bytes)).toBe(written);
      expect(decodeBase45(written)).toEqual(bytes);
    }
    expect(decodeBase45('FGW')).toEqual(new Uint8Array([255, 255]));
    expect(decodeBase45('GGW')).toBeUndefined();
  });

  it('is written and read as another library does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 600 }), (bytes) => {
        const text = encodeBase45(bytes);
        expect(text).toBe(library.encode(bytes));
        expect(decodeBase45(text)).toEqual(bytes);
      }),
    );
  });

  it('takes no text that is not written in it', () => {
    const texts = fc.string({ unit: fc.constantFrom(...characters), maxLength: 12 });
    fc.assert(
      fc.property(texts, (text) => {
        const isWritten = text !== '' && library.encode(library.decode(text)) === text;
        expect(decodeBase45(text) !== undefined).toBe(isWritten);
      }),
      { numRuns: 2_000 },
    );
    for (const text of ['', 'A', 'ABCD', 'abc', 'AB\n', 'é00']) expect(decodeBase45(text)).toBeUndefined();
  });
});
