import { describe, expect, it } from 'vitest';
import { circles, type ImportingFile, packageFaults, roomFaults } from './boundaries.ts';
import { packageRules, rooms } from './rooms.ts';
import { readSource, readSourceFile, sourceFiles } from './source.ts';

/** Tests may enter any room; what they share is in folders named `testing`. */
const isTest = (file: string) => /\.test\.ts$|\/testing\//.test(file);

const files: readonly ImportingFile[] = sourceFiles('server', 'workers')
  .filter((file) => !isTest(file))
  .map((file) => ({ file, imports: readSourceFile(file).imports }));

/** A source text as if it were a file of the project. */
const file = (name: string, text: string): ImportingFile => ({
  file: name,
  imports: readSource(text).imports,
});

describe('the rooms of the house', () => {
  it('are entered only from where they may be, and every permission is used', () => {
    expect(roomFaults(files, rooms)).toEqual([]);
  });

  it('lead nobody in a circle', () => {
    expect(circles(rooms)).toEqual([]);
  });

  it('have no door to what only tests use', () => {
    const doors = files.filter(({ imports }) => imports.some(({ specifier }) => isTest(specifier)));
    expect(doors.map(({ file: name }) => name)).toEqual([]);
  });

  it('keep packages where they belong', () => {
    expect(packageFaults(files, packageRules)).toEqual([]);
  });

  it('leave the environment to the configuration, and the time to the clock', () => {
    const faults = files.flatMap(({ file: name }) => {
      // A process hands its environment over as a whole.
      const code = readSourceFile(name).code.replaceAll('readConfig(process.env)', '');
      return [
        ...(/\bprocess\.env\b/.test(code) ? [`${name} reads process.env`] : []),
        ...(readsTheTime(code) && name !== 'server/clock.ts' ? [`${name} reads the time`] : []),
      ];
    });
    expect(faults).toEqual([]);
  });
});

function readsTheTime(code: string): boolean {
  return /\bnew Date\(\s*\)|\bDate\.now\b|\bTemporal\.Now\b|(?<![.\w]|new )Date\(\s*\)/.test(code);
}

describe('the check of the rooms', () => {
  const small = [
    { name: 'cellar', files: /^cellar\//, mayEnter: [] },
    { name: 'kitchen', files: /^kitchen\//, mayEnter: ['cellar'] },
  ];

  it('finds an import that leads where it may not, be it of a type', () => {
    const faults = roomFaults(
      [
        file('kitchen/cook.ts', `import { wine } from '#cellar/wine.ts';`),
        file('cellar/wine.ts', `import type { Cook } from '../kitchen/cook.ts';`),
      ],
      small,
    );
    expect(faults).toEqual(['cellar/wine.ts imports kitchen/cook.ts: "cellar" may not enter "kitchen"']);
  });

  it('finds a file that lives nowhere, or comes from nowhere, and a permission that nobody uses', () => {
    const faults = roomFaults(
      [
        file('attic/box.ts', ''),
        file('cellar/wine.ts', `export * from '../garden/grapes.ts';`),
        file('kitchen/cook.ts', ''),
      ],
      small,
    );
    expect(faults).toEqual([
      'attic/box.ts is in no room: add it to ops/checks/rooms.ts',
      'cellar/wine.ts imports garden/grapes.ts, which is in no room',
      '"kitchen" may enter "cellar" and never does',
    ]);
  });

  it('finds a circle, however long', () => {
    const room = (name: string, ...mayEnter: string[]) => ({ name, files: /^$/, mayEnter });
    expect(circles([room('a', 'b'), room('b', 'c'), room('c', 'a', 'd'), room('d')])).toEqual([
      'a > b > c > a',
    ]);
  });

  it('finds a package out of its place', () => {
    const faults = packageFaults(
      [
        file('server/cases/open-case.ts', `import type { FastifyRequest } from 'fastify';`),
        file('server/cases/cases.routes.ts', `import type { FastifyRequest } from 'fastify';`),
        file('server/mail/send.ts', `const { Queue } = await import('bullmq');`),
      ],
      packageRules,
    );
    expect(faults).toEqual([
      'server/cases/open-case.ts imports fastify',
      'server/mail/send.ts imports bullmq',
    ]);
  });

  it.each(['new Date()', 'Date.now()', 'Temporal.Now.instant()', 'Date()'])(
    'finds the time read by %s',
    (code) => {
      expect(readsTheTime(`const now = ${code};`)).toBe(true);
    },
  );

  it.each(['new Date(iso)', 'new Date(clock.now())', 'toDate()', 'clock.now()'])('lets %s pass', (code) => {
    expect(readsTheTime(`const now = ${code};`)).toBe(false);
  });
});
