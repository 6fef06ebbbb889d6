import { createHash } from 'node:crypto';
import { and, eq, gt, isNotNull, sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { professionals } from '../../identity/identity.table.ts';
import { mayDo, type RightRule } from '../../identity/rights.ts';
import { Problem } from '../../problem.ts';
import type { Entry } from '../acts/act-entry.ts';
import { recordInjection } from '../acts/record-injection.ts';
import { createPatient } from '../patients/create-patient.ts';
import { findPatientsByNir } from '../patients/find-patients.ts';
import { nameKey } from '../patients/name-likeness.ts';
import { readNir } from '../patients/nir.ts';
import type { NirVault } from '../patients/nir-vault.ts';
import type { RecordRules } from '../rules/load-rules.ts';
import type { ImportColumn, ImportRow } from './import-columns.ts';
import { type RowError, recordImportRows, recordImports } from './imports.table.ts';
import { type ReadRow, readImportRow } from './read-import-row.ts';

export interface ImportTools {
  readonly db: Database;
  readonly vault: NirVault;
  readonly rules: RecordRules;
  readonly rights: readonly RightRule[];
  readonly now: () => Date;
  /** Asked before each row: whether to stop here and go on later. */
  readonly stopping?: () => boolean;
}

const batchSize = 100;

/**
 * Records what waits of an import, row by row, each by the same commands as a single entry. Killed anywhere, it goes on
 * where it was when it is run again: a row that was recorded is known by its key, and is not recorded twice.
 */
export async function runImport(tools: ImportTools, importId: string): Promise<void> {
  const { db } = tools;
  const [found] = await db
    .select({ import: recordImports, professional: professionals })
    .from(recordImports)
    .innerJoin(professionals, eq(professionals.id, recordImports.importedBy))
    .where(eq(recordImports.id, importId));
  if (!found || found.import.state === 'receiving') return;
  await db.update(recordImports).set({ state: 'running' }).where(eq(recordImports.id, importId));
  const { actingAs, requestId } = found.import;
  const { id, nationalIdentifier, rpps, familyName, givenNames } = found.professional;
  const professional = { id, nationalIdentifier, rpps, familyName, givenNames, actingAs, sessionId: '' };
  const entry: Entry = {
    professional,
    route: 'POST /api/records/imports',
    requestId,
    may: (right) => mayDo(professional, right, tools.now(), tools.rights),
  };
  for (let after = 0; ; ) {
    const rows = await db
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
    if (rows.length === 0) break;
    for (const row of rows) {
      if (tools.stopping?.()) return;
      await settle(tools, row, await recordRow(tools, entry, row));
      after = row.line;
    }
  }
  await db
    .update(recordImports)
    .set({ state: 'done', finishedAt: tools.now() })
    .where(and(eq(recordImports.id, importId), eq(recordImports.state, 'running')));
}

type Stored = typeof recordImportRows.$inferSelect;

interface Outcome {
  readonly state: 'recorded' | 'known' | 'refused';
  readonly injectionId?: string;
  readonly errors?: readonly RowError[];
}

async function recordRow(tools: ImportTools, entry: Entry, row: Stored): Promise<Outcome> {
  const { db, vault, rules } = tools;
  const earlier = row.rowId === null ? undefined : await findRecorded(db, row.centre, row.rowId);
  if (earlier) return { state: 'known', injectionId: earlier };
  if (row.sealed === null || row.keyId === null) throw new Error(`row ${row.line} waits and is empty`);
  const opened = vault.open({ sealed: Buffer.from(row.sealed), keyId: row.keyId }, row.importId, 'import');
  // Sealed by receiveImport alone.
  const read = readImportRow(JSON.parse(opened) as ImportRow, rules);
  if ('errors' in read) return { state: 'refused', errors: read.errors };
  try {
    const patientId = await patientOf(tools, entry, read.patient);
    if (typeof patientId !== 'string') return { state: 'refused', errors: [patientId] };
    const idempotencyKey = `import-${createHash('sha256').update(`${row.centre}\0${row.rowId}`).digest('base64url')}`;
    const given = { patientId, input: read.injection, idempotencyKey };
    const { injection } = await recordInjection(db, entry, given, rules, tools.now());
    return { state: 'recorded', injectionId: injection.id };
  } catch (error) {
    // What our commands refuse is the row's fault; anything else is ours, and tried again.
    if (!(error instanceof Problem) || error.statusCode >= 500) throw error;
    return { state: 'refused', errors: errorsOf(error) };
  }
}

/** The injection that another row of that name made, in this file or an earlier one. */
async function findRecorded(db: Database, centre: string, rowId: string): Promise<string | undefined> {
  const [found] = await db
    .select({ id: recordImportRows.injectionId })
    .from(recordImportRows)
    .where(
      and(
        eq(recordImportRows.centre, centre),
        eq(recordImportRows.rowId, rowId),
        eq(recordImportRows.state, 'recorded'),
        isNotNull(recordImportRows.injectionId),
      ),
    );
  return found?.id ?? undefined;
}

/** The patient's record, found or made; an error when nobody can say which of several it is. */
async function patientOf(
  { db, vault, now }: ImportTools,
  entry: Entry,
  { nir, ...traits }: ReadRow['patient'],
): Promise<string | RowError> {
  const isThem = (each: { birthDate: string; familyNameKey: string; givenNamesKey: string }) =>
    each.birthDate === traits.birthDate &&
    each.familyNameKey === nameKey(traits.birthFamilyName) &&
    each.givenNamesKey === nameKey(traits.birthGivenNames);
  if (nir !== undefined) {
    const read = readNir(nir);
    if (!read.ok) return { field: 'nir', key: 'records-import.errors.nir' };
    const found = await findPatientsByNir(
      db,
      vault,
      read.nir,
      { ...entry, action: 'patients.search' },
      now(),
    );
    const [one, another] = found.patients.filter(isThem);
    if (one && !another) return one.id;
  }
  const input = {
    ...traits,
    ...(nir === undefined ? { noNirReason: 'import' } : { nir }),
  };
  const made = await createPatient(db, vault, input, { ...entry, action: 'patient.create' }, now());
  if ('created' in made) return made.created.id;
  const [one, another] = made.likely.filter(isThem);
  return one && !another && nir === undefined
    ? one.id
    : { field: 'birthFamilyName', key: 'records-import.errors.likely' };
}

/** In which columns the fields of our commands stand. */
const columnOf: Readonly<Record<string, ImportColumn>> = {
  '/occurredAt': 'occurredAt',
  '/vaccine': 'vaccine',
  '/lot': 'lot',
  '/lotExpiry': 'lotExpiry',
  '/place/finess': 'finess',
  '/performedBy': 'performedBy',
  '/nir': 'nir',
  '/birthDate': 'birthDate',
  '/birthFamilyName': 'birthFamilyName',
  '/birthGivenNames': 'birthGivenNames',
  '/sex': 'sex',
};

function errorsOf(problem: Problem): readonly RowError[] {
  if (problem.errors.length > 0) {
    return problem.errors.map(({ path, key }) => ({ field: columnOf[path] ?? 'rowId', key }));
  }
  return [{ field: 'rowId', key: `problems.${problem.code}.title` }];
}

/** Notes what became of a row, and empties it. Two runs at once note it once. */
async function settle({ db }: ImportTools, row: Stored, outcome: Outcome): Promise<void> {
  const settled = { sealed: null, keyId: null, errors: outcome.errors ?? [] };
  const here = and(
    eq(recordImportRows.importId, row.importId),
    eq(recordImportRows.line, row.line),
    eq(recordImportRows.state, 'waiting'),
  );
  await db
    .update(recordImportRows)
    .set({
      ...settled,
      // Another import may have recorded the row of that name meanwhile.
      state:
        outcome.state === 'recorded'
          ? sql`case when exists (select from ${recordImportRows} other
              where other.centre = ${row.centre} and other.row_id = ${row.rowId} and other.state = 'recorded')
              then 'known' else 'recorded' end`
          : outcome.state,
      injectionId: outcome.injectionId ?? null,
    })
    .where(here);
}
