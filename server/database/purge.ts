import { type SQL, sql } from 'drizzle-orm';
import { agentSessions } from '../agents/agents.table.ts';
import { wizardSessions } from '../wizard/wizard.table.ts';
import type { Database } from './client.ts';
import { outbox } from './outbox.table.ts';

const day = 24 * 60 * 60_000;

/** How long each is of use. A case keeps its own copy of what was answered, so sessions need not outlive it. */
const kept = {
  wizardSessions: 30 * day,
  outbox: 14 * day,
};

/** A deletion this small never holds others up. */
const batchSize = 5000;

/** How many rows of each kind were deleted. */
export interface Purged {
  readonly wizardSessions: number;
  readonly agentSessions: number;
  readonly outbox: number;
}

/**
 * Deletes wizard sessions untouched for 30 days, agents' sessions that have expired, and outbox rows handed over
 * 14 days ago. Cases, their history and its numbering are not touched. Running it again deletes nothing more.
 */
export async function purgeOld(db: Database, now: Date): Promise<Purged> {
  const before = (milliseconds: number) => sql`${new Date(now.getTime() - milliseconds)}::timestamptz`;
  return {
    wizardSessions: await deleteInBatches(
      db,
      wizardSessions,
      sql`updated_at < ${before(kept.wizardSessions)}`,
    ),
    agentSessions: await deleteInBatches(db, agentSessions, sql`expires_at <= ${before(0)}`),
    outbox: await deleteInBatches(db, outbox, sql`relayed_at < ${before(kept.outbox)}`),
  };
}

type Purgeable = typeof wizardSessions | typeof agentSessions | typeof outbox;

async function deleteInBatches(db: Database, table: Purgeable, where: SQL): Promise<number> {
  let deleted = 0;
  for (;;) {
    const { rowCount } = await db.execute(
      sql`delete from ${table} where id in (select id from ${table} where ${where} limit ${batchSize})`,
    );
    deleted += rowCount ?? 0;
    if ((rowCount ?? 0) < batchSize) return deleted;
  }
}
