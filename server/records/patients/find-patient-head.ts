import { eq } from 'drizzle-orm';
import type { Database } from '../../database/client.ts';
import { patients } from './patients.table.ts';

export interface PatientHead {
  readonly id: string;
  readonly name: string;
  readonly birthDate: string;
}

/** A patient as every page of the records names them: the name at birth, then the first names, as they are stored. */
export function patientName({
  birthFamilyName,
  birthGivenNames,
}: Pick<typeof patients.$inferSelect, 'birthFamilyName' | 'birthGivenNames'>): string {
  return `${birthFamilyName} ${birthGivenNames}`;
}

/** Whose record a page is about; undefined when there is none. */
export async function findPatientHead(db: Database, id: string): Promise<PatientHead | undefined> {
  const [found] = await db.select().from(patients).where(eq(patients.id, id));
  if (!found) return undefined;
  return { id, name: patientName(found), birthDate: found.birthDate };
}
