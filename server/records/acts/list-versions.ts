import { and, asc, eq } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { professionals } from '../../identity/identity.table.ts';
import { type RecordKind, recordVersions } from './acts.table.ts';

/** One change in the history of an act, or of an adverse event. */
export interface ActVersion {
  /** The version that the change replaced. */
  readonly version: number;
  readonly changedAt: Date;
  readonly changedBy: { readonly familyName: string; readonly givenNames: string };
  readonly change: string;
  readonly reason: string | null;
  /** What differed: by column for acts, by field for adverse events. */
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

/** Every change to one of them, the first one first. Whoever shows it logs it. */
export function listVersions(db: Database, kind: RecordKind, id: string): Promise<readonly ActVersion[]> {
  return db
    .select({
      version: recordVersions.version,
      changedAt: recordVersions.changedAt,
      changedBy: { familyName: professionals.familyName, givenNames: professionals.givenNames },
      change: recordVersions.change,
      reason: recordVersions.reason,
      before: recordVersions.before,
      after: recordVersions.after,
    })
    .from(recordVersions)
    .innerJoin(professionals, eq(professionals.id, recordVersions.changedBy))
    .where(and(eq(recordVersions.kind, kind), eq(recordVersions.recordId, id)))
    .orderBy(asc(recordVersions.version));
}

/** Of a history, what came after the version that a form was filled in from, as the form says it. */
export function changesSince(
  history: readonly ActVersion[],
  seen: string | undefined,
): readonly ActVersion[] {
  return history.filter(({ version }) => version >= Number(seen));
}
