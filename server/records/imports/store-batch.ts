import { sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { insertAll } from '../../database/insert-all.ts';
import type { Entry } from '../acts/act-entry.ts';
import { injections } from '../acts/acts.table.ts';
import type { NirVault } from '../patients/nir-vault.ts';
import { patientNirs, patients } from '../patients/patients.table.ts';
import { recordImportRows } from './imports.table.ts';
import type { Judgement } from './judge-row.ts';

/** Stores the persons whom the rows make, their NIRs sealed. */
export async function storePatients(
  tx: Database,
  vault: NirVault,
  { professional }: Entry,
  judged: readonly Judgement[],
  now: Date,
): Promise<void> {
  const made = judged.flatMap(({ newPatient }) => newPatient ?? []);
  await insertAll(
    tx,
    patients,
    made.map(({ id, row: { traits, noNirReason } }) => ({
      ...traits,
      ...{ id, version: 1, identityStatus: 'provisional', noNirReason, mergedInto: null },
      ...{ createdAt: now, createdBy: professional.id, updatedAt: now },
    })),
    patients.id,
  );
  await insertAll(
    tx,
    patientNirs,
    made.flatMap(({ id: patientId, row: { number } }) => {
      if (number === null) return [];
      const { nir, provisional } = number;
      return { patientId, ...vault.seal(nir, patientId), ...vault.index(nir), ofParent: false, provisional };
    }),
    patientNirs.patientId,
  );
}

/**
 * Stores the injections, those of a patient together and the patients in the order of their ids: whoever stores others
 * of the same patients waits, and never in a circle.
 * @returns those that were not, since somebody entered the same dose at that moment.
 */
export async function storeInjections(
  tx: Database,
  judged: readonly Judgement[],
): Promise<ReadonlySet<string | null>> {
  const all = judged
    .flatMap(({ injection }) => injection ?? [])
    .map((injection) => ({ ...injection, version: 1, state: 'recorded' as const }))
    .sort((a, b) => (a.patientId < b.patientId ? -1 : Number(a.patientId > b.patientId)));
  const stored = await insertAll(tx, injections, all, injections.id);
  return new Set(all.map(({ id }) => id).filter((id) => !stored.has(id)));
}

/** Notes what became of rows. What was sent is kept of those refused alone, to be given back; it is purged in its time. */
export async function settleRows(
  tx: Database,
  importId: string,
  judged: readonly Pick<Judgement, 'line' | 'state' | 'injectionId' | 'errors'>[],
): Promise<void> {
  if (judged.length === 0) return;
  const rows = judged.map(({ line, state, injectionId, errors }) => ({ line, state, injectionId, errors }));
  await tx.execute(sql`
    update ${recordImportRows} noted set state = settled.state, injection_id = settled."injectionId",
      errors = settled.errors,
      sealed = case settled.state when 'refused' then sealed end,
      key_id = case settled.state when 'refused' then key_id end
    from json_to_recordset(${JSON.stringify(rows)}::json)
      as settled (line int, state text, "injectionId" uuid, errors jsonb)
    where noted.import_id = ${importId} and noted.line = settled.line and noted.state = 'waiting'`);
}
