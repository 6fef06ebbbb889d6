/** The only way the domain knows what time it is: handed in, never read from the machine. */
export interface Clock {
  /** The present instant. */
  now(): Date;
}

/** The machine's own clock. */
export const systemClock: Clock = { now: () => new Date() };

/** A clock that starts at `startsAt` when this is called, then runs at the machine's pace. */
export function clockStartingAt(startsAt: Date): Clock {
  const offset = startsAt.getTime() - Date.now();
  return { now: () => new Date(Date.now() + offset) };
}

/** The instant that a text is, in ISO 8601 with its offset: without one it would not be the same everywhere. */
export function readInstant(text: string): Date | undefined {
  const instant = new Date(text);
  return /T.*(Z|[+-]\d{2}:\d{2})$/.test(text) && !Number.isNaN(instant.getTime()) ? instant : undefined;
}
