import type { Database } from '../../database/client.ts';
import { Problem } from '../../problem.ts';
import { type Access, logAccesses } from '../access-log/log-access.ts';
import { stalePatient, storePatient } from './change-patient.ts';
import { lockPatient, type PatientRecord } from './find-patient.ts';

export interface Merge {
  /** The record that is found no more by itself, and whose acts are shown with the other's. */
  readonly id: string;
  /** The version of it that was seen; undefined: whichever it is now. */
  readonly version?: number | undefined;
  readonly into: string;
  readonly reason: string;
}

/**
 * Says that two records are of one person. Every act stays on the record on which it was entered, so that parting them
 * again gives back exactly what was; the other record's page shows both.
 * @throws Problem 404 `no-such-patient`; 412 `stale-record`; 409 `patient-merged` when one of them already is; 422
 *   `invalid` on `/into` for a record into itself.
 */
export async function mergePatients(
  db: Database,
  { id, version, into, reason }: Merge,
  access: Access,
  now: Date,
): Promise<PatientRecord> {
  if (id === into) {
    const error = { path: '/into', key: 'records-patients.errors.into' };
    throw new Problem(422, 'invalid', { errors: [error] });
  }
  return db.transaction(async (tx) => {
    // In the order of their ids, or two merges of the same records could wait for each other.
    const locked = new Map<string, PatientRecord>();
    for (const each of [id, into].sort()) locked.set(each, await lockPatient(tx, each));
    const [record, kept] = [locked.get(id), locked.get(into)];
    if (!record || !kept) throw new Error('both were just locked');
    if (version !== undefined && record.version !== version) throw await stalePatient(tx, record);
    for (const { mergedInto } of [record, kept])
      if (mergedInto !== null) throw new Problem(409, 'patient-merged', { extensions: { mergedInto } });
    const told = { change: 'merge', reason, by: access.professional.id, now };
    const merged = await storePatient(tx, record, { mergedInto: into }, told);
    await logAccesses(tx, [id, into], access, now);
    return merged;
  });
}

/**
 * Parts a merged record from the one it was merged into: each has again what is its own, what was entered on either
 * since then included.
 * @throws Problem 404 `no-such-patient`; 412 `stale-record`; 409 `patient-not-merged`.
 */
export async function unmergePatients(
  db: Database,
  { id, version, reason }: Omit<Merge, 'into'>,
  access: Access,
  now: Date,
): Promise<PatientRecord> {
  return db.transaction(async (tx) => {
    const record = await lockPatient(tx, id);
    if (version !== undefined && record.version !== version) throw await stalePatient(tx, record);
    if (record.mergedInto === null) throw new Problem(409, 'patient-not-merged');
    const told = { change: 'unmerge', reason, by: access.professional.id, now };
    const parted = await storePatient(tx, record, { mergedInto: null }, told);
    await logAccesses(tx, [id, record.mergedInto], access, now);
    return parted;
  });
}
