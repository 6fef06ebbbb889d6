/**
 * Purpose: what a whole test run says, stores and sends is searched for the NIRs that tests use; a find fails its file.
 * Entry points: `nirWatch` (where texts are handed in), setup.ts (named in vitest.config.ts), `searchTables`.
 * May import: server/records/patients/nir.ts, Vitest, Fastify, pg.
 *
 * Why and where: docs/decisions/015-the-nir-is-looked-for-everywhere.md
 */
import { expect, inject } from 'vitest';
import { type KnownNumbers, knownNumbers } from './numbers.ts';

export interface NirFind {
  /** `a line of the log`, `column payload of public.outbox`, … */
  readonly place: string;
  /** What stands around it, every digit masked. */
  readonly around: string;
  /** The test that ran, if one did. */
  readonly test: string | undefined;
}

export interface NirWatch {
  readonly numbers: KnownNumbers;
  /** Searches a text that must hold no NIR. */
  look(place: string, text: string): void;
  /** What was found since this was last asked. */
  taken(): readonly NirFind[];
}

/** How much of the text is shown on each side of a find, in characters. */
const shown = 60;

/** @param currentTest names the test that runs. */
export function openWatch(
  numbers: KnownNumbers,
  currentTest: () => string | undefined = () => undefined,
): NirWatch {
  const finds: NirFind[] = [];
  return {
    numbers,
    look(place, text) {
      const found = numbers.findIn(text);
      if (!found) return;
      const { from, to } = found;
      finds.push({
        place,
        around: maskOf(`${text.slice(Math.max(0, from - shown), from)}[NIR]${text.slice(to, to + shown)}`),
        test: currentTest(),
      });
    },
    taken: () => finds.splice(0),
  };
}

/** Without digits, and without what may hold the number encoded. */
function maskOf(text: string): string {
  return text.replace(/[\w-]{18,}/g, '…').replace(/\d/g, '•');
}

/** @throws Error naming every place where a NIR was found, never the NIR. */
export function refuseFinds(watch: NirWatch): void {
  const finds = watch.taken();
  if (finds.length === 0) return;
  const said = new Set(
    finds.map(({ place, around, test }) => `${place}, ${test ? `in “${test}”` : 'between tests'}: ${around}`),
  );
  throw new Error(`a NIR stands where none may (docs/decisions/015):\n${[...said].join('\n')}`);
}

/** This test file's own watch: what setup.ts and the shared parts of tests hand their texts to. */
export const nirWatch = openWatch(knownNumbers(inject('nirs')), () => expect.getState().currentTestName);
