/**
 * Purpose: a worker that is killed after it took a mail and before it handed it over; run by a test.
 * Entry points: run as a process with DATABASE_URL and perhaps TEST_NOW.
 * May import: workers/, server/compose.ts, follow-ups.
 */
import { and, eq, lte } from 'drizzle-orm';
import { compose } from '#server/compose.ts';
import { readConfig } from '#server/config.ts';
import { followUps } from '#server/follow-ups/follow-ups.table.ts';
import { createLog } from '#server/logging.ts';
import { sendPlannedFollowUp } from '../send-follow-up.ts';

const { deps } = await compose(readConfig(process.env), createLog('silent'));
const due = await deps.db
  .select()
  .from(followUps)
  .where(and(eq(followUps.state, 'planned'), lte(followUps.dueAt, deps.clock.now())));
for (const { id } of due) {
  const mail = {
    async deliver() {
      process.kill(process.pid, 'SIGKILL');
      return new Promise<never>(() => {});
    },
    close: async () => {},
  };
  await sendPlannedFollowUp({ followUpId: id }, { ...deps, mail });
}
