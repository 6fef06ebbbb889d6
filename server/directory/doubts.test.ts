import { describe, expect, it } from 'vitest';
import { canBeForced, doubtsAboutContent } from './doubts.ts';

const read = (professionals: number, rejected = 0, rows = 1000) => ({ rows, rejected, professionals });

describe('what was read', () => {
  it('is in no doubt when it holds at least four fifths of the professionals there were', () => {
    expect(doubtsAboutContent(read(800), 1000)).toEqual([]);
    expect(doubtsAboutContent(read(5000), 1000)).toEqual([]);
    expect(doubtsAboutContent(read(1), undefined)).toEqual([]);
  });

  it('is in doubt with fewer', () => {
    expect(doubtsAboutContent(read(799), 1000)).toEqual([{ code: 'fewer', before: 1000, now: 799 }]);
  });

  it('is in doubt when it holds nobody', () => {
    expect(doubtsAboutContent(read(0, 0, 0), undefined)).toEqual([{ code: 'empty' }]);
    expect(doubtsAboutContent(read(0, 0, 0), 1000)).toEqual([{ code: 'empty' }]);
  });

  it('is in doubt when more than a fifth of it was rejected', () => {
    expect(doubtsAboutContent(read(800, 250), undefined)).toEqual([]);
    expect(doubtsAboutContent(read(800, 251), undefined)).toEqual([
      { code: 'rejected', rejected: 251, rows: 1251 },
    ]);
  });

  it('may be forced, unless it cannot be understood', () => {
    expect(canBeForced({ code: 'fewer', before: 2, now: 1 })).toBe(true);
    expect(canBeForced({ code: 'rejected', rejected: 1, rows: 1 })).toBe(true);
    expect(canBeForced({ code: 'missing', columns: [] })).toBe(true);
    expect(canBeForced({ code: 'empty' })).toBe(false);
    expect(canBeForced({ code: 'unusable', columns: [] })).toBe(false);
    expect(canBeForced({ code: 'repeated', columns: [] })).toBe(false);
  });
});
