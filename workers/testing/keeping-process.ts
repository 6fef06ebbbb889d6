/**
 * Purpose: a worker that keeps the records, in a process of its own, for a test to kill.
 * Entry points: run as a process with DATABASE_URL.
 * May import: workers/, server/compose.ts.
 */
import { compose } from '#server/compose.ts';
import { readConfig } from '#server/config.ts';
import { createLog } from '#server/logging.ts';
import { keepRecords } from '../keep-records.ts';

const { deps, close } = await compose(readConfig(process.env), createLog('silent'));
await keepRecords({ ...deps, mail: { deliver: () => Promise.reject(new Error('no mail')), close } });
await close();
