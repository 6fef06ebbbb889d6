import type { Database } from '../../database/client.ts';
import { Problem } from '../../problem.ts';
import type { Entry, Person } from '../acts/act-entry.ts';
import { mayPrintFor } from './may-sign.ts';
import { getPersonRecord } from './person-record.ts';

/**
 * In whose name a delegate may have a document of a record signed: those who validated something in it and let them
 * print. Whoever may sign needs nobody. The caller logs the access.
 */
export async function findSigners(
  db: Database,
  entry: Entry,
  patientId: string,
  now: Date,
): Promise<readonly Person[]> {
  const { consultations, injections } = await getPersonRecord(db, patientId);
  const validators = new Map<string, Person>();
  for (const { validatedBy } of [...consultations, ...injections]) {
    if (validatedBy) validators.set(validatedBy.id, validatedBy);
  }
  const signers: Person[] = [];
  for (const validator of validators.values()) {
    try {
      await mayPrintFor(db, entry, validator.nationalIdentifier, now);
      signers.push(validator);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  }
  return signers;
}
