/**
 * Purpose: a relay that is killed after the queue took the jobs and before the outbox knows; run by a test.
 * Entry points: run as a process with DATABASE_URL and perhaps REDIS_URL.
 * May import: workers/.
 */

import { systemClock } from '#server/clock.ts';
import { readConfig } from '#server/config.ts';
import { connect } from '#server/database/client.ts';
import { jobAdder } from '../add-jobs.ts';
import { chooseBackend } from '../backend.ts';
import { jobOptions } from '../queues.ts';
import { relayBatch } from '../relay-outbox.ts';

const config = readConfig(process.env);
const backend = chooseBackend(config);
const add = jobAdder({ desk: backend.openQueue('desk'), mail: backend.openQueue('mail') }, jobOptions());
const { db } = connect(config.databaseUrl ?? '', { onIdleError: () => {} });

await relayBatch({
  db,
  clock: systemClock,
  async add(jobs) {
    await add(jobs);
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => {});
  },
});
