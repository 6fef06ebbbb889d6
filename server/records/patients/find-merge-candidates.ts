import type { Database } from '../../database/client.ts';
import { type Access, logAccesses } from '../access-log/log-access.ts';
import { getPatient, type PatientRecord } from './find-patient.ts';
import { findLikelyDuplicates } from './find-patients.ts';
import type { NirVault } from './nir-vault.ts';

/**
 * A patient's record, and those that may be of the same person; what is shown of each is logged.
 * @throws Problem 404 `no-such-patient`; 503 `access-not-logged`.
 */
export async function findMergeCandidates(
  db: Database,
  vault: NirVault,
  id: string,
  access: Access,
  now: Date,
): Promise<{ readonly record: PatientRecord; readonly candidates: readonly PatientRecord[] }> {
  return db.transaction(async (tx) => {
    const { record, nir } = await getPatient(tx, vault, id);
    const { birthFamilyName: family, birthGivenNames: given, birthDate, sex } = record;
    const asked = { family, given, birthDate, sex, nir: nir?.nir ?? null };
    const found = await findLikelyDuplicates(tx, vault, asked, id);
    const candidates = found.filter(({ mergedInto }) => mergedInto === null);
    await logAccesses(tx, [id, ...candidates.map((each) => each.id)], access, now);
    return { record, candidates };
  });
}
