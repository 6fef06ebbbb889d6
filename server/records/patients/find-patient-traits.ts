import { eq } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { Problem } from '../../problem.ts';
import type { DeclaredPatient } from '../adverse-events/declaration-document.ts';
import { patients } from './patients.table.ts';

/** What a declaration says of a patient. The caller logs the access. @throws Problem 404 `no-such-patient`. */
export async function getPatientTraits(tx: Database, id: string): Promise<DeclaredPatient> {
  const [found] = await tx
    .select({
      birthFamilyName: patients.birthFamilyName,
      birthGivenNames: patients.birthGivenNames,
      birthDate: patients.birthDate,
      sex: patients.sex,
    })
    .from(patients)
    .where(eq(patients.id, id));
  if (!found) throw new Problem(404, 'no-such-patient');
  return found;
}
