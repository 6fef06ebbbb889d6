/**
 * Counts a run from Vitest's JSON report and prints `N passed, N failed, N skipped`. Fails when nothing passed, or
 * when tests were skipped for a program that CI has: on a developer's machine they may be, here they must not.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const [file = ''] = process.argv.slice(2);
/** @type {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
 *   testResults: { name: string, status: string, assertionResults: { status: string, fullName: string }[] }[] }} */
const report = JSON.parse(readFileSync(file, 'utf8'));

const skipped = report.testResults.flatMap(({ name, assertionResults }) =>
  assertionResults
    .filter(({ status }) => status !== 'passed' && status !== 'failed')
    .map(({ fullName }) => `${relative('.', name)}: ${fullName}`),
);
for (const each of skipped) console.log(`skipped: ${each}`);

const broken = report.testResults.filter(
  ({ status, assertionResults }) =>
    status === 'failed' && assertionResults.every((each) => each.status !== 'failed'),
);
for (const { name } of broken) console.log(`failed as a whole: ${relative('.', name)}`);

if (report.numPassedTests === 0) {
  console.log('No test ran.');
  process.exitCode = 1;
}
const missing = ['redis', 'poppler', 'openssl'].filter((program) =>
  skipped.some((each) => new RegExp(`skipped: .*${program}`, 'i').test(each)),
);
if (missing.length > 0) {
  console.log(`Tests were skipped that must run here: is this on the PATH? ${missing.join(', ')}`);
  process.exitCode = 1;
}
const failed = report.numFailedTests + broken.length;
console.log(`${report.numPassedTests} passed, ${failed} failed, ${skipped.length} skipped`);
