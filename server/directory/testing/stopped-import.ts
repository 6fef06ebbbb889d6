/** An import that gets to a phase, says so, and stays there: for tests that kill it. Arguments: url, file, phase. */
import { writeSync } from 'node:fs';
import { systemClock } from '../../clock.ts';
import { importDirectory } from '../import-directory.ts';

const [, , url = '', file = '', wanted] = process.argv;

await importDirectory(url, {
  file,
  force: true,
  clock: systemClock,
  onProgress({ phase, rows }) {
    // While reading, rows are already on their way.
    if (phase !== wanted || (phase === 'reading' && rows < 1000)) return;
    writeSync(1, 'there\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
});
