import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from './source.ts';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly allowScripts?: Readonly<Record<string, boolean>>;
}

interface Locked extends Manifest {
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
}

type Packages = Readonly<Record<string, Locked>>;

const read = (file: string) => JSON.parse(readFileSync(join(projectRoot, file), 'utf8'));
const manifest: Manifest = read('package.json');
const packages: Packages = read('package-lock.json').packages;

/**
 * What packages ask for and the lockfile does not have: `npm ci` then refuses to install anything, on every machine.
 * An installation where some platform's package could not be found leaves it out without a word.
 */
function missing(locked: Packages): readonly string[] {
  return Object.entries(locked).flatMap(([place, { dependencies, optionalDependencies, devDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies })
      .filter(
        (name) => !placesAround(place).some((around) => posix.join(around, 'node_modules', name) in locked),
      )
      .map((name) => `${name}, for ${place || 'the project'}`),
  );
}

/** Where Node looks for what a package imports, nearest first: `node_modules/a/node_modules/b`, `node_modules/a`, ``. */
function placesAround(place: string): readonly string[] {
  const parts = place.split('/node_modules/');
  return [...parts.keys()].map((up) => parts.slice(0, parts.length - up).join('/node_modules/')).concat('');
}

describe('the lockfile', () => {
  it('has everything that a package asks for, on any platform', () => {
    expect(missing(packages)).toEqual([]);
  });

  it('would be found out lacking something', () => {
    expect(
      missing({
        '': { dependencies: { a: '1', gone: '1' } },
        'node_modules/a': {
          dependencies: { b: '1', c: '1' },
          optionalDependencies: { 'a-linux': '1', 'a-mac': '1' },
        },
        'node_modules/a/node_modules/b': { dependencies: { c: '1' } },
        'node_modules/a-linux': {},
        'node_modules/c': {},
      }),
    ).toEqual(['gone, for the project', 'a-mac, for node_modules/a']);
  });

  it('names no place but the public registry to fetch from', () => {
    const elsewhere = Object.values(packages)
      .map(({ resolved }) => resolved)
      .filter((address) => address !== undefined && !address.startsWith('https://registry.npmjs.org/'));
    expect(elsewhere).toEqual([]);
  });

  it('runs the install scripts of no package that was not decided on', () => {
    const scripted = Object.entries(packages)
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([place]) => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length));
    expect(Object.keys(manifest.allowScripts ?? {}).sort()).toEqual([...new Set(scripted)].sort());
  });
});

describe('package.json', () => {
  it('names one version of each package', () => {
    const wide = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    expect(wide).toEqual([]);
  });
});
