import { eq, sql } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { Problem } from '../../problem.ts';
import { type Access, logAccess } from '../access-log/log-access.ts';
import type { Nir } from './nir.ts';
import type { NirVault } from './nir-vault.ts';
import { patientNirs, patients } from './patients.table.ts';

/** A patient as stored, without NIR. */
export type PatientRecord = typeof patients.$inferSelect;

/** What is known of a patient's NIR: opened only for who may see it. */
export interface KnownNir {
  readonly nir: Nir;
  readonly ofParent: boolean;
  readonly provisional: boolean;
}

export interface Patient {
  readonly record: PatientRecord;
  /** Null when there is none: `record.noNirReason` says why. */
  readonly nir: KnownNir | null;
  /** Records merged into this one, however far. */
  readonly merged: readonly PatientRecord[];
}

/**
 * A patient's record with its NIR, the access logged in the same transaction.
 * @throws Problem 404 `no-such-patient`; 503 `access-not-logged`.
 */
export async function readPatient(
  db: Database,
  vault: NirVault,
  id: string,
  access: Access,
  now: Date,
): Promise<Patient> {
  return db.transaction(async (tx) => {
    const patient = await getPatient(tx, vault, id);
    await logAccess(tx, { ...access, patientId: id }, now);
    return patient;
  });
}

/** A patient's record with its NIR; the caller logs the access. @throws Problem 404 `no-such-patient`. */
export async function getPatient(tx: Database, vault: NirVault, id: string): Promise<Patient> {
  const [found] = await tx
    .select({ record: patients, sealed: patientNirs })
    .from(patients)
    .leftJoin(patientNirs, eq(patientNirs.patientId, patients.id))
    .where(eq(patients.id, id));
  if (!found) throw new Problem(404, 'no-such-patient');
  const { record, sealed } = found;
  return { record, nir: sealed && openNir(vault, sealed), merged: await findMerged(tx, id) };
}

/** @throws Error when the key is gone. */
function openNir(vault: NirVault, stored: typeof patientNirs.$inferSelect): KnownNir {
  const { patientId, ofParent, provisional } = stored;
  return { nir: vault.openNir(stored, patientId), ofParent, provisional };
}

/** Every record merged into this one, however far, oldest first. */
async function findMerged(tx: Database, id: string): Promise<readonly PatientRecord[]> {
  return tx
    .select()
    .from(patients)
    .where(
      sql`${patients.id} in (with recursive merged (id) as (
        select id from patients where merged_into = ${id}::uuid
        union select patients.id from patients join merged on patients.merged_into = merged.id)
      select id from merged)`,
    )
    .orderBy(patients.createdAt, patients.id);
}

/**
 * Locks a patient's record for a change, but for its key, which acts that are recorded meanwhile refer to. Several are
 * locked in the order of their ids.
 * @throws Problem 404 `no-such-patient`.
 */
export async function lockPatient(tx: Database, id: string): Promise<PatientRecord> {
  const [record] = await tx.select().from(patients).where(eq(patients.id, id)).for('no key update');
  if (!record) throw new Problem(404, 'no-such-patient');
  return record;
}
