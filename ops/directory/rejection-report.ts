import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import type { Rejection } from '#server/directory/parse-extract.ts';

export interface RejectionReport {
  add(rejection: Rejection): void;
  /** Writes what remains. @returns the file; undefined when nothing was rejected, or it could not be written. */
  close(): string | undefined;
}

const flushLength = 64 * 1024;

/**
 * Lists every rejected line in a file, `line,code,reason`, which is there only when there is something to list. No
 * value of the extract is repeated: a misaligned row may hold an address or a phone number anywhere.
 * @param onError hears once that the file cannot be written; the import goes on without it.
 */
export function rejectionReport(
  file: string,
  describe: (rejection: Rejection) => string,
  onError: (error: unknown) => void,
): RejectionReport {
  let descriptor: number | undefined;
  let failed = false;
  let text = 'line,code,reason\n';
  // What an earlier import left there is not about this one.
  attempt(() => rmSync(file, { force: true }));

  function attempt(act: () => void): void {
    if (failed) return;
    try {
      act();
    } catch (error) {
      failed = true;
      onError(error);
    }
  }

  function flush(): void {
    attempt(() => {
      descriptor ??= openSync(file, 'w');
      writeSync(descriptor, text);
    });
    text = '';
  }

  let added = false;
  return {
    add(rejection) {
      added = true;
      text += `${rejection.line},${rejection.code},"${describe(rejection).replaceAll('"', '""')}"\n`;
      if (text.length >= flushLength) flush();
    },
    close() {
      if (added) flush();
      if (descriptor !== undefined) closeSync(descriptor);
      return added && !failed ? file : undefined;
    },
  };
}
