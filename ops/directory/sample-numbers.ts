/** A source of chance that is the same for the same seed (mulberry32). */
export interface Chance {
  /** A whole number from 0 to `limit` − 1. */
  below(limit: number): number;
  /** True that many times out of a hundred. */
  percent(share: number): boolean;
  /** One of them. */
  of<T>(values: readonly [T, ...T[]] | readonly T[]): T;
}

export function chance(seed: number): Chance {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    percent: (share) => next() * 100 < share,
    of: (values) => {
      const value = values[below(values.length)];
      if (value === undefined) throw new Error('nothing to choose from');
      return value;
    },
  };
}

/** The digits with the one that makes the whole valid (ISO/IEC 7812). */
export function withLuhnKey(digits: string): string {
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    const digit = digits.charCodeAt(digits.length - 1 - place) - 48;
    const doubled = place % 2 === 0 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

/** A valid RPPS number of its own for each index below a hundred million, in no visible order. */
export function sampleRpps(index: number): string {
  // 7 and 10 have no common divisor: every index gets another number.
  return withLuhnKey(`10${String((index * 38_196_607 + 41) % 100_000_000).padStart(8, '0')}`);
}

/** An ADELI number of its own for each index below ten million. */
export function sampleAdeli(department: string, index: number): string {
  return `${department.slice(0, 2)}93${String(index % 100_000).padStart(5, '0')}`;
}
