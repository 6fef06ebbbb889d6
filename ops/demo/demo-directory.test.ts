import { expect, test } from 'vitest';
import { findProfessional } from '#server/directory/find-professional.ts';
import { readIdentifier } from '#server/directory/identifier.ts';
import { importDirectory } from '#server/directory/import-directory.ts';
import { anExtract, people, testFolder } from '#server/directory/testing/an-extract.ts';
import { testDependencies } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { demoNumbers, loadDemoDirectory } from './demo-directory.ts';

const database = testDatabase();
const folder = testFolder();

test('every number of the demo can be looked up, and a directory of one’s own is left alone', async () => {
  const deps = testDependencies(database);
  expect(await loadDemoDirectory(database.url, deps)).toBe(true);
  expect(await loadDemoDirectory(database.url, deps)).toBe(true);
  for (const { number } of demoNumbers) {
    const identifier = readIdentifier(number);
    expect(identifier && (await findProfessional(database.db, identifier))).toBeDefined();
  }
  const file = folder.write('own.txt', anExtract(people(5)));
  await importDirectory(database.url, { file, force: true, clock: deps.clock });
  expect(await loadDemoDirectory(database.url, deps)).toBe(false);
});
