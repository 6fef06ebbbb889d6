import { sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';

/** Keeps our advisory locks apart from others'. */
const lockSpace = 7_421_004;

/** What tells whether two records may be of one person. */
export interface LockedPerson {
  /** YYYY-MM-DD. */
  readonly birthDate: string;
  /** The NIR's digest under the current key; null without NIR. */
  readonly blindIndex: Buffer | null;
}

/**
 * Makes whoever else is about to record one of these persons wait until the caller commits: they are shown the caller's
 * then. All at once and in one order, so that nobody waits in a circle: call it once in a transaction.
 */
export async function lockPersons(tx: Database, persons: readonly LockedPerson[]): Promise<void> {
  const days = sql.param(persons.map(({ birthDate }) => birthDate));
  const numbers = sql.param(
    persons.flatMap(({ blindIndex }) => (blindIndex === null ? [] : [blindIndex.readInt32BE(0)])),
  );
  await tx.execute(sql`
    select pg_advisory_xact_lock(${lockSpace}, key) from (
      select hashtext(day) as key from unnest(${days}::text[]) day
      union select key from unnest(${numbers}::int[]) key
      order by key) keys`);
}
