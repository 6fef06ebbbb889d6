import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Dependencies } from '#server/dependencies.ts';
import { findDirectoryInUse } from '#server/directory/directory-state.ts';
import { importDirectory } from '#server/directory/import-directory.ts';
import { sampleExtract } from '../directory/sample-extract.ts';
import { samplePeople } from '../directory/sample-people.ts';

/** Enough for names to be searched, and imported in a moment. */
const demoRows = 2000;

/** Numbers to try in the diagnosis and at the desk. */
export const demoNumbers: readonly { readonly number: string; readonly about: string }[] = [
  {
    number: samplePeople.independentDoctor.number,
    about: 'doctor in independent practice: nothing is left to ask',
  },
  {
    number: samplePeople.nurseWithBoth.number,
    about: 'nurse, independent in a practice and salaried in a hospital: asked the place only',
  },
  { number: samplePeople.standInDoctor.number, about: 'stand-in doctor without any activity' },
  { number: samplePeople.medicalStudent.number, about: 'medical student' },
];

/**
 * Imports a small invented directory where there is none.
 * @returns whether the numbers of the demo can be looked up: false when another directory was imported.
 */
export async function loadDemoDirectory(
  databaseUrl: string,
  { db, clock }: Pick<Dependencies, 'db' | 'clock'>,
): Promise<boolean> {
  const fileName = 'annuaire-de-demonstration.txt';
  const inUse = await findDirectoryInUse(db);
  if (inUse) return inUse.fileName === fileName;
  const folder = mkdtempSync(join(tmpdir(), 'aiguillage-demo-'));
  try {
    const file = join(folder, fileName);
    await pipeline(Readable.from(sampleExtract({ rows: demoRows })), createWriteStream(file));
    const outcome = await importDirectory(databaseUrl, { file, force: false, clock });
    // `busy`: another start is importing the same.
    return outcome.kind === 'imported' || outcome.kind === 'busy';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
