import { encode } from 'cbor2';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCbor, tagged, writeCbor } from './cbor.ts';

const leaf = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ maxLength: 30 }),
  fc.maxSafeInteger(),
  fc.integer({ min: -70_000, max: 70_000 }),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 2_000 }),
);
const { value: values } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('value'), { maxLength: 30 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 30 }),
    fc.array(fc.tuple(fc.oneof(fc.integer(), fc.string()), tie('value'))).map((pairs) => new Map(pairs)),
    tie('value').map((value) => tagged(18, value)),
  ),
}));

describe('a value in CBOR', () => {
  it('is written as the library writes it, and read again', () => {
    fc.assert(
      fc.property(values, (value) => {
        const written = writeCbor(value);
        expect(Buffer.from(written).toString('hex')).toBe(Buffer.from(encode(value)).toString('hex'));
        expect(writeCbor(readCbor(written))).toEqual(written);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps what it wrote before', () => {
    const first = writeCbor('one');
    writeCbor('two');
    expect(readCbor(first)).toBe('one');
  });
});
