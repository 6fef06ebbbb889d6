import { describe, expect, it } from 'vitest';
import type { ImportProgress } from '#server/directory/import-directory.ts';
import { duration, progressDisplay, progressText } from './progress.ts';

const reading = (share: number, rows = 0, rejected = 0): ImportProgress => ({
  phase: 'reading',
  share,
  rows,
  rejected,
});

describe('how far an import is', () => {
  it('tells the share, the rows, the rate and what is left', () => {
    expect(progressText(reading(0.25, 600_000), 3000)).toBe(
      '[######                  ]  25 %  600,000 rows  200,000 rows/s  9 s left',
    );
  });

  it('promises nothing in the first second', () => {
    expect(progressText(reading(0.01, 10), 50)).toBe('[                        ]   1 %  10 rows');
  });

  it('tells what was rejected, and what is done after reading', () => {
    expect(progressText({ phase: 'indexing', share: 1, rows: 5, rejected: 2 }, 9000)).toBe(
      '[########################] 100 %  5 rows  2 rejected  building the indexes',
    );
  });

  it.each([
    [0.2, '1 s'],
    [59, '59 s'],
    [125, '2 min 05 s'],
    [7200, '120 min 00 s'],
  ])('says %d seconds as %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});

describe('the display', () => {
  function shown(terminal: { isTTY?: boolean; columns?: number }) {
    const written: string[] = [];
    let now = 0;
    const display = progressDisplay({ ...terminal, write: (text) => written.push(text) }, () => now);
    return { display, written, later: (ms: number) => (now += ms) };
  }

  it('on a terminal draws one line again, at most ten times a second and within the width', () => {
    const { display, written, later } = shown({ isTTY: true, columns: 40 });
    for (let n = 0; n <= 100; n++) {
      display.show(reading(n / 100, n));
      later(20);
    }
    expect(written.length).toBeLessThan(25);
    for (const text of written) {
      expect(text.startsWith('\r')).toBe(true);
      expect(text).not.toContain('\n');
      expect(text.length).toBeLessThan(40 + 4);
    }
    display.end();
    expect(written.at(-1)).toBe('\n');
  });

  it('elsewhere writes a plain line for each tenth, and for what comes after', () => {
    const { display, written, later } = shown({});
    for (let n = 0; n <= 100; n++) {
      display.show(reading(n / 100, n));
      later(20);
    }
    display.show({ phase: 'indexing', share: 1, rows: 100, rejected: 0 });
    display.show({ phase: 'indexing', share: 1, rows: 100, rejected: 0 });
    display.end();
    expect(written).toHaveLength(12);
    for (const text of written) expect(text).toMatch(/^\[[# ]{24}\][^\p{Cc}]+\n$/u);
  });
});
