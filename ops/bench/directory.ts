import { directoryImport } from './directory-import.ts';
import { directoryLookUp } from './directory-lookup.ts';
import type { Stage } from './stage.ts';

/** The import of a directory of that many rows, then look-ups in it. */
export async function directory(stage: Stage, { rows }: { readonly rows: number }) {
  return [await directoryImport(stage, rows), await directoryLookUp(stage)];
}
