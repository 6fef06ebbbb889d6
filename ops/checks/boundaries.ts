import { posix } from 'node:path';
import type { Room } from './rooms/room.ts';
import type { Import } from './source.ts';

/** A file of the project, by its path from the root, and what it imports. */
export interface ImportingFile {
  readonly file: string;
  readonly imports: readonly Import[];
}

/** Where a file may use a package, by the packages' names. */
export interface PackageRule {
  readonly packages: RegExp;
  readonly onlyIn: RegExp;
}

/** An import of the project's own as a path from its root; undefined for a package. */
export function pathOf(specifier: string, from: string): string | undefined {
  if (specifier.startsWith('#')) return specifier.slice(1);
  return specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : undefined;
}

/** Imports that lead from a room into one that it may not enter, one sentence each; and files without a room. */
export function roomFaults(files: readonly ImportingFile[], rooms: readonly Room[]): readonly string[] {
  const faults: string[] = [];
  const roomOf = (file: string) => rooms.find((room) => room.files.test(file));
  const entered = new Set<string>();
  const livedIn = new Set(files.map(({ file }) => roomOf(file)?.name));
  for (const { file, imports } of files) {
    const room = roomOf(file);
    if (!room) {
      faults.push(`${file} is in no room: add it to ops/checks/rooms.ts`);
      continue;
    }
    for (const { specifier } of imports) {
      const path = pathOf(specifier, file);
      // What is no TypeScript of ours (a browser script, a JSON file) has no room.
      if (path === undefined || !path.endsWith('.ts')) continue;
      const other = roomOf(path);
      if (other === room) continue;
      entered.add(`${room.name} > ${other?.name}`);
      if (!other) faults.push(`${file} imports ${path}, which is in no room`);
      else if (!room.mayEnter.includes(other.name)) {
        faults.push(`${file} imports ${path}: "${room.name}" may not enter "${other.name}"`);
      }
    }
  }
  for (const { name, mayEnter } of rooms) {
    for (const other of mayEnter) {
      if (!livedIn.has(name) || !livedIn.has(other)) continue;
      if (!entered.has(`${name} > ${other}`)) faults.push(`"${name}" may enter "${other}" and never does`);
    }
  }
  return faults;
}

/** Rooms from which one comes back to where one was, each way once. */
export function circles(rooms: readonly Room[]): readonly string[] {
  const found = new Set<string>();
  function walk(name: string, way: readonly string[]): void {
    const seen = way.indexOf(name);
    if (seen >= 0) {
      const circle = way.slice(seen);
      // Told from the room that comes first in the alphabet, so that each is told once.
      const first = circle.indexOf([...circle].sort()[0] ?? '');
      found.add([...circle.slice(first), ...circle.slice(0, first), circle[first]].join(' > '));
      return;
    }
    const room = rooms.find((each) => each.name === name);
    for (const next of room?.mayEnter ?? []) walk(next, [...way, name]);
  }
  for (const { name } of rooms) walk(name, []);
  return [...found].sort();
}

/** Imports of a package where it has no place. */
export function packageFaults(
  files: readonly ImportingFile[],
  rules: readonly PackageRule[],
): readonly string[] {
  return files.flatMap(({ file, imports }) =>
    imports.flatMap(({ specifier }) =>
      rules
        .filter(({ packages, onlyIn }) => packages.test(specifier) && !onlyIn.test(file))
        .map(() => `${file} imports ${specifier}`),
    ),
  );
}
