import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pathOf } from './boundaries.ts';
import { projectRoot, readSource, readSourceFile, sourceFiles } from './source.ts';

/** A file that does not fit does two things; tests may list more cases than the code has lines. */
const longest = { code: 350, test: 600 };

const files = sourceFiles('server', 'workers', 'ops');
const isTest = (file: string) => file.endsWith('.test.ts');

/** Calls that leave tests out. `skipIf` stays: it asks what the machine has, and the title must then say why. */
function leftOut(code: string): readonly string[] {
  return [...code.matchAll(/\b(?:it|test|describe)(?:\.each\([^)]*\))?\.(?:only|skip|todo|fails)\b/g)].map(
    ([call]) => call,
  );
}

describe('every source file', () => {
  it('fits in a few screens', () => {
    const tooLong = files.filter((file) => {
      const lines = readFileSync(join(projectRoot, file), 'utf8').trimEnd().split('\n').length;
      return lines > (isTest(file) ? longest.test : longest.code);
    });
    expect(tooLong).toEqual([]);
  });

  it('imports only files that are there', () => {
    const missing = files.flatMap((file) =>
      readSourceFile(file)
        .imports.map(({ specifier }) => pathOf(specifier, file))
        .filter((path) => path !== undefined && !existsSync(join(projectRoot, path)))
        .map((path) => `${file} imports ${path}`),
    );
    expect(missing).toEqual([]);
  });

  it('runs all its tests', () => {
    const faults = files
      .filter(isTest)
      .flatMap((file) => leftOut(readSourceFile(file).code).map((call) => `${file}: ${call}`));
    expect(faults).toEqual([]);
  });

  it('would be found out leaving a test out', () => {
    const { code } = readSource("it.only('a', f); it.each(['b'])('b', f); describe.skip('c', f); // it.skip");
    expect(leftOut(code)).toEqual(['it.only', 'describe.skip']);
  });
});

describe('every folder of the server', () => {
  it('opens with what it is for, how to enter it and what it may import', () => {
    const folders = new Set(files.filter((file) => /^(server|workers)\//.test(file)).map(dirname));
    const mute = [...folders].filter(
      (folder) =>
        !/testing|flows/.test(folder) &&
        !files.some(
          (file) =>
            dirname(file) === folder &&
            /^\/\*\*\n \* Purpose: .+\n[\s\S]*? \* Entry points: [\s\S]+? \* May import: /.test(
              readFileSync(join(projectRoot, file), 'utf8'),
            ),
        ),
    );
    expect(mute).toEqual([]);
  });
});
