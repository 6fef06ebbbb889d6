import { and, eq, gt } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { outbox } from '../../database/outbox.table.ts';
import { professionals } from '../../identity/identity.table.ts';
import { mayDo, type RightRule } from '../../identity/rights.ts';
import { isOvertaken, untilCurrent } from '../access-log/until-current.ts';
import type { Entry } from '../acts/act-entry.ts';
import type { NirVault } from '../patients/nir-vault.ts';
import type { RecordRules } from '../rules/load-rules.ts';
import { recordImportRows, recordImports } from './imports.table.ts';
import { type PreparedRow, prepareRow } from './prepare-row.ts';
import { type Batch, type BatchTools, recordBatch } from './record-batch.ts';
import { settleRows } from './store-batch.ts';

export interface ImportTools {
  readonly db: Database;
  readonly vault: NirVault;
  readonly rules: RecordRules;
  readonly rights: readonly RightRule[];
  readonly now: () => Date;
  /** Asked after each batch: whether to leave the rest to another job, so that others have their turn. */
  readonly stopping?: () => boolean;
}

/** Rows recorded in one transaction: more would keep whoever looks at one of their patients waiting for longer. */
const batchSize = 250;

/**
 * Records what waits of an import, batch by batch, each row by the rules of a single entry. Killed anywhere, it goes on
 * where it was when it is run again; run twice at once, each row is recorded by one.
 * @returns whether it is done; when it stopped before, a job that goes on stands in the outbox.
 */
export async function runImport(tools: ImportTools, importId: string): Promise<'done' | 'goes-on'> {
  const { db, now, stopping } = tools;
  const [found] = await db
    .select({ import: recordImports, professional: professionals })
    .from(recordImports)
    .innerJoin(professionals, eq(professionals.id, recordImports.importedBy))
    .where(eq(recordImports.id, importId));
  if (!found || found.import.state === 'receiving' || found.import.state === 'done') return 'done';
  await db.update(recordImports).set({ state: 'running' }).where(eq(recordImports.id, importId));
  const { actingFor, centre } = found.import;
  const entry = entryOf(tools, found.import, found.professional);
  for (let settled = 1; settled > 0; ) {
    settled = 0;
    // The next batch is read while one is being recorded.
    let reading = nextRows(tools, importId, 0);
    for (;;) {
      const rows = await reading;
      const last = rows.at(-1);
      if (last === undefined) break;
      reading = nextRows(tools, importId, last.line);
      // Heard of when it is awaited, unless the recording fails before.
      reading.catch(() => {});
      const batch = { importId, actingFor, centre, rows };
      settled += await recordRows({ ...tools, entry, now: now() }, db, batch);
      if (stopping?.()) {
        await reading;
        const later = { job: 'import-injections', payload: { importId }, notBefore: now(), createdAt: now() };
        await db.insert(outbox).values(later);
        return 'goes-on';
      }
    }
  }
  await finish(db, importId, now());
  return 'done';
}

function entryOf(
  { rights, now }: ImportTools,
  { actingAs, requestId }: typeof recordImports.$inferSelect,
  { id, nationalIdentifier, rpps, familyName, givenNames }: typeof professionals.$inferSelect,
): Entry {
  const professional = { id, nationalIdentifier, rpps, familyName, givenNames, actingAs, sessionId: '' };
  const may: Entry['may'] = (right) => mayDo(professional, right, now(), rights);
  return { professional, route: 'POST /api/records/imports', requestId, may };
}

async function nextRows(
  { db, vault, rules, now }: ImportTools,
  importId: string,
  after: number,
): Promise<readonly PreparedRow[]> {
  const stored = await db
    .select()
    .from(recordImportRows)
    .where(
      and(
        eq(recordImportRows.importId, importId),
        eq(recordImportRows.state, 'waiting'),
        gt(recordImportRows.line, after),
      ),
    )
    .orderBy(recordImportRows.line)
    .limit(batchSize);
  return stored.map((row) => prepareRow(row, vault, rules, now()));
}

/**
 * Records a batch. A row that the database itself refuses is found by halving, so that it spoils no other; so is one
 * whose patient's record somebody else opens or changes meanwhile.
 */
async function recordRows(tools: BatchTools, db: Database, batch: Batch): Promise<number> {
  const { importId, rows } = batch;
  const [first] = rows;
  if (first === undefined) return 0;
  const record = () => recordBatch(db, tools, batch);
  try {
    return await (rows.length === 1 ? untilCurrent(record) : record());
  } catch (error) {
    const ofTheData = isOfTheData(error);
    if (!ofTheData && (rows.length === 1 || !isOvertaken(error))) throw error;
    if (rows.length === 1) {
      const errors = [{ field: 'rowId', key: 'records-import.errors.refused' }];
      await settleRows(db, importId, [{ line: first.line, state: 'refused', injectionId: null, errors }]);
      return 1;
    }
    const half = Math.ceil(rows.length / 2);
    const before = await recordRows(tools, db, { ...batch, rows: rows.slice(0, half) });
    return before + (await recordRows(tools, db, { ...batch, rows: rows.slice(half) }));
  }
}

/** Whether the database found fault with what was to be stored: a value, or a rule of a table. */
function isOfTheData(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && /^2[23]...$/.test(String(cause.code))) return true;
  }
  return false;
}

/** @throws Error when rows wait that no run could settle: the job is tried again. */
async function finish(db: Database, importId: string, now: Date): Promise<void> {
  const waiting = and(eq(recordImportRows.importId, importId), eq(recordImportRows.state, 'waiting'));
  const left = await db.$count(recordImportRows, waiting);
  if (left > 0) throw new Error(`${left} rows of an import still wait`);
  await db
    .update(recordImports)
    .set({ state: 'done', finishedAt: now })
    .where(and(eq(recordImports.id, importId), eq(recordImports.state, 'running')));
}
