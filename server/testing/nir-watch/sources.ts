import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nirsIn } from './numbers.ts';

/** The NIRs that are written in the tests and in what they share, by folders of the repository. */
export function nirsOfSources(root: string, folders: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const folder of folders) {
    for (const { parentPath, name } of readdirSync(join(root, folder), {
      recursive: true,
      withFileTypes: true,
    })) {
      if (!/\.test\.ts$/.test(name) && !(name.endsWith('.ts') && /[\\/]testing/.test(parentPath))) continue;
      for (const nir of nirsIn(readFileSync(join(parentPath, name), 'utf8'))) found.add(nir);
    }
  }
  return [...found];
}
