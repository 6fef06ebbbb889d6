import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitLines } from './lines.ts';

type Told =
  | { readonly number: number; readonly text: string; readonly utf8: boolean }
  | { readonly tooLong: number };

function read(chunks: readonly Buffer[], limit = 100): readonly Told[] {
  const told: Told[] = [];
  const lines = splitLines(
    {
      line: (bytes, from, to, number, utf8) => {
        told.push({ number, text: bytes.toString('latin1', from, to), utf8 });
      },
      tooLong: (number) => {
        told.push({ tooLong: number });
      },
    },
    limit,
  );
  for (const chunk of chunks) lines.push(chunk);
  lines.end();
  return told;
}

const ok = (number: number, text: string) => ({ number, text, utf8: true });

describe('parting bytes into lines', () => {
  it('takes LF and CRLF, and a last line without an end', () => {
    expect(read([Buffer.from('a\nb\r\n\r\nc')])).toEqual([ok(1, 'a'), ok(2, 'b'), ok(3, ''), ok(4, 'c')]);
  });

  it('tells nothing of an empty file, and no line after the last end', () => {
    expect(read([])).toEqual([]);
    expect(read([Buffer.from('a\n')])).toEqual([ok(1, 'a')]);
  });

  it('leaves out what is too long, wherever it is cut, and goes on', () => {
    const long = 'x'.repeat(101);
    const expected = [ok(1, 'a'), { tooLong: 2 }, ok(3, 'b')];
    expect(read([Buffer.from(`a\n${long}\nb`)])).toEqual(expected);
    expect(read(['a\n', long, long, '\nb'].map((text) => Buffer.from(text)))).toEqual(expected);
    expect(read([Buffer.from('x'.repeat(101))])).toEqual([{ tooLong: 1 }]);
  });

  it('takes a line of exactly the limit, also with a CR behind it', () => {
    const line = 'x'.repeat(100);
    expect(read([Buffer.from(`${line}\n${line}\r\n`)])).toEqual([ok(1, line), ok(2, line)]);
    for (let cut = 0; cut <= 102; cut += 1) {
      const bytes = Buffer.from(`${line}\r\n${line}x\r\n`);
      expect(read([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual([ok(1, line), { tooLong: 2 }]);
    }
  });

  it('says which lines are not UTF-8', () => {
    const told = read([Buffer.from('bon\nmau\xe9\nbon\n', 'latin1')]);
    expect(told.map((line) => 'utf8' in line && line.utf8)).toEqual([true, false, true]);
  });

  it('tells the same however the bytes come', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', '\n', '\r', 'é', '€', '|'), maxLength: 60 });
    fc.assert(
      fc.property(letters, fc.array(fc.nat(60), { maxLength: 6 }), (text, cuts) => {
        const bytes = Buffer.from(text);
        const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort(
          (a, b) => a - b,
        );
        const chunks = places.slice(1).map((to, index) => bytes.subarray(places[index], to));
        expect(read(chunks, 10)).toEqual(read([bytes], 10));
      }),
    );
  });
});
