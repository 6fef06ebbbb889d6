import type { Clock } from '../clock.ts';

/** A clock that stands still until it is moved. */
export interface TestClock extends Clock {
  /** Moves to an ISO 8601 instant with its offset. */
  set(iso: string): void;
  /** Moves on by a number of milliseconds. */
  advance(milliseconds: number): void;
}

/** A clock standing at `iso`; by default a Monday at 10:00 in Paris, when every known line is open. */
export function testClock(iso = '2026-11-23T10:00:00+01:00'): TestClock {
  let instant = parse(iso);
  return {
    now: () => new Date(instant),
    set: (next) => {
      instant = parse(next);
    },
    advance: (milliseconds) => {
      instant += milliseconds;
    },
  };
}

function parse(iso: string): number {
  const instant = Date.parse(iso);
  if (Number.isNaN(instant)) throw new Error(`not an instant: ${iso}`);
  return instant;
}
