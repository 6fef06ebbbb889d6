import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { testFolder } from '#server/directory/testing/an-extract.ts';
import { rejectionReport } from './rejection-report.ts';

const folder = testFolder();
const describeLine = ({ code }: { readonly code: string }) => `it is "${code}"`;
const neverFails = (error: unknown) => {
  throw error;
};

describe('the list of rejected rows', () => {
  it('names line, code and reason', () => {
    const file = folder.path('list.csv');
    const report = rejectionReport(file, describeLine, neverFails);
    report.add({ line: 7, code: 'encoding' });
    report.add({ line: 9, code: 'fields', found: 3, expected: 56 });
    expect(report.close()).toBe(file);
    expect(readFileSync(file, 'utf8')).toBe(
      'line,code,reason\n7,encoding,"it is ""encoding"""\n9,fields,"it is ""fields"""\n',
    );
  });

  it('is written as it grows, not kept', () => {
    const file = folder.path('long.csv');
    const report = rejectionReport(file, describeLine, neverFails);
    for (let line = 0; line < 20_000; line++) report.add({ line, code: 'encoding' });
    expect(readFileSync(file, 'utf8').length).toBeGreaterThan(100_000);
    report.close();
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(20_002);
  });

  it('is not there when nothing was rejected, nor is that of an earlier import', () => {
    const file = folder.path('stale.csv');
    writeFileSync(file, 'stale');
    expect(rejectionReport(file, describeLine, neverFails).close()).toBeUndefined();
    expect(existsSync(file)).toBe(false);
  });

  it('that cannot be written is told once, and stops nothing', () => {
    const errors: unknown[] = [];
    const report = rejectionReport(folder.path('nowhere/list.csv'), describeLine, (error) =>
      errors.push(error),
    );
    for (let line = 0; line < 9000; line++) report.add({ line, code: 'encoding' });
    expect(report.close()).toBeUndefined();
    expect(errors).toHaveLength(1);
  });
});
