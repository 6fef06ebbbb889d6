import { and, eq, sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { logEach } from '../access-log/log-access.ts';
import { otherPerformer } from '../acts/act-authority.ts';
import type { Entry } from '../acts/act-entry.ts';
import { injections } from '../acts/acts.table.ts';
import { findDoseContexts } from '../acts/dose-contexts.ts';
import { findUnknownFiness } from '../acts/unknown-finess.ts';
import { findDelegationsTo } from '../delegations/delegations.ts';
import { lockPersons } from '../patients/lock-persons.ts';
import type { NirVault } from '../patients/nir-vault.ts';
import type { RecordRules } from '../rules/load-rules.ts';
import { recordImportRows } from './imports.table.ts';
import { judgeRow } from './judge-row.ts';
import { openPatientBook } from './patient-book.ts';
import type { PreparedRow, ReadyRow } from './prepare-row.ts';
import { settleRows, storeInjections, storePatients } from './store-batch.ts';

export interface Batch {
  readonly importId: string;
  /** Whose the identifiers of its rows are. */
  readonly actingFor: string;
  readonly centre: string;
  readonly rows: readonly PreparedRow[];
}

export interface BatchTools {
  readonly entry: Entry;
  readonly rules: RecordRules;
  readonly vault: NirVault;
  readonly now: Date;
}

/** Keeps our advisory locks apart from others'. */
const lockSpace = 7_421_005;

/**
 * Records the rows of a batch that still wait, in their order, in one transaction: what is recorded, what is logged and
 * what is noted of the rows stand together or not at all. Batches of one centre of a structure follow each other, whoever runs them;
 * those of several centres, and what is entered by hand meanwhile, never wait in a circle: the centre is locked first,
 * then the persons in one order, then what is stored by patient, then the patients' chains of the access log.
 * Whoever opens or changes one of the records in between is not passed over: the transaction is undone (`isOvertaken`).
 * A row whose dose somebody enters by hand at that very moment still waits after it.
 * @returns how many rows were settled.
 */
export async function recordBatch(
  db: Database,
  { entry, rules, vault, now }: BatchTools,
  { importId, actingFor, centre, rows }: Batch,
): Promise<number> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${lockSpace}, hashtext(${`${actingFor}\n${centre}`}))`);
    const waiting = await stillWaiting(tx, importId, rows);
    const ready = waiting.filter((row) => 'traits' in row);
    await lockPersons(
      tx,
      ready.map(({ traits, number }) => ({
        birthDate: traits.birthDate,
        blindIndex: number?.blindIndex ?? null,
      })),
    );
    const noted = await findNoted(tx, { actingFor, centre }, ready);
    const byKey = await findByKey(tx, entry, ready);
    const book = await openPatientBook(tx, ready);
    const known = ready.flatMap((row) => {
      const { who } = book.meet(row);
      return typeof who === 'string' ? [] : [who.id];
    });
    const others = ready.flatMap(({ injection }) => otherPerformer(entry, injection.performedBy) ?? []);
    const contexts = await findDoseContexts(tx, [...new Set(known)]);
    const places = ready.map(({ injection }) => injection.place.finess);
    const judging = {
      ...{ entry, rules, now, book, noted, byKey },
      unknownFiness: await findUnknownFiness(tx, entry, places),
      contexts,
      delegations: await findDelegationsTo(tx, entry.professional, [...new Set(others)]),
      given: new Map(),
    };
    const judged = waiting.map((row) => judgeRow(judging, row));
    await storePatients(tx, vault, entry, judged, now);
    const missed = await storeInjections(tx, judged);
    if (judged.some(({ newPatient, injectionId }) => newPatient && missed.has(injectionId))) {
      throw new Error('a dose of nobody known yet stands already');
    }
    // Also what is known only by a row that was missed.
    const settled = judged.filter(({ injectionId }) => !missed.has(injectionId));
    await settleRows(tx, importId, settled);
    await logEach(
      tx,
      settled.flatMap(({ accesses }) => accesses),
      now,
      new Map([...contexts].map(([id, { asOf }]) => [id, asOf])),
    );
    return settled.length;
  });
}

/** Another run may have done some since they were read. */
async function stillWaiting(
  tx: Database,
  importId: string,
  rows: readonly PreparedRow[],
): Promise<readonly PreparedRow[]> {
  const found = await tx
    .select({ line: recordImportRows.line })
    .from(recordImportRows)
    .where(
      and(
        eq(recordImportRows.importId, importId),
        eq(recordImportRows.state, 'waiting'),
        sql`${recordImportRows.line} = any(${sql.param(rows.map(({ line }) => line))}::int[])`,
      ),
    );
  const lines = new Set(found.map(({ line }) => line));
  return rows.filter(({ line }) => lines.has(line));
}

/** By their names, the rows recorded earlier, from this file or another, and the injections they made unless those are gone. */
async function findNoted(
  tx: Database,
  { actingFor, centre }: Pick<Batch, 'actingFor' | 'centre'>,
  rows: readonly ReadyRow[],
): Promise<Map<string, string | null>> {
  const names = sql.param(rows.map(({ rowId }) => rowId));
  const found = await tx
    .select({ rowId: recordImportRows.rowId, injectionId: recordImportRows.injectionId })
    .from(recordImportRows)
    .where(
      and(
        eq(recordImportRows.actingFor, actingFor),
        eq(recordImportRows.centre, centre),
        eq(recordImportRows.state, 'recorded'),
        sql`${recordImportRows.rowId} = any(${names}::text[])`,
      ),
    );
  return new Map(found.map(({ rowId, injectionId }) => [rowId ?? '', injectionId]));
}

/** By their keys, the injections recorded earlier by the same professional: where no row tells any more. */
async function findByKey(
  tx: Database,
  { professional }: Entry,
  rows: readonly ReadyRow[],
): Promise<Map<string, string>> {
  const keys = sql.param(rows.map(({ idempotencyKey }) => idempotencyKey));
  const found = await tx
    .select({ id: injections.id, key: injections.idempotencyKey })
    .from(injections)
    .where(
      and(
        eq(injections.enteredBy, professional.id),
        sql`${injections.idempotencyKey} = any(${keys}::text[])`,
      ),
    );
  return new Map(found.map(({ id, key }) => [key ?? '', id]));
}
