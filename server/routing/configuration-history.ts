import { and, desc, eq, gt, sql } from 'drizzle-orm';
import { agents } from '../agents/agents.table.ts';
import type { Database } from '../database/client.ts';
import { Problem } from '../problem.ts';
import { type ConfigurationSubject, configurationChanges } from './configuration-changes.table.ts';

export type StoredChange = Pick<
  typeof configurationChanges.$inferSelect,
  'version' | 'at' | 'before' | 'after'
> & {
  /** Name of the supervisor. */
  readonly by: string;
};

/** How many changes a page or an answer shows. */
const changesShown = 50;

/** Any number will do, as long as no other advisory lock of ours uses it. */
const configurationLock = 7_203_355_003;

/**
 * Runs an edit of hotlines or rules in a transaction, one at a time in the whole installation: what one edit checks
 * (a line that rules need, a rule whose line ends) another cannot change meanwhile. Who reads waits for nobody.
 */
export async function editingConfiguration<Result>(
  db: Database,
  edit: (tx: Database) => Promise<Result>,
): Promise<Result> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${configurationLock})`);
    return edit(tx);
  });
}

/** The version that a subject has now; 0 for what nobody ever edited. */
export async function versionOf(db: Database, subject: ConfigurationSubject): Promise<number> {
  const [newest] = await db
    .select({ version: configurationChanges.version })
    .from(configurationChanges)
    .where(eq(configurationChanges.subject, subject))
    .orderBy(desc(configurationChanges.version))
    .limit(1);
  return newest?.version ?? 0;
}

/**
 * Writes an edit down, in its transaction and under its lock.
 * @param change `version` is the one that the supervisor saw.
 * @returns the new version.
 * @throws Problem 409 `configuration-changed` when it is no longer that one.
 */
export async function recordChange(
  tx: Database,
  change: Omit<typeof configurationChanges.$inferInsert, 'id'>,
): Promise<number> {
  const { subject, version } = change;
  const current = await versionOf(tx, subject);
  if (current !== version) {
    throw new Problem(409, 'configuration-changed', { extensions: { version: current } });
  }
  await tx.insert(configurationChanges).values({ ...change, version: version + 1 });
  return version + 1;
}

/** The changes of a subject after that version, the newest first. */
export async function listChanges(
  db: Database,
  subject: ConfigurationSubject,
  after = 0,
): Promise<readonly StoredChange[]> {
  const { version, at, before } = configurationChanges;
  return db
    .select({ version, at, before, after: configurationChanges.after, by: agents.name })
    .from(configurationChanges)
    .innerJoin(agents, eq(agents.id, configurationChanges.agentId))
    .where(and(eq(configurationChanges.subject, subject), gt(version, after)))
    .orderBy(desc(version))
    .limit(changesShown);
}

/** A number that grows with every edit of anything: two readings differ when there was one between them. */
export async function newestChange(db: Database): Promise<number> {
  const [newest] = await db
    .select({ id: configurationChanges.id })
    .from(configurationChanges)
    .orderBy(desc(configurationChanges.id))
    .limit(1);
  return newest?.id ?? 0;
}
