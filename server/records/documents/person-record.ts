import { eq } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { Problem } from '../../problem.ts';
import { type Consultation, type Injection, listActs } from '../acts/find-act.ts';
import type { PatientRecord } from '../patients/find-patient.ts';
import { patients } from '../patients/patients.table.ts';

/** All that documents tell of a person: the acts of merged records too, the earliest first. */
export interface PersonRecord {
  readonly patient: PatientRecord;
  /** Neither what was entered in error, nor twice what was entered in two records that were merged. */
  readonly consultations: readonly Consultation[];
  readonly injections: readonly Injection[];
  /** Grows with every act and every change. */
  readonly version: number;
}

/**
 * A person's record as documents tell it; of a record that was merged into another, that other's. The caller logs the
 * access.
 * @throws Problem 404 `no-such-patient`.
 */
export async function getPersonRecord(tx: Database, patientId: string): Promise<PersonRecord> {
  const patient = await findRoot(tx, patientId);
  if (!patient) throw new Problem(404, 'no-such-patient');
  const { consultations, injections, doubles } = await listActs(tx, patient.id);
  const earliestFirst = (one: { readonly occurredAt: Date }, other: { readonly occurredAt: Date }) =>
    one.occurredAt.getTime() - other.occurredAt.getTime();
  return {
    patient,
    consultations: consultations.filter(({ state }) => state === 'recorded').sort(earliestFirst),
    injections: injections.filter(({ state }) => state === 'recorded').sort(earliestFirst),
    version: [patient, ...consultations, ...injections, ...[...doubles.values()].flat()].reduce(
      (sum, { version }) => sum + version,
      0,
    ),
  };
}

/** The record that a record goes on in: itself, unless it was merged. */
async function findRoot(tx: Database, patientId: string): Promise<PatientRecord | undefined> {
  let id = patientId;
  for (;;) {
    const [found] = await tx.select().from(patients).where(eq(patients.id, id));
    if (found === undefined || found.mergedInto === null) return found;
    id = found.mergedInto;
  }
}
